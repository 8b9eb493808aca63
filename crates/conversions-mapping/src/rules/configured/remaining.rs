//! What is left of a property for `custom_data` after rows of the settings used it, or parts of it.

use facebook_conversions::write_str;
use segment_spec::{Property, Raw};

use super::lookup::PROPERTIES;
use crate::context::ConfiguredUse;

/// What is left of a property.
pub(crate) enum Remaining {
    All,
    /// The JSON of what is left of an object.
    Part(String),
    Nothing,
    /// A row of the settings wrote a custom property of the same key.
    Replaced,
}

pub(crate) fn remaining(property: &Property<'_>, used: &ConfiguredUse<'_>) -> Remaining {
    let rests: Vec<&str> = used
        .taken
        .iter()
        .filter_map(|path| path.strip_prefix(PROPERTIES)?.strip_prefix(&*property.key))
        .collect();
    if rests.contains(&"") {
        return Remaining::Nothing;
    }
    if used.custom_keys.iter().any(|key| *key == property.key) {
        let is_source = used
            .used
            .iter()
            .any(|path| path.strip_prefix(PROPERTIES) == Some(&*property.key));
        return if is_source {
            Remaining::Nothing
        } else {
            Remaining::Replaced
        };
    }
    let inner: Vec<&str> = rests
        .iter()
        .filter_map(|rest| rest.strip_prefix('.'))
        .collect();
    if inner.is_empty() {
        return Remaining::All;
    }
    match without(property.value, &inner) {
        Some(text) => Remaining::Part(text),
        None => Remaining::Nothing,
    }
}

/// The JSON of a value without the members at some paths; `None` if nothing is left.
fn without(value: Raw<'_>, paths: &[&str]) -> Option<String> {
    let Some(members) = value.members() else {
        return Some(value.text().to_owned());
    };
    let mut out = String::from("{");
    for member in members {
        let rests: Vec<&str> = paths
            .iter()
            .filter_map(|path| path.strip_prefix(&*member.key))
            .collect();
        if rests.contains(&"") {
            continue;
        }
        let inner: Vec<&str> = rests
            .iter()
            .filter_map(|rest| rest.strip_prefix('.'))
            .collect();
        let left = if inner.is_empty() {
            Some(member.value.text().to_owned())
        } else {
            without(member.value, &inner)
        };
        if let Some(left) = left {
            if out.len() > 1 {
                out.push(',');
            }
            write_str(&member.key, &mut out);
            out.push(':');
            out.push_str(&left);
        }
    }
    out.push('}');
    (out.len() > 2).then_some(out)
}

#[cfg(test)]
mod tests {
    use segment_spec::Raw;

    use super::without;

    #[test]
    fn members_at_the_paths_go_and_empty_objects_with_them() {
        let value = Raw::read(r#"{"ltv":9, "plan":{"a":1.50,"b":[2]},"z":null}"#).expect("JSON");
        assert_eq!(
            without(value, &["ltv"]).as_deref(),
            Some(r#"{"plan":{"a":1.50,"b":[2]},"z":null}"#)
        );
        assert_eq!(
            without(value, &["plan.a", "ltv", "z"]).as_deref(),
            Some(r#"{"plan":{"b":[2]}}"#)
        );
        assert_eq!(without(value, &["plan.a", "plan.b", "ltv", "z"]), None);
        assert_eq!(
            without(value, &["lt", "plan.x"]).as_deref(),
            Some(r#"{"ltv":9,"plan":{"a":1.50,"b":[2]},"z":null}"#)
        );
    }
}
