//! The explanation of one event as data.

use conversions_mapping::{Mapped, Note, Outcome, is_printable};
use serde::Serialize;
use serde_json::Value;

use super::abbreviate::{abbreviated, value_at};

/// One event, explained: names, and abbreviated values of the server event. No value of the Segment message is shown.
#[derive(Debug, Default, Serialize)]
pub struct Explanation {
    /// Line number in the input, from 1.
    pub line: u64,
    /// `accepted`, `skipped` or `rejected`.
    pub outcome: &'static str,
    /// The name of the reason of a skip or a reject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The reason as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// `event_name` of the server event, unless it could hold contact data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_name: Option<String>,
    /// The test event code that it is sent with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_event_code: Option<String>,
    /// The fields of the server event, in its order.
    pub fields: Vec<ExplainedField>,
    /// Members of the message that are not in the server event.
    pub not_used: Vec<UnusedSource>,
    /// What makes the event worth less.
    pub warnings: Vec<ExplainedWarning>,
}

/// A field of the server event.
#[derive(Debug, Serialize)]
pub struct ExplainedField {
    /// Its path, like `user_data.em`.
    pub field: String,
    /// Its value, abbreviated.
    pub value: String,
    /// The path of its source in the message; `None` for a default.
    pub from: Option<String>,
    /// The name of what the mapping did to it.
    pub effect: &'static str,
}

/// A member of the message that is not in the server event.
#[derive(Debug, Serialize)]
pub struct UnusedSource {
    /// Its path.
    pub from: Option<String>,
    /// The name of the reason.
    pub effect: &'static str,
    /// The reason as a sentence.
    #[serde(skip)]
    pub meaning: &'static str,
}

/// A warning and its meaning.
#[derive(Debug, Serialize)]
pub struct ExplainedWarning {
    /// The name.
    pub warning: &'static str,
    /// The meaning.
    pub sentence: &'static str,
}

impl Explanation {
    /// Explains the outcome of a line. The outcome must have been mapped with notes.
    #[must_use]
    pub fn of(outcome: &Outcome<'_>, line: u64) -> Self {
        let mut explanation = Self {
            line,
            ..Self::default()
        };
        match outcome {
            Outcome::Accepted(mapped) => {
                explanation.outcome = "accepted";
                explanation.add(mapped);
            }
            Outcome::Skipped(reason) => {
                explanation.outcome = "skipped";
                explanation.reason = Some(reason.name());
                explanation.detail = Some(reason.meaning().to_owned());
            }
            Outcome::Rejected(rejection) => {
                explanation.outcome = "rejected";
                explanation.reason = Some(rejection.reason.name());
                explanation.detail = Some(rejection.detail.clone().into_owned());
                if let Some(mapped) = &rejection.mapped {
                    explanation.add(mapped);
                }
            }
        }
        explanation
    }

    fn add(&mut self, mapped: &Mapped<'_>) {
        let name = &mapped.event.event_name;
        self.event_name = Some(if is_printable(name) {
            name.to_string()
        } else {
            "(not shown)".to_owned()
        });
        self.test_event_code = mapped.test_event_code.as_ref().map(ToString::to_string);
        // The event was just written as JSON. Should it not parse, fields are shown without values.
        let event = serde_json::from_str(&mapped.event.to_json()).unwrap_or(Value::Null);
        for note in &mapped.notes {
            self.add_note(note, &event);
        }
        self.fields.sort_by_key(|line| section(&line.field));
        for warning in &mapped.warnings {
            self.warnings.push(ExplainedWarning {
                warning: warning.name(),
                sentence: warning.sentence(),
            });
        }
    }

    fn add_note(&mut self, note: &Note<'_>, event: &Value) {
        let from = note.from.as_ref().map(ToString::to_string);
        let effect = note.effect.name();
        if let Some(path) = &note.field {
            let field = path.to_string();
            let value =
                value_at(event, path).map_or_else(String::new, |value| abbreviated(&field, value));
            self.fields.push(ExplainedField {
                field,
                value,
                from,
                effect,
            });
        } else {
            self.not_used.push(UnusedSource {
                from,
                effect,
                meaning: note.effect.meaning(),
            });
        }
    }

    /// One JSON object on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Names and texts only: serializing them cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The order of the sections: the event's own members, then the user, then the custom data, then the app data.
fn section(field: &str) -> usize {
    const SECTIONS: [&str; 3] = ["user_data.", "custom_data.", "app_data."];
    SECTIONS
        .iter()
        .position(|section| field.starts_with(section))
        .map_or(0, |at| at + 1)
}
