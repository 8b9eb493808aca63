//! Strategies for property tests: any message or event, with values that look almost valid more often than by chance.

mod event;

use proptest::prelude::*;
use serde_json::{Value, json};

pub use event::event;

/// Any JSON, with values that look almost valid more often than by chance.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("jane.doe@example.com".to_owned()),
        Just("19.90".to_owned()),
        Just("2026-11-23T11:59:30Z".to_owned()),
        Just("https://shop.example/?fbclid=AbC&email=jane.doe%40example.com".to_owned()),
        Just("fb.1.1554763741205.1098115397".to_owned()),
        Just("app".to_owned()),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "email",
            "first_name",
            "product_id",
            "sku",
            "price",
            "quantity",
            "id",
            "url",
            "search",
            "address",
            "traits",
            "page",
            "fbc",
            "ip",
            "type",
            "name",
            "os",
            "version",
            "device",
            "delivery_category",
            "city",
            "zip",
            "phone",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z_]{1,12}",
    ]
}

/// A message in which every member that the mapping reads may have any value.
pub fn message() -> impl Strategy<Value = Value> {
    let known = prop::sample::select(vec![
        "revenue",
        "total",
        "value",
        "currency",
        "products",
        "contents",
        "content_ids",
        "content_type",
        "num_items",
        "query",
        "status",
        "price",
        "product_id",
        "sku",
        "quantity",
        "category",
        "fbc",
        "fbp",
        "order_id",
        "search_string",
        "delivery_category",
        "predicted_ltv",
        "net_revenue",
        "ids",
        "messaging_channel",
        "email",
        "note",
    ]);
    let properties = prop::collection::btree_map(known.prop_map(str::to_owned), value(), 0..8);
    let context = prop::collection::btree_map(
        prop::sample::select(vec![
            "ip",
            "userAgent",
            "page",
            "traits",
            "fbc",
            "device",
            "os",
            "app",
            "screen",
            "locale",
        ])
        .prop_map(str::to_owned),
        value(),
        0..5,
    );
    let name = prop_oneof![
        prop::sample::select(vec![
            "Order Completed",
            "Product Viewed",
            "product_added",
            "Products Searched",
            "Product List Viewed",
            "Signed Up",
            "Purchase",
        ])
        .prop_map(Value::from),
        value(),
    ];
    (properties, context, name, prop::option::of(value()), prop::option::of(value())).prop_map(
        |(properties, context, event, timestamp, integrations)| {
            let mut message = json!({"type": "track", "userId": "u-1", "messageId": "m-1", "event": event,
                "properties": properties, "context": context});
            if let (Some(timestamp), Some(object)) = (timestamp, message.as_object_mut()) {
                object.insert("timestamp".into(), timestamp);
            }
            if let (Some(integrations), Some(object)) = (integrations, message.as_object_mut()) {
                object.insert("integrations".into(), integrations);
            }
            message
        },
    )
}
