//! The laws of completing a message, and a model of it: members merged as JSON values.

use std::time::Duration;

use proptest::prelude::*;
use segment_spec::{Line, Message, Raw};
use serde_json::{Map, Value, json};

use super::{Completion, GeneratedValues};
use crate::request::batch_defaults::BatchDefaults;
use crate::request::enrichment::Enrichment;
use crate::request::times;

const RECEIVED_AT: &str = "2026-11-23T12:00:00.000Z";

/// The paths that the laws look at: members with a field of their own, and others.
const PATHS: [&str; 18] = [
    "context.ip",
    "context.userAgent",
    "context.locale",
    "context.page.url",
    "context.page.title",
    "context.traits.email",
    "context.traits.plan",
    "context.campaign.name",
    "event",
    "integrations.All",
    "integrations.X.id",
    "messageId",
    "originalTimestamp",
    "properties.a",
    "receivedAt",
    "sentAt",
    "timestamp",
    "type",
];

/// The values at [`PATHS`] of a message completed with those of a batch.
fn completed(
    message: &Value,
    batch: &Value,
    kind: Option<&'static str>,
    clock_tolerance: Option<Duration>,
) -> Vec<Value> {
    let batch = batch.to_string();
    let batch = Raw::read(&batch).expect("JSON");
    let member = |key| batch.get(key).filter(|raw| raw.text() != "null");
    let defaults = BatchDefaults::new(
        ["context", "integrations"].map(member),
        ["sentAt", "timestamp"].map(member),
    );
    let received_at = RECEIVED_AT.parse().expect("a time");
    let completion = Completion {
        kind,
        defaults: &defaults,
        enrichment: Enrichment::default(),
        received_at,
        received_at_json: times::write(received_at),
        clock_tolerance,
    };
    let text = message.to_string();
    let line = Line::new(text.as_bytes()).expect("a line");
    let mut generated = GeneratedValues::default();
    let mut message = Message::read(&line).expect("a message");
    completion.complete(&mut message, &mut generated);
    let value = |path: &&str| {
        message.at_path(path).map_or(Value::Null, |raw| {
            serde_json::from_str(raw.text()).expect("JSON")
        })
    };
    PATHS.iter().map(value).collect()
}

/// The value at one of [`PATHS`].
fn at(values: &[Value], path: &str) -> Value {
    let index = PATHS.iter().position(|known| *known == path);
    values[index.expect("a known path")].clone()
}

/// A message completed member by member, as far as the batch is concerned.
fn model(message: &Value, batch: &Value) -> Value {
    let mut model = message.clone();
    for key in ["context", "integrations"] {
        let (own, shared) = (&message[key], &batch[key]);
        let mut merged = match own {
            Value::Null => Map::new(),
            Value::Object(own) => own.clone(),
            _ => continue,
        };
        for (key, value) in shared.as_object().into_iter().flatten() {
            if merged.get(key).is_none_or(Value::is_null) {
                merged.insert(key.clone(), value.clone());
            }
        }
        model[key] = Value::Object(merged);
    }
    if message["sentAt"].is_null() {
        model["sentAt"] = batch["sentAt"].clone();
    }
    if message["timestamp"].is_null() && message["originalTimestamp"].is_null() {
        model["timestamp"] = batch["timestamp"].clone();
    }
    if message["receivedAt"].is_null() {
        model["receivedAt"] = json!(RECEIVED_AT);
    }
    model
}

fn object(
    values: impl Strategy<Value = Value>,
    keys: &'static [&'static str],
) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(prop::sample::select(keys), values, 0..6)
        .prop_map(|members| json!(members))
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => prop_oneof![Just(json!({})), Just(json!(7)), Just(json!(true))],
        4 => "[a-c\"é]{1,3}".prop_map(Value::String),
        2 => object("[a-c]{1,2}".prop_map(Value::String), &["url", "title", "email", "plan", "name", "id"]),
    ]
}

/// A message, or what stands beside a batch.
fn members() -> impl Strategy<Value = Value> {
    const CONTEXT: &[&str] = &["ip", "userAgent", "locale", "page", "traits", "campaign"];
    let time = || {
        prop_oneof![
            Just(Value::Null),
            Just(json!("2026-11-23T11:00:00.000Z")),
            Just(json!("2026-11-23T11:59:55.000Z")),
        ]
    };
    let wrong = || prop_oneof![Just(Value::Null), Just(json!(7))];
    let context = prop_oneof![1 => wrong(), 6 => object(leaf(), CONTEXT)];
    let integrations = prop_oneof![1 => wrong(), 6 => object(leaf(), &["All", "X"])];
    (context, integrations, time(), time(), time()).prop_map(
        |(context, integrations, timestamp, original, sent_at)| {
            json!({"context": context, "integrations": integrations, "timestamp": timestamp,
                "originalTimestamp": original, "sentAt": sent_at, "event": "E", "messageId": "m",
                "type": "track", "properties": {"a": 1}})
        },
    )
}

proptest! {
    #[test]
    fn a_completed_message_reads_as_if_its_members_had_been_merged(message in members(), batch in members()) {
        let model = model(&message, &batch);
        let expected: Vec<_> = PATHS
            .iter()
            .map(|path| model.pointer(&format!("/{}", path.replace('.', "/"))).cloned().unwrap_or_default())
            .collect();
        prop_assert_eq!(completed(&message, &batch, None, None), expected);
    }

    #[test]
    fn members_of_the_message_win_over_those_of_the_batch(message in members(), batch in members()) {
        let alone = completed(&message, &json!({}), None, None);
        let in_batch = completed(&message, &batch, None, None);
        for ((path, alone), in_batch) in PATHS.iter().zip(alone).zip(in_batch) {
            prop_assert!(alone.is_null() || alone == in_batch, "{}", path);
        }
    }
}

const STRAIGHT: Option<Duration> = Some(Duration::from_secs(10));

#[test]
fn a_message_without_a_type_gets_that_of_the_path() {
    for (message, expected) in [
        (json!({}), json!("track")),
        (json!({"type": null}), json!("track")),
        (json!({"type": " "}), json!("track")),
        (json!({"type": "page"}), json!("page")),
    ] {
        let values = completed(&message, &json!({}), Some("track"), STRAIGHT);
        assert_eq!(at(&values, "type"), expected, "{message}");
    }
    let without = completed(&json!({}), &json!({}), None, STRAIGHT);
    assert_eq!(at(&without, "type"), Value::Null);
}

#[test]
fn a_message_without_an_id_gets_a_unique_one() {
    let id = |message| {
        let values = completed(&message, &json!({}), None, STRAIGHT);
        at(&values, "messageId")
    };
    let [one, other] = [json!({}), json!({"messageId": ""})].map(id);
    assert!(one.as_str().is_some_and(|id| id.starts_with("api-")));
    assert_ne!(one, other);
    assert_eq!(id(json!({"messageId": 7})), json!(7));
}

#[test]
fn arrival_is_stamped_anew_unless_segment_has_stamped_it() {
    for (message, tolerance, expected) in [
        (json!({}), STRAIGHT, RECEIVED_AT),
        (json!({"receivedAt": "2026-11-21"}), STRAIGHT, RECEIVED_AT),
        (json!({}), None, RECEIVED_AT),
        (json!({"receivedAt": " "}), None, RECEIVED_AT),
        (json!({"receivedAt": "2026-11-21"}), None, "2026-11-21"),
    ] {
        let values = completed(&message, &json!({}), None, tolerance);
        assert_eq!(at(&values, "receivedAt"), json!(expected), "{message}");
    }
}

#[test]
fn the_time_of_sending_beside_the_batch_corrects_the_messages() {
    let batch = json!({"sentAt": "2026-11-23T11:00:00.000Z"});
    let message = json!({"timestamp": "2026-11-23T10:59:00.000Z"});
    let values = completed(&message, &batch, None, STRAIGHT);
    assert_eq!(at(&values, "timestamp"), json!("2026-11-23T11:59:00.000Z"));
    assert_eq!(at(&values, "originalTimestamp"), message["timestamp"]);
}

#[test]
fn numbers_keep_every_digit() {
    let text = r#"{"integrations":{"X":{"id":0.10}}}"#;
    let shared = Raw::read(r#"{"Y":1e400,"X":{"id":1}}"#);
    let defaults = BatchDefaults::new([None, shared], [None; 2]);
    let own = Raw::read(text).and_then(|message| message.get("integrations"));
    let merged = defaults.merge_integrations(own).expect("merged");
    assert_eq!(merged, r#"{"Y":1e400,"X":{"id":1},"X":{"id":0.10}}"#);
}
