//! Laws of rows of the settings.

use conversions_mapping::{DestinationField, FieldRule, MessagePath, Settings};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{map, map_properties, path, rule, settings};

/// Fields, and a value that each takes.
fn any_rule() -> impl Strategy<Value = FieldRule> {
    let fields: Vec<String> = DestinationField::paths()
        .map(str::to_owned)
        .chain(["custom_data.x".to_owned(), "custom_data.name".to_owned()])
        .collect();
    let sources = prop::sample::select(vec![
        "userId",
        "messageId",
        "context.traits.email",
        "context.traits.phone",
        "context.traits",
        "context",
        "context.ip",
        "context.traits.address",
        "context.page.url",
        "properties.a",
        "properties.plan.b",
        "properties.email",
        "properties.order_id",
        "properties.products",
        "properties.revenue",
        "properties",
    ]);
    let sources = prop::collection::vec(sources, 1..4);
    (prop::sample::select(fields), sources, any::<bool>()).prop_map(|(field, sources, keep)| {
        FieldRule {
            keep,
            ..rule(&field, sources.into_iter().map(path).collect())
        }
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(""),
        json!("ada@loaf.example"),
        json!("x"),
        json!(7),
        json!("7"),
        json!(true),
        json!([]),
        json!({}),
        json!([1, "a"]),
        json!({"0": {"id": "a"}}),
        json!("[{\"id\":\"a\"}]"),
        json!({"b": "ada@loaf.example", "c": 1}),
        json!([{"email": "ada@loaf.example"}]),
        json!("+44 20 7946 0321"),
    ])
}

proptest! {
    #[test]
    fn whatever_the_rows_no_contact_data_is_sent_in_clear(
        rules in prop::collection::vec(any_rule(), 0..6), a in any_value(), b in any_value(), order in any_value(), products in any_value(),
    ) {
        let mut rules: Vec<FieldRule> = rules;
        rules.sort_by(|one, other| one.field.cmp(&other.field));
        rules.dedup_by(|one, other| one.field == other.field);
        let members = json!({
            "context": {"ip": "203.0.113.5", "userAgent": "UA", "page": {"url": "https://a.example/?e=ada@loaf.example"},
                "traits": {"email": "ada@loaf.example", "phone": "+44 20 7946 0322", "name": "Ada Lovelace", "address": {"city": "Marylebone"}}},
            "properties": {"a": a, "plan": {"b": b}, "email": "ada@loaf.example", "order_id": order, "products": products, "revenue": 5},
        });
        let outcome = map(settings(rules), &members);
        let event = outcome["event"].to_string();
        prop_assert!(!event.contains("ada@loaf.example"), "{event}");
        prop_assert!(!event.contains("0322") && !event.contains("Lovelace") && !event.contains("Marylebone"), "{event}");
        let notes = outcome["notes"].to_string();
        prop_assert!(!notes.contains('@') && !notes.contains("7946"), "{notes}");
        for key in ["em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country"] {
            let values = match &outcome["event"]["user_data"][key] {
                Value::Array(values) => values.clone(),
                Value::Null => Vec::new(),
                value => vec![value.clone()],
            };
            prop_assert!(values.iter().all(|value| value.as_str().is_some_and(|hash| hash.len() == 64)));
        }
    }

    #[test]
    fn a_row_that_says_what_a_built_in_row_says_changes_no_event(properties in any_value(), traits in any_value(), id in any_value()) {
        let same = [
            ("event_id", "messageId"), ("event_source_url", "context.page.url"), ("user_data.em", "context.traits.email"),
            ("user_data.client_ip_address", "context.ip"), ("user_data.client_user_agent", "context.userAgent"),
            ("custom_data.order_id", "properties.order_id"), ("custom_data.predicted_ltv", "properties.predicted_ltv"),
            ("custom_data.content_ids", "properties.content_ids"), ("custom_data.search_string", "properties.query"),
            ("custom_data.num_items", "properties.num_items"),
        ];
        let rules = same.map(|(field, source)| rule(field, vec![path(source)])).into();
        let members = json!({
            "messageId": "m-2", "context": {"ip": "203.0.113.5, 10.0.0.1", "userAgent": "UA", "page": {"url": "https://a.example/"}, "traits": {"email": traits}},
            "properties": {"order_id": id, "content_ids": properties, "predicted_ltv": id, "num_items": properties, "query": id},
        });
        let (configured, built_in) = (map(settings(rules), &members), map(Settings::default(), &members));
        prop_assert_eq!(&configured["event"], &built_in["event"]);
        prop_assert_eq!(&configured["warnings"], &built_in["warnings"]);
    }

    #[test]
    fn a_list_in_text_is_the_list_itself_but_for_the_note(items in prop::collection::vec(any_value(), 0..4), key in prop::sample::select(vec!["content_ids", "contents", "products"])) {
        let list = Value::from(items);
        let plain = map_properties(Settings::default(), &json!({key: list}));
        let text = map_properties(Settings::default(), &json!({key: list.to_string()}));
        let (mut plain, mut text) = (plain["event"].clone(), text["event"].clone());
        for event in [&mut plain, &mut text] {
            // Products without a usable item are passed on as they are.
            event["custom_data"]["products"] = Value::Null;
        }
        prop_assert_eq!(plain, text);
    }

    #[test]
    fn any_path_and_any_key_is_parsed_or_refused(text in "[a-z.$@\\[\\]{}* ü]{0,20}") {
        let _ = text.parse::<MessagePath>();
        let _ = text.parse::<DestinationField>();
    }
}
