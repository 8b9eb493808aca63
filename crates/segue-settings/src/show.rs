//! Values in force as plain text, and without what looks like a secret.

use serde_json::Value;

use crate::secret::looks_like_secret;

/// Replaces a text that looks like a secret.
const HIDDEN: &str = "(not shown: it looks like a secret)";

/// The value, with texts that look like a secret replaced.
pub(crate) fn without_secrets(value: Value) -> Value {
    match value {
        Value::String(text) => hidden(&text).into(),
        Value::Array(items) => items.into_iter().map(without_secrets).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (hidden(&key), without_secrets(value)))
            .collect(),
        value => value,
    }
}

/// The text, replaced if it looks like a secret.
pub(crate) fn hidden(text: &str) -> String {
    if looks_like_secret(text) {
        HIDDEN.to_owned()
    } else {
        text.to_owned()
    }
}

/// The value as plain text, a map as one line an entry.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.as_array().is_some_and(Vec::is_empty))
            .map(|(key, value)| match value {
                Value::Array(_) => format!("{key}: {}", plain(value)),
                _ => format!("{key} → {}", plain(value)),
            })
            .collect::<Vec<_>>()
            .join("\n"),
        Value::Number(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use facebook_conversions::StandardEvent;

    use crate::{Destination, SecretSource};

    #[test]
    fn text_that_looks_like_a_secret_is_shown_in_no_setting() {
        let secret = "EAABsbCS1iHgBOsekrit";
        let mut destination = Destination::default();
        let mapping = &mut destination.mapping;
        mapping.test_event_code = Some(secret.to_owned());
        mapping.value_identifier = secret.to_owned();
        mapping.external_id_prop = Some(secret.to_owned());
        mapping.allow_events = vec![secret.to_owned()];
        mapping.pii_properties.drop = vec![secret.to_owned()];
        mapping.content_types = [(secret.to_owned(), secret.to_owned())].into();
        mapping.standard_events = [(secret.to_owned(), StandardEvent::Purchase)].into();
        let shown = format!("{:?}", destination.in_force());
        assert!(!shown.contains("sekrit"), "{shown}");
    }

    #[test]
    fn no_secret_is_shown() {
        let mut destination = Destination::default();
        destination.graph.access_token = Some(SecretSource::Literal("sekrit".into()));
        destination.graph.app_secret = Some(SecretSource::Environment("APP_SECRET".to_owned()));
        let shown = format!("{:?}", destination.in_force());
        assert!(!shown.contains("sekrit"), "{shown}");
    }
}
