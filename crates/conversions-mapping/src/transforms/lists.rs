//! Lists that do not come as JSON arrays: shops and tag managers send them as text, PHP sends them as objects with the
//! keys 0, 1, 2, and events with one product sometimes send it without a list.

use std::borrow::Cow;

use segment_spec::{Kind, MAX_DEPTH, Raw};

/// Text longer than this stays text. A list of this length is far more than an event may hold, and decoding the text
/// copies it.
const MAX_TEXT: usize = 256 * 1024;

/// How deep the longest path of a property lies in the message: `properties` and the property itself. The limit on the
/// depth of a line holds for text as if its content were written out.
const DEPTH_OF_PROPERTIES: usize = 2;

/// The JSON text of an array that comes as a string; `None` for any other value, and for a string that is too long, too
/// deep or not an array.
pub(super) fn array_in_text(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    let may_be_array =
        raw.kind() == Kind::String && raw.has_any([b'[']) && raw.text().len() <= MAX_TEXT;
    if !may_be_array {
        return None;
    }
    let text = without_byte_order_mark(raw.as_str()?);
    let is_array = text.trim_start().starts_with('[')
        && depth(&text) + DEPTH_OF_PROPERTIES <= MAX_DEPTH
        && Raw::read(&text).is_some();
    is_array.then_some(text)
}

/// Lists that were read from a file may begin with a byte order mark.
fn without_byte_order_mark(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => text,
    }
}

/// The items of an object whose keys are 0 to n − 1, in the order of the keys; `None` for any other value.
pub(super) fn items_by_index(raw: Raw<'_>) -> Option<Vec<Raw<'_>>> {
    // Most objects are told by their first key, before anything is allocated.
    let mut members = raw.members()?;
    let is_index = |key: &str| key.bytes().all(|byte| byte.is_ascii_digit());
    if !members
        .clone()
        .next()
        .is_some_and(|first| is_index(&first.key))
    {
        return None;
    }
    let count = members.clone().count();
    let mut items = vec![None; count];
    let all_fit = members.all(|member| {
        let index = member.key.parse::<usize>().ok();
        // `01` and `+1` are keys of something else.
        let index = index.filter(|index| index.to_string() == *member.key);
        match index.and_then(|index| items.get_mut(index)) {
            Some(slot) => {
                *slot = Some(member.value);
                true
            }
            None => false,
        }
    });
    // A repeated key leaves an empty place at the end.
    let filled = items
        .iter()
        .rposition(Option::is_some)
        .map_or(0, |last| last + 1);
    items.truncate(filled);
    if all_fit {
        items.into_iter().collect()
    } else {
        None
    }
}

/// How deep arrays and objects are nested in a text; brackets inside of strings do not count.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use segment_spec::{MAX_DEPTH, Raw};

    use super::{DEPTH_OF_PROPERTIES, MAX_TEXT, array_in_text, depth, items_by_index};

    fn in_text(json: &str) -> Option<String> {
        let text = serde_json::to_string(json).expect("a string");
        let raw = Raw::read(&text).expect("JSON");
        array_in_text(raw).map(std::borrow::Cow::into_owned)
    }

    #[test]
    fn arrays_in_text_are_found_and_other_texts_are_not() {
        for json in ["[]", " [1, \"a\"] ", r#"[{"id":"é","a":[[]]}]"#] {
            assert_eq!(in_text(json).as_deref(), Some(json));
        }
        for text in [
            "", "a", "[", "[1,]", "[1] x", "{}", "\"[1]\"", "[\"a]", "(1)",
        ] {
            assert_eq!(in_text(text), None, "{text}");
        }
    }

    #[test]
    fn byte_order_mark_is_not_part_of_the_list() {
        assert_eq!(in_text("\u{feff} [1]").as_deref(), Some(" [1]"));
        assert_eq!(in_text("\u{feff}1"), None);
    }

    #[test]
    fn deep_and_long_texts_stay_text() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(in_text(&nested(MAX_DEPTH - DEPTH_OF_PROPERTIES)).is_some());
        assert!(in_text(&nested(MAX_DEPTH - DEPTH_OF_PROPERTIES + 1)).is_none());
        assert!(in_text(&"[".repeat(MAX_TEXT / 2)).is_none());
        assert!(in_text(&format!("[{}1]", "1,".repeat(MAX_TEXT / 2))).is_none());
        assert_eq!(depth(r#"[{"a":"]]]\"["},[[]]]"#), 3);
    }

    #[test]
    fn objects_with_indices_as_keys_are_lists() {
        let items = |json: &str| {
            let items = items_by_index(Raw::read(json).expect("JSON"))?;
            Some(
                items
                    .into_iter()
                    .map(Raw::text)
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(items(r#"{"0":"a"}"#), Some(vec!["\"a\"".to_owned()]));
        assert_eq!(
            items(r#"{"1":2,"0":1}"#),
            Some(vec!["1".into(), "2".into()])
        );
        assert_eq!(
            items(r#"{"0":1,"0":2}"#),
            Some(vec!["2".into()]),
            "the last one wins"
        );
        for json in [
            "{}",
            r#"{"1":1}"#,
            r#"{"0":1,"2":1}"#,
            r#"{"0":1,"a":1}"#,
            r#"{"00":1}"#,
            r#"{"0":1,"01":1}"#,
            "[1]",
            r#"{"":1}"#,
        ] {
            assert_eq!(items(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\]{}\",:0-9a\\\\ ]{0,40}") {
            let _ = in_text(&text);
            let _ = depth(&text);
        }
    }
}
