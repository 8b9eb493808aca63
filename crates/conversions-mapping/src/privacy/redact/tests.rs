use std::borrow::Cow;

use proptest::prelude::*;
use segment_spec::{Line, Message};

use super::redact;
use crate::note::Path;
use crate::privacy::pii::{PiiPolicy, PiiRules};
use crate::settings::PiiProperties;

fn redact_text(json: &str, settings: &PiiProperties) -> Option<(String, Vec<String>)> {
    let line = format!("{{\"properties\":{{\"x\":{json}}}}}");
    let line = Line::new(line.as_bytes()).expect("a line");
    let message = Message::read(&line).expect("a message");
    let value = message.properties.get("x").expect("a property");
    let redacted = redact(value, &PiiRules::new(settings), &[Cow::Borrowed("x")])?;
    let changes = redacted
        .changes
        .into_iter()
        .map(|(keys, policy)| format!("{} {policy:?}", Path::Under("properties", keys)))
        .collect();
    Some((redacted.text, changes))
}

#[test]
fn personal_members_go_at_any_depth_and_nothing_else_changes() {
    for (json, left) in [
        (
            r#"{ "a" : 1.50 , "email":"x" , "b":[ 1, 2 ] }"#,
            r#"{ "a" : 1.50 , "b":[ 1, 2 ] }"#,
        ),
        (r#"{"email":"x"}"#, "{}"),
        (r#"{"email":{"deep":[1,{"a":2}]},"z":0}"#, r#"{"z":0}"#),
        (
            r#"{"a":{"b":[{"First_Name":"Ada","sku":"G-32"}]}}"#,
            r#"{"a":{"b":[{"sku":"G-32"}]}}"#,
        ),
        (
            r#"["a","jane@example.com",{"x":" Jane@Example.com "},3]"#,
            r#"["a",{},3]"#,
        ),
        (r#"["jane@example.com"]"#, "[]"),
        (
            r#"{"note":"ask jane@example.com","c\u006ftact":"jane\u0040example.com","n":1e400}"#,
            r#"{"note":"ask jane@example.com","n":1e400}"#,
        ),
        (r#"{"jane@example.com":true,"a":"\"}]"}"#, r#"{"a":"\"}]"}"#),
    ] {
        let (text, _) = redact_text(json, &PiiProperties::default()).expect("something to cut");
        assert_eq!(text, left);
    }
}

#[test]
fn each_removal_is_listed_with_its_path() {
    let settings = PiiProperties {
        hash: vec!["member_card".into()],
        allow: vec!["mobile".into()],
        ..Default::default()
    };
    let json = r#"{"mobile":"jane@example.com","member_card":" AbC ","lines":[{"member_card":7},{"phone":1}]}"#;
    let (text, changes) = redact_text(json, &settings).expect("something to cut");
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(
        text,
        format!(r#"{{"mobile":"jane@example.com","member_card":"{abc}","lines":[{{}},{{}}]}}"#)
    );
    assert_eq!(
        changes,
        [
            "properties.x.member_card Hash",
            "properties.x.lines[0].member_card Drop",
            "properties.x.lines[1].phone Drop"
        ]
    );
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        prop_oneof![
            Just("jane@example.com".to_owned()),
            "[a-z\"\\\\{}\\[\\],: ]{0,6}"
        ]
        .prop_map(Into::into),
    ];
    let key = prop_oneof![
        Just("email".to_owned()),
        Just("Last_Name".to_owned()),
        "[a-c\"\\\\,}]{0,3}"
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((key.clone(), inner), 0..5)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same cut on parsed JSON.
fn expected(value: &serde_json::Value) -> serde_json::Value {
    let is_email = |value: &serde_json::Value| value == "jane@example.com";
    match value {
        serde_json::Value::Array(items) => items
            .iter()
            .filter(|item| !is_email(item))
            .map(expected)
            .collect(),
        serde_json::Value::Object(members) => members
            .iter()
            .filter(|(key, value)| *key != "email" && *key != "Last_Name" && !is_email(value))
            .map(|(key, value)| (key.clone(), expected(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn redacting_text_equals_redacting_the_parsed_json(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value)? } else { value.to_string() };
        let left = match redact_text(&text, &PiiProperties::default()) {
            Some((left, _)) => left,
            None => text.clone(),
        };
        if value.is_object() || value.is_array() {
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&left)?, expected(&value));
            prop_assert_eq!(left == text, expected(&value) == value);
        }
    }
}

#[test]
fn allow_all_cuts_nothing() {
    let settings = PiiProperties {
        allow: vec!["*".into()],
        ..Default::default()
    };
    assert_eq!(
        redact_text(r#"{"email":"jane@example.com"}"#, &settings),
        None
    );
    assert_eq!(PiiRules::new(&settings).policy("x"), PiiPolicy::Allow);
}
