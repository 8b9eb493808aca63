//! No input panics: settings and configurations of other systems.

use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;
use segue_settings::move_in;
use serde_json::{Value, json};

/// Words that mean something in settings or in configurations, so that made-up input gets deep.
const WORDS: &[&str] = &[
    "",
    "fields",
    "event_fields",
    "eventFields",
    "destinations",
    "sources",
    "serve",
    "name",
    "write_keys",
    "pixel_id",
    "standardEvents",
    "standard_events",
    "pii_properties",
    "drop",
    "from",
    "to",
    "keep",
    "value",
    "env",
    "file",
    "access_token",
    "event_id",
    "user_data.em",
    "custom_data.x",
    "user_data",
    "properties.a.b",
    "messageId",
    "$.properties.a",
    "Purchase",
    "Order Completed",
    "@path",
    "@if",
    "exists",
    "blank",
    "then",
    "else",
    "@template",
    "{{properties.a}}",
    "{{",
    "@arrayPath",
    "@literal",
    "subscriptions",
    "trigger",
    "type = \"track\" and (event = \"A\" or event = \"B\")",
    "settings",
    "mapping",
    "actionSlug",
    "purchase",
    "custom",
    "pageView",
    "event_name",
    "contents",
    "custom_data",
    "app_data_field",
    "use_app_data",
    "data_processing_options",
    "datasetId",
    "eventsToEvents",
    "blacklistPiiProperties",
    "blacklistPiiHash",
    "actionSource",
    "removeExternalId",
    "eventFilteringOption",
    "whitelistedEvents",
    "config",
    "data",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(WORDS).prop_map(str::to_owned), 1 => any::<String>()]
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        word().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        Just(Value::Null),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn read(path: &str, text: &str) {
    let path = Path::new(path);
    if let Ok(settings) = segue_settings::parse(path, text, Timestamp::UNIX_EPOCH) {
        for destination in &settings.destinations {
            let _ = destination.in_force();
        }
    }
    if let Ok(moved) = move_in::parse(path, text) {
        let file = moved.settings_file("wk_1");
        let written = segue_settings::parse(Path::new("segue.toml"), &file, Timestamp::UNIX_EPOCH);
        assert!(written.is_ok(), "{written:?}\n{file}");
    }
}

proptest! {
    #[test]
    fn any_text_is_settings_or_mistakes(text in any::<String>()) {
        read("segue.toml", &text);
        read("segue.json", &text);
    }

    #[test]
    fn any_json_is_settings_a_configuration_or_mistakes(tree in tree()) {
        read("segue.json", &tree.to_string());
    }

    #[test]
    fn what_is_moved_in_can_be_read(members in prop::collection::btree_map(word(), tree(), 0..12)) {
        let members: Value = Value::Object(members.into_iter().collect());
        read("segue.json", &members.to_string());
    }
}
