//! One dead letter of a list.

use conversions_delivery::{DeadLetter, UnixMillis};
use serde::Serialize;

use crate::time;

/// One dead letter of a list. As JSON, times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLetterRow {
    /// Its id in the log.
    pub id: u64,
    /// `event_id`, if the event can be read.
    pub event_id: Option<String>,
    /// `event_name`, if the event can be read.
    pub event_name: Option<String>,
    /// The destination it was for.
    pub destination: String,
    /// The name of the reason it was given up for.
    pub reason: &'static str,
    /// Meta's error code.
    pub code: Option<i64>,
    /// Meta's error subcode.
    pub subcode: Option<i64>,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was accepted.
    #[serde(serialize_with = "time::serialize")]
    pub first_at: UnixMillis,
    /// When it was given up.
    #[serde(serialize_with = "time::serialize")]
    pub last_at: UnixMillis,
}

impl DeadLetterRow {
    /// The row of a dead letter.
    #[must_use]
    pub fn of(letter: &DeadLetter) -> Self {
        let labels = letter.labels();
        let verdict = letter.verdict.as_ref();
        Self {
            id: letter.id.0,
            event_id: labels.event_id,
            event_name: labels.event_name,
            destination: letter.destination.to_string(),
            reason: letter.reason.name(),
            code: verdict.and_then(|verdict| verdict.code),
            subcode: verdict.and_then(|verdict| verdict.subcode),
            attempts: letter.attempts,
            first_at: letter.first_at,
            last_at: letter.last_at,
        }
    }

    /// Meta's code, with the subcode if there is one, as in `100/2804050`.
    #[must_use]
    pub fn code_text(&self) -> Option<String> {
        let code = self.code?;
        Some(match self.subcode {
            Some(subcode) => format!("{code}/{subcode}"),
            None => code.to_string(),
        })
    }
}
