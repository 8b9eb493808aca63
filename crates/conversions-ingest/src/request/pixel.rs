//! A message in the query of an image's address.

use std::collections::BTreeMap;

use serde::Serialize;
use url::form_urlencoded;

use crate::auth::write_key::decode_base64;

/// How many parts a key with dots may have; keys with more are ignored.
const MAX_KEY_PARTS: usize = 16;

/// The value of the first parameter with this name.
pub(crate) fn query_value(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The message in a query as JSON: base64 in `data`, or else one parameter for each member, with dots in the names of
/// nested ones (`properties.subject`).
pub(crate) fn message(query: &str) -> Option<String> {
    match query_value(query, "data") {
        // A plus sign that was not escaped is decoded as a space.
        Some(data) => String::from_utf8(decode_base64(&data.trim().replace(' ', "+"))?).ok(),
        None => from_parameters(query),
    }
}

/// A member: text, or members of its own.
#[derive(Serialize)]
#[serde(untagged)]
enum Node {
    Text(String),
    Members(BTreeMap<String, Node>),
}

fn from_parameters(query: &str) -> Option<String> {
    let mut message = BTreeMap::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let path: Vec<&str> = key.split('.').collect();
        if path.len() <= MAX_KEY_PARTS {
            insert(&mut message, &path, value.into_owned());
        }
    }
    if message.is_empty() {
        return None;
    }
    serde_json::to_string(&message).ok()
}

/// Adds a value at a path. If a key has both a text and members, the first of them is kept.
fn insert(members: &mut BTreeMap<String, Node>, path: &[&str], value: String) {
    match path {
        [] => {}
        [key] => {
            members
                .entry((*key).to_owned())
                .or_insert(Node::Text(value));
        }
        [key, rest @ ..] => {
            let inner = members
                .entry((*key).to_owned())
                .or_insert_with(|| Node::Members(BTreeMap::new()));
            if let Node::Members(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::message;

    #[test]
    fn a_message_is_read_from_base64_or_from_parameters() {
        let json = r#"{"event":"Opened?>","n":1}"#;
        for data in [
            "eyJldmVudCI6Ik9wZW5lZD8%2BIiwibiI6MX0%3D",
            "eyJldmVudCI6Ik9wZW5lZD8%2BIiwibiI6MX0",
            "eyJldmVudCI6Ik9wZW5lZD8-IiwibiI6MX0",
        ] {
            assert_eq!(
                message(&format!("writeKey=k&data={data}")).as_deref(),
                Some(json),
                "{data}"
            );
        }
        assert_eq!(
            message("userId=a%40b&event=Email+Opened&properties.subject=Hi&properties.a.b=1&properties.a=2").as_deref(),
            Some(r#"{"event":"Email Opened","properties":{"a":{"b":"1"},"subject":"Hi"},"userId":"a@b"}"#)
        );
        assert_eq!(message(""), None);
        assert_eq!(message("data=%%%"), None);
    }

    proptest! {
        #[test]
        fn any_query_is_a_message_or_none(query in "[a-z.&=%+]{0,60}") {
            let read = message(&query).map(|json| serde_json::from_str::<serde_json::Value>(&json).is_ok());
            prop_assert!(query.contains("data=") || read != Some(false));
        }
    }
}
