curl http://127.0.0.1:8080/v1/track -u my-write-key: -d '{
  "userId": "user-1",
  "event": "Order Completed",
  "properties": { "order_id": "order-1", "revenue": 42.5, "currency": "EUR" },
  "context": { "traits": { "email": "jane@example.com" } }
}'
