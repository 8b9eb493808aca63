//! JSON into a tree. `jsonc-parser`, in its strict mode, keeps positions; `serde_json` does not.

use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::tree::{Entry, Node, Value};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Parses JSON, which ends at its first syntax error.
///
/// The messages of the parser are fixed, so they show no secret.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, Vec<(Range<usize>, String)>> {
    let Node { value, span } = parse_value(text)?;
    if let Value::Map(entries) = value {
        return Ok(entries);
    }
    let at = span.start;
    Err(vec![(at..at, "settings must be a JSON object".to_owned())])
}

/// Parses JSON of any type.
pub(crate) fn parse_value(text: &str) -> Result<Node, Vec<(Range<usize>, String)>> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
        let range = error.range();
        // Its sentences begin with a capital letter; ours go on after a colon.
        let mut message = error.kind().to_string();
        if let Some(first) = message.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        vec![(range.start..range.end, message)]
    })?;
    match parsed.value {
        Some(value) => Ok(node(value)),
        None => Err(vec![(
            0..0,
            "the file is empty; the smallest settings are `{}`".to_owned(),
        )]),
    }
}

fn entries(object: ast::Object<'_>) -> Vec<Entry> {
    let entry = |property: ast::ObjectProp<'_>| Entry {
        key_span: property.name.start()..property.name.end(),
        key: property.name.into_string(),
        node: node(property.value),
    };
    object.properties.into_iter().map(entry).collect()
}

fn node(value: ast::Value<'_>) -> Node {
    let span = value.start()..value.end();
    let value = match value {
        ast::Value::StringLit(text) => Value::Text(text.value.into_owned()),
        ast::Value::NumberLit(number) => Value::Number(number.value.to_owned()),
        ast::Value::BooleanLit(flag) => Value::Flag(flag.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(list) => Value::List(list.elements.into_iter().map(node).collect()),
        ast::Value::Object(object) => Value::Map(entries(object)),
    };
    Node { value, span }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_keys_are_kept_so_that_they_can_be_reported() {
        let entries = parse(r#"{"a": 1, "a": null}"#).unwrap_or_default();
        let spans: Vec<_> = entries.iter().map(|entry| entry.key_span.clone()).collect();
        assert_eq!(spans, [1..4, 9..12]);
    }

    #[test]
    fn only_json_passes() {
        for text in [
            "{a: 1}",
            "{'a': 1}",
            r#"{"a": 1,}"#,
            r#"{"a": +1}"#,
            r#"{"a": .5}"#,
            r#"{"a": NaN}"#,
            r#"{"a": "\x41"}"#,
            "// note\n{}",
            "{} {}",
            "[]",
            "",
            r#"{"a" 1}"#,
        ] {
            assert!(parse(text).is_err(), "{text} passed");
        }
    }

    #[test]
    fn deep_nesting_is_a_syntax_error() {
        let deep = format!(r#"{{"a": {}"#, "[".repeat(100_000));
        assert!(parse(&deep).is_err());
    }
}
