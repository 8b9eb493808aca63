//! Small questions that several rows ask of a JSON value.

use serde_json::Value;

/// A member that is there and not `null`; Graph does not tell the two apart.
pub(super) fn member<'a>(of: &'a Value, name: &str) -> Option<&'a Value> {
    of.get(name).filter(|value| !value.is_null())
}

/// A member of an object that is itself a member.
pub(super) fn inner<'a>(event: &'a Value, outer: &str, name: &str) -> Option<&'a Value> {
    member(event, outer).and_then(|outer| member(outer, name))
}

/// The text of a member, if it is text.
pub(super) fn text<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    member(of, name).and_then(Value::as_str)
}

pub(super) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Text, or an integer that Graph reads as text.
pub(super) fn is_text_like(value: &Value) -> bool {
    value.is_string() || value.is_i64() || value.is_u64()
}

/// A number, or text that is one: Meta's own samples show both.
pub(super) fn is_numeric(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::String(text) => {
            text.trim().parse::<f64>().is_ok_and(f64::is_finite)
                && text.chars().any(|c| c.is_ascii_digit())
        }
        _ => false,
    }
}

/// The entries of a list, or the value itself: `user_data` takes both.
pub(super) fn entries(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        single => std::slice::from_ref(single),
    }
}
