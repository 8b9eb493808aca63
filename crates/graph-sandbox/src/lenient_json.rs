//! Parses one event as Graph would: every JSON text has a value.
//!
//! `serde_json` refuses numbers beyond the range of a double and nesting beyond 128 levels. Custom properties
//! may have both, and no fault depends on them.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

/// No fault depends on members deeper than this.
const DEPTH: usize = 6;

/// Parses a text that is known to be JSON; `None` if it has an escape of half a surrogate pair, which
/// `RawValue` does not check.
///
/// If `serde_json` refuses the text, it is parsed piece by piece: numbers out of range become their text, and
/// members deeper than [`DEPTH`] become `null`.
pub(crate) fn read_value(raw: &RawValue) -> Option<Value> {
    serde_json::from_str(raw.get())
        .ok()
        .or_else(|| read_piecewise(raw, DEPTH))
}

fn read_piecewise(raw: &RawValue, depth: usize) -> Option<Value> {
    let text = raw.get();
    match text.as_bytes().first()? {
        b'{' | b'[' if depth == 0 => Some(Value::Null),
        b'{' => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            members
                .into_iter()
                .map(|(name, raw)| Some((name, read_piecewise(raw, depth - 1)?)))
                .collect()
        }
        b'[' => {
            let entries: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            entries
                .into_iter()
                .map(|raw| read_piecewise(raw, depth - 1))
                .collect()
        }
        b'-' | b'0'..=b'9' => {
            Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))
        }
        _ => serde_json::from_str(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::RawValue};

    use super::read_value;

    fn read(text: &str) -> Option<serde_json::Value> {
        read_value(&RawValue::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn huge_numbers_and_deep_nesting_leave_other_members_readable() {
        assert_eq!(
            read(r#"{"a":1e400,"b":2}"#),
            Some(json!({"a": "1e400", "b": 2}))
        );
        let deep = format!(
            r#"{{"deep":{}1{},"b":2}}"#,
            "[".repeat(10_000),
            "]".repeat(10_000)
        );
        assert_eq!(read(&deep).unwrap()["b"], 2);
    }

    #[test]
    fn half_a_surrogate_pair_is_not_text() {
        assert_eq!(read(r#"{"a":"\ud800"}"#), None);
    }

    #[test]
    fn the_last_of_two_equal_names_wins() {
        assert_eq!(read(r#"{"a":1e400,"a":1}"#), Some(json!({"a": 1})));
    }
}
