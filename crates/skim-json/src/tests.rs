//! Reading agrees with `serde_json`: on what is JSON, on where the rest breaks, and on what every value is.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::value::RawValue;

use crate::{Document, JsonObject, Kind, MAX_DEPTH, NotJson, Raw, Slot, syntax_error_column};

/// A value as far as it matters: scalars by their text, strings decoded, objects by the last of repeated keys.
#[derive(Debug, PartialEq)]
enum Tree {
    Word(String),
    Text(String),
    List(Vec<Tree>),
    Object(BTreeMap<String, Tree>),
}

fn ours(raw: Raw<'_>) -> Tree {
    match raw.kind() {
        Kind::String => Tree::Text(raw.as_str().expect("a string").into_owned()),
        Kind::Array => Tree::List(raw.items().expect("an array").map(ours).collect()),
        Kind::Object => {
            let members = raw.members().expect("an object");
            let named = members.map(|member| (member.key.into_owned(), ours(member.value)));
            Tree::Object(named.collect())
        }
        Kind::Null | Kind::Bool | Kind::Number => Tree::Word(raw.text().to_owned()),
    }
}

fn theirs(text: &str) -> Tree {
    match text.as_bytes().first() {
        Some(b'"') => Tree::Text(serde_json::from_str(text).expect("a string")),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).expect("an array");
            Tree::List(items.into_iter().map(|item| theirs(item.get())).collect())
        }
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> =
                serde_json::from_str(text).expect("an object");
            Tree::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (key, theirs(value.get())))
                    .collect(),
            )
        }
        _ => Tree::Word(text.to_owned()),
    }
}

/// The law: both take the text and see the same in it, or neither takes it.
fn agrees(text: &str) -> Result<(), TestCaseError> {
    // A bracket behind it shows where a number or word ends.
    let text = format!("[{text}]");
    let Ok(document) = Document::new(text.as_bytes()) else {
        return Ok(());
    };
    let text = document.text();
    let value = Raw::read(text);
    prop_assert_eq!(
        value.is_some(),
        syntax_error_column(text).is_none(),
        "{}",
        text
    );
    if let Some(value) = value {
        prop_assert_eq!(value.text(), text.trim_matches([' ', '\t', '\r', '\n']));
        prop_assert_eq!(ours(value), theirs(value.text()));
    }
    let object = format!("{{\"value\":{text}, \"object\":{text}}}");
    let document = Document::new(object.as_bytes());
    let read = document.map(|document| document.read(&mut Holder::default()));
    let expected = syntax_error_column(&object).map_or(Ok(()), |_| Err(NotJson));
    prop_assert_eq!(read, Ok(expected));
    Ok(())
}

/// Keeps one member as it stands and reads another one as an object of the same kind.
#[derive(Default)]
struct Holder<'a> {
    value: Option<Raw<'a>>,
    object: Option<Box<Holder<'a>>>,
    is_present: bool,
}

impl<'a> JsonObject<'a> for Holder<'a> {
    fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a> {
        match key {
            b"value" => Slot::Value(&mut self.value),
            b"object" => Slot::Object(&mut **self.object.get_or_insert_default()),
            _ => Slot::Ignored,
        }
    }

    fn mark_wrong_type(&mut self) {}

    fn is_present(&mut self) -> &mut bool {
        &mut self.is_present
    }
}

fn json() -> impl Strategy<Value = String> {
    let blank = || "[ \t\r\n]{0,2}";
    let escape = prop_oneof![r#"\\["\\/bfnrt]"#, r"\\u[0-9a-fA-F]{4}", r"\\ud83d\\ude00"];
    let piece =
        prop_oneof![6 => "[a-z0-9 {}\\[\\],:é日😀]{0,20}", 1 => escape, 1 => r#"[^"\\\p{C}]{0,4}"#];
    let string = vec(piece, 0..6).prop_map(|pieces| format!("\"{}\"", pieces.concat()));
    let word = prop_oneof![
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?",
        "true|false|null",
    ];
    let leaf = prop_oneof![word, string.clone()];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let spaced = (blank(), inner.clone(), blank()).prop_map(|(a, b, c)| format!("{a}{b}{c}"));
        let member = (blank(), string.clone(), blank(), spaced.clone())
            .prop_map(|(a, key, b, value)| format!("{a}{key}{b}:{value}"));
        prop_oneof![
            vec(spaced, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// JSON with a few characters cut out, doubled or replaced.
fn nearly_json() -> impl Strategy<Value = String> {
    let damage = (
        any::<prop::sample::Index>(),
        0..3u8,
        "[\\[\\]{}\":,\\\\0-9eutn. \u{1}\u{9}é-]",
    );
    (json(), vec(damage, 1..4)).prop_map(|(json, damages)| {
        let mut text: Vec<char> = json.chars().collect();
        for (index, kind, other) in damages {
            if text.is_empty() {
                break;
            }
            let at = index.index(text.len());
            match kind {
                0 => drop(text.remove(at)),
                1 => text.insert(at, text[at]),
                _ => text[at] = other.chars().next().unwrap_or(' '),
            }
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn on_json(text in json()) {
        prop_assert!(syntax_error_column(&text).is_none());
        agrees(&text)?;
    }

    #[test]
    fn on_nearly_json(text in nearly_json()) {
        agrees(&text)?;
    }

    #[test]
    fn on_anything(text in "[\\[\\]{}\":,\\\\0-9a-fnrtu .é\u{0}-\u{20}-]{0,150}") {
        agrees(&text)?;
    }
}

#[test]
fn strings_that_end_wherever_a_block_ends() {
    for length in 0..200 {
        for ending in ["", "\\\\", "\\\"", "\\u00e9", "\\", "\n", "é", "\\u00e"] {
            let text = format!(
                "{{\"k\":\"{}{ending}\",\"l\":[1,\"\\\\\"]}}",
                "x".repeat(length)
            );
            agrees(&text).expect("agreement");
        }
    }
}

#[test]
fn nesting_up_to_the_limit() {
    for levels in [2, 100, 127, MAX_DEPTH] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let inner = if open == "[" { "" } else { "1" };
            let text = format!(
                "{}{inner}{}",
                open.repeat(levels - 2),
                close.repeat(levels - 2)
            );
            agrees(&text).expect("agreement");
        }
    }
}
