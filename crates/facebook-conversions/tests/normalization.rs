//! Every recorded value of every key: raw → normalized → SHA-256.
//!
//! The table is `data/normalization.json`. `raw` is a JSON value as an event holds it: text, an integer for the keys
//! whose values people write as numbers, or a list of those. Of a list, values that cannot be used are
//! left out, and of equal results the first is kept.

use facebook_conversions::hashed::HashedValue;
use facebook_conversions::normalize::{HashedKey, NormalizeContext};
use serde::Deserialize;
use serde_json::Value;

const TABLE: &str = include_str!("data/normalization.json");
const CONTEXT: NormalizeContext = NormalizeContext::in_year(2026);

#[derive(Deserialize)]
struct Row {
    key: String,
    raw: Value,
    expected_normalized: Value,
    expected_sha256: Value,
    note: String,
}

#[test]
fn every_row_of_the_table_holds() {
    let rows: Vec<Row> = serde_json::from_str(TABLE).unwrap();
    assert_eq!(rows.len(), 117);

    let wrong: Vec<String> = rows
        .iter()
        .flat_map(|row| {
            let key = key(&row.key).unwrap();
            let normalized = each(key, &row.raw, |text| key.normalize(text, &CONTEXT));
            let hashed = each(key, &row.raw, |text| hash(key, text));
            let mut wrong = Vec::new();
            if normalized != row.expected_normalized {
                let note = &row.note;
                wrong.push(format!(
                    "{key} {:?} ({note}): normalized {normalized}",
                    row.raw
                ));
            }
            if hashed != row.expected_sha256 {
                wrong.push(format!("{key} {:?}: hashed {hashed}", row.raw));
            }
            wrong
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_rows_for_every_key() {
    let rows: Vec<Row> = serde_json::from_str(TABLE).unwrap();
    for key in HashedKey::ALL.iter().copied() {
        assert!(rows.iter().any(|row| row.key == key.name()), "{key}");
    }
}

fn key(name: &str) -> Option<HashedKey> {
    HashedKey::ALL
        .iter()
        .copied()
        .find(|key| key.name() == name)
}

fn hash(key: HashedKey, text: &str) -> Option<String> {
    key.hash(text, &CONTEXT)
        .map(|value: HashedValue| value.as_str().to_owned())
}

/// `via` of the value, or of each value of a list.
fn each(key: HashedKey, raw: &Value, via: impl Fn(&str) -> Option<String>) -> Value {
    let one = |raw: &Value| {
        text(key, raw)
            .and_then(|text| via(&text))
            .map(Value::String)
    };
    match raw {
        Value::Array(items) => {
            let mut results: Vec<Value> = Vec::new();
            for result in items.iter().filter_map(one) {
                if !results.contains(&result) {
                    results.push(result);
                }
            }
            Value::Array(results)
        }
        single => one(single).unwrap_or(Value::Null),
    }
}

/// A scalar of an event as text. Numbers are read where people write them.
fn text(key: HashedKey, raw: &Value) -> Option<String> {
    let numeric = matches!(
        key,
        HashedKey::Ph | HashedKey::Zp | HashedKey::Db | HashedKey::ExternalId
    );
    match raw {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if numeric && !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}
