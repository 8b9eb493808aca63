//! What is said about one event, before it is said.

use conversions_mapping::{Mapped, Note, Outcome, is_printable};
use serde::Serialize;
use serde_json::Value;

use crate::explain::abbreviate::{abbreviated, value_at};

/// One event explained. Names and abbreviated values of the destination; nothing of the source's values.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Explanation {
    pub(crate) line: u64,
    pub(crate) outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    /// The reason as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) test_event_code: Option<String>,
    /// What was written, in the order of the event.
    pub(crate) fields: Vec<FieldLine>,
    /// What was there and is not in the event.
    pub(crate) not_used: Vec<SourceLine>,
    pub(crate) warnings: Vec<WarningLine>,
}

/// A field of the event.
#[derive(Debug, Serialize)]
pub(crate) struct FieldLine {
    pub(crate) field: String,
    pub(crate) value: String,
    /// Absent for a default.
    pub(crate) from: Option<String>,
    pub(crate) effect: &'static str,
}

/// A source that did not get into the event.
#[derive(Debug, Serialize)]
pub(crate) struct SourceLine {
    pub(crate) from: Option<String>,
    pub(crate) effect: &'static str,
    #[serde(skip)]
    pub(crate) meaning: &'static str,
}

/// Something that makes the event worth less.
#[derive(Debug, Serialize)]
pub(crate) struct WarningLine {
    pub(crate) warning: &'static str,
    pub(crate) sentence: &'static str,
}

impl Explanation {
    pub(crate) fn of(outcome: &Outcome<'_>, line: u64) -> Self {
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
        // An event that was just written is JSON; if it were not, names would still be shown.
        let event = serde_json::from_str(&mapped.event.to_json()).unwrap_or(Value::Null);
        for note in &mapped.notes {
            self.add_note(note, &event);
        }
        self.fields.sort_by_key(|line| section(&line.field));
        for warning in &mapped.warnings {
            self.warnings.push(WarningLine {
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
            self.fields.push(FieldLine {
                field,
                value,
                from,
                effect,
            });
        } else {
            self.not_used.push(SourceLine {
                from,
                effect,
                meaning: note.effect.meaning(),
            });
        }
    }

    /// One object, one line.
    pub(crate) fn to_json(&self) -> String {
        // Names and text only: there is nothing in it that cannot be written as JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Where a field stands: the event's own members, then who, then what, then the rest.
fn section(field: &str) -> usize {
    const SECTIONS: [&str; 3] = ["user_data.", "custom_data.", "app_data."];
    SECTIONS
        .iter()
        .position(|section| field.starts_with(section))
        .map_or(0, |at| at + 1)
}
