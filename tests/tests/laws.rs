//! Laws of the mapping: what holds for every message, whatever it says.
#![expect(
    clippy::expect_used,
    reason = "a test says what went wrong by panicking"
)]

use conversions_mapping::{Mapping, Outcome, Settings};
use e2e::arbitrary::message;
use jiff::Timestamp;
use proptest::prelude::*;
use segment_spec::Line;
use serde_json::{Map, Value, json};

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("a time")
}

/// The outcome as `segue map` writes it.
fn map(bytes: &[u8], settings: Settings) -> Value {
    let mapping = Mapping::new(settings).expect("settings");
    let mut out = String::new();
    mapping
        .mapper()
        .with_notes(true)
        .map_bytes(bytes, now(), |outcome| outcome.write_json(&mut out));
    serde_json::from_str(&out).expect("an outcome is JSON")
}

/// Settings that take every branch that a message can reach.
fn everything_on() -> Settings {
    Settings {
        limited_data_use: true,
        send_page: true,
        send_identify: true,
        extended_standard_events: true,
        external_id_prop: Some("properties.ids".into()),
        content_types: [("Games".to_owned(), "product_group".to_owned())].into(),
        ..Settings::default()
    }
}

/// The same JSON with the members of every object in another order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .rev()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), reversed(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(reversed).collect::<Vec<_>>().join(",")
        ),
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn any_bytes_have_an_outcome(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(map(&bytes, everything_on())["outcome"].is_string());
    }

    #[test]
    fn any_message_has_an_outcome_and_an_event_of_metas_form(message in message(), on in any::<bool>()) {
        let settings = if on { everything_on() } else { Settings::default() };
        let outcome = map(message.to_string().as_bytes(), settings);
        if let Some(event) = outcome.get("event") {
            for key in ["em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country"] {
                for hash in event["user_data"].get(key).into_iter().flat_map(|v| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()])) {
                    let hash = hash.as_str().unwrap_or_default().to_owned();
                    prop_assert!(hash.len() >= 32 && hash.split('.').next().unwrap_or_default().bytes().all(|b| b.is_ascii_hexdigit()));
                }
            }
            prop_assert!(event["event_time"].is_i64() && event["event_name"].is_string());
            prop_assert!(event["custom_data"].get("value").is_none_or(Value::is_number));
            prop_assert!(event["custom_data"].get("contents").is_none_or(|list| list.as_array().is_some_and(|list|
                list.iter().all(|item| item["id"].is_string()))));
        }
    }

    #[test]
    fn the_order_of_keys_does_not_matter(message in message()) {
        let (one, other) = (message.to_string(), reversed(&message));
        let (one, other) = (map(one.as_bytes(), everything_on()), map(other.as_bytes(), everything_on()));
        // Raw values keep the order in which they came; as JSON they are equal.
        prop_assert_eq!(one, other);
    }

    #[test]
    fn passed_through_values_stay_byte_for_byte(
        raw in prop::sample::select(vec![
            "0.10", "1e400", "-0.0", "18446744073709551616", "{ \"b\" : 1 , \"a\":[ ] }", "\"\\u00e9\\/\"", "null", "\"\"",
            "[1 ,2]", "{\"x\":1,\"x\":2}", "true", "\" \"",
        ])
    ) {
        let message = format!(
            "{{\"type\":\"track\",\"event\":\"Signed Up\",\"userId\":\"u\",\"properties\":{{\"anything\":{raw}}}}}"
        );
        let mapping = Mapping::new(Settings::default()).expect("settings");
        let line = Line::new(message.as_bytes()).expect("a line");
        let Outcome::Accepted(mapped) = mapping.mapper().map(&line, now()) else { panic!("not accepted") };
        let json = mapped.event.to_json();
        prop_assert!(json.contains(&format!("\"anything\":{raw}")), "{}", json);
    }

    #[test]
    fn notes_and_details_hold_nothing_personal(key in "[a-z@.0-9 ]{1,20}", deep in any::<bool>()) {
        let planted = "jane.planted@example.com";
        let inner: Map<String, Value> = [(key.clone(), json!(planted)), (planted.to_owned(), json!(1))].into_iter().collect();
        let properties = if deep { json!({"lines": [inner], "revenue": planted}) } else { Value::Object(inner) };
        let message = json!({"type": "track", "event": "Order Completed", "userId": planted, "messageId": "m",
            "timestamp": planted, "receivedAt": "2026-11-23T11:59:30Z",
            "context": {"ip": planted, "traits": {"email": planted, "phone": planted, "name": planted},
                "page": {"url": format!("https://shop.example/{planted}?a={planted}#{planted}")}},
            "properties": properties});
        let outcome = map(message.to_string().as_bytes(), Settings::default());
        prop_assert!(!outcome.to_string().contains("planted"), "{}", outcome);
    }
}
