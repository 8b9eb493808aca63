//! Messages to start from. The tester takes a missing time stamp for now.

pub(super) const ALL: [(&str, &str); 3] = [
    (
        "An order in a shop",
        r#"{
  "type": "track",
  "event": "Order Completed",
  "userId": "u-1",
  "messageId": "test-1",
  "context": {
    "traits": { "email": "ada@example.com" },
    "page": { "url": "https://shop.example.com/thanks" },
    "userAgent": "Mozilla/5.0",
    "ip": "203.0.113.7"
  },
  "properties": {
    "order_id": "o-1",
    "revenue": 19.9,
    "currency": "EUR",
    "products": [{ "product_id": "p-1", "price": 19.9, "quantity": 1 }]
  }
}"#,
    ),
    (
        "An order without a currency",
        r#"{
  "type": "track",
  "event": "Order Completed",
  "userId": "u-1",
  "messageId": "test-2",
  "properties": { "order_id": "o-2", "revenue": 19.9 }
}"#,
    ),
    (
        "A message that is rejected: nothing says whose it is",
        r#"{
  "type": "track",
  "event": "Order Completed",
  "messageId": "test-3",
  "properties": { "order_id": "o-3", "revenue": 19.9, "currency": "EUR" }
}"#,
    ),
];
