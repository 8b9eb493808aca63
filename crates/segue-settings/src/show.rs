//! What is in force, for people and programs, secrets redacted.

use serde_json::{Value, json};

use crate::destination::Destination;
use crate::secret::{SecretSource, looks_like_secret};
use crate::table::{Kind, Setting};

impl Setting {
    /// The value in force as JSON, in the form in which a settings file gives it; null when nothing is set. What looks
    /// like a secret is not shown, wherever it has slipped into.
    pub(crate) fn value(&self, destination: &Destination) -> Value {
        match self.kind {
            // Where a secret comes from; a path can look like one.
            Kind::Secret(_) => self.raw_value(destination),
            _ => without_secrets(self.raw_value(destination)),
        }
    }

    fn raw_value(&self, destination: &Destination) -> Value {
        // Places are given for writing; what is written here is a copy.
        let copy = &mut destination.clone();
        match self.kind {
            Kind::Flag(place) => json!(*place(copy)),
            Kind::Count(place, _) => json!(*place(copy)),
            Kind::Text(rule) => (rule.show)(copy).map_or(Value::Null, Value::from),
            Kind::Secret(place) => place(copy).as_ref().map_or(Value::Null, secret),
            Kind::Names(place) => json!(place(copy)),
            Kind::TextMap(place) => json!(place(copy)),
            Kind::EventMap(place) => place(copy)
                .iter()
                .map(|(event, target)| (event.clone(), Value::from(target.name())))
                .collect(),
            Kind::DataProcessing(place) => {
                let options: &[&str] = if place(copy).is_limited() {
                    &["LDU"]
                } else {
                    &[]
                };
                json!([options, place(copy).country(), place(copy).state()])
            }
            Kind::Personal(place) => {
                let lists = place(copy);
                json!({ "drop": lists.drop, "hash": lists.hash, "allow": lists.allow })
            }
        }
    }

    /// The value in force for people; empty when nothing is set.
    pub(crate) fn shown(&self, destination: &Destination) -> String {
        match (self.kind, self.value(destination)) {
            (Kind::Secret(place), _) => {
                let copy = &mut destination.clone();
                place(copy)
                    .as_ref()
                    .map_or_else(String::new, ToString::to_string)
            }
            (Kind::DataProcessing(_), value) => value.to_string(),
            (_, value) => plain(&value),
        }
    }
}

/// Where a secret comes from, never what it is.
fn secret(source: &SecretSource) -> Value {
    match source {
        SecretSource::Environment(name) => json!({ "env": name }),
        SecretSource::File(path) => json!({ "file": path.display().to_string() }),
        SecretSource::Literal(_) => json!("(redacted)"),
    }
}

/// What stands for a text that looks like a secret.
const HIDDEN: &str = "(not shown: it looks like a secret)";

fn without_secrets(value: Value) -> Value {
    let hide = |text: String| {
        if looks_like_secret(&text) {
            HIDDEN.to_owned()
        } else {
            text
        }
    };
    match value {
        Value::String(text) => hide(text).into(),
        Value::Array(items) => items.into_iter().map(without_secrets).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (hide(key), without_secrets(value)))
            .collect(),
        value => value,
    }
}

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

    use super::*;
    use crate::table::SETTINGS;

    #[test]
    fn what_looks_like_a_secret_is_not_shown_wherever_it_stands() {
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
        for setting in SETTINGS {
            let shown = format!(
                "{} {}",
                setting.value(&destination),
                setting.shown(&destination)
            );
            assert!(!shown.contains("sekrit"), "{shown}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        let mut destination = Destination::default();
        destination.graph.access_token = Some(SecretSource::Literal("sekrit".into()));
        destination.graph.app_secret = Some(SecretSource::Environment("APP_SECRET".to_owned()));
        for setting in SETTINGS {
            let shown = format!(
                "{} {}",
                setting.value(&destination),
                setting.shown(&destination)
            );
            assert!(!shown.contains("sekrit"), "{shown}");
        }
    }
}
