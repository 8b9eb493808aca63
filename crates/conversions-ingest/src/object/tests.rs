use proptest::prelude::*;

use super::{Object, is_blank, quoted, text};

#[test]
fn values_keep_every_digit_and_every_blank() {
    let sent = r#"{ "a":0.10, "b" : 1e400,"c":[1.0, {"d": 18446744073709551616}] }"#;
    let mut object = Object::read(sent).unwrap_or_default();
    object.set("e", "true");
    assert_eq!(
        object.to_json(),
        r#"{"a":0.10,"b":1e400,"c":[1.0, {"d": 18446744073709551616}],"e":true}"#
    );
}

#[test]
fn the_last_of_repeated_keys_is_the_value_and_a_new_one_takes_the_place_of_all() {
    let mut object = Object::read(r#"{"a":1,"\u0061":2,"b":null}"#).unwrap_or_default();
    assert_eq!((object.get("a"), object.get("b")), (Some("2"), None));
    object.set("a", "3");
    assert_eq!(object.to_json(), r#"{"b":null,"a":3}"#);
}

#[test]
fn filling_adds_what_is_missing_and_null_is_missing() {
    let mut object = Object::read(r#"{"a":1,"b":null}"#).unwrap_or_default();
    let other = Object::read(r#"{"a":9,"b":8,"c":7}"#).unwrap_or_default();
    object.fill_from(&other);
    assert_eq!(
        ["a", "b", "c"].map(|key| object.get(key)),
        [Some("1"), Some("8"), Some("7")]
    );
}

#[test]
fn what_is_no_object_is_none() {
    for text in ["", "[]", "null", "1", "\"{}\"", "{", "{}{}", "{\"a\"}"] {
        assert!(Object::read(text).is_none(), "{text}");
    }
}

#[test]
fn texts_and_blanks() {
    assert_eq!(text(r#""a\"b""#).as_deref(), Some("a\"b"));
    assert_eq!(text("12"), None);
    assert!(is_blank("null") && is_blank("\" \\t\"") && !is_blank("0") && !is_blank("{}"));
}

proptest! {
    #[test]
    fn taking_apart_and_putting_together_changes_no_meaning(
        members in prop::collection::btree_map(".{0,6}", any::<(f64, String)>(), 0..8)
    ) {
        let sent = serde_json::to_string(&members).unwrap_or_default();
        let object = Object::read(&sent).unwrap_or_default();
        prop_assert_eq!(object.len(), members.len());
        prop_assert_eq!(object.to_json(), sent);
    }

    #[test]
    fn quoting_is_undone_by_reading(any in ".*") {
        let quoted = quoted(&any);
        let read = text(&quoted);
        prop_assert_eq!(read.as_deref(), Some(any.as_str()));
    }
}
