//! All about one dead letter.

use conversions_delivery::{DeadLetter, DeadLetterReason, UnixMillis, Verdict};
use facebook_conversions::error_table::classify;
use facebook_conversions::reply::GraphError;
use serde::Serialize;
use serde_json::value::RawValue;

use super::event_text::with_notes;
use super::row::DeadLetterRow;
use crate::time::rfc3339;

/// All about one dead letter: its row, Meta's answer, and the event without IP address and user agent.
#[derive(Clone, Debug, Serialize)]
pub struct DeadLetterDetails {
    /// What a list says.
    #[serde(flatten)]
    pub row: DeadLetterRow,
    /// `event_time`: Unix seconds.
    pub event_time: i64,
    /// RFC 3339: until when Meta accepts the event.
    pub deliverable_until: Option<String>,
    /// The line of the input that it came from.
    pub line: Option<u64>,
    /// The test event code that it was sent with.
    pub test_event_code: Option<String>,
    /// HTTP status of Meta's last answer.
    pub status: Option<u16>,
    /// Meta's message for developers.
    pub message: Option<String>,
    /// Meta's title for people.
    pub error_user_title: Option<String>,
    /// Meta's message for people.
    pub error_user_msg: Option<String>,
    /// Meta's id of the answer.
    pub fbtrace_id: Option<String>,
    /// The meaning of Meta's code, from the table of errors.
    pub meaning: Option<&'static str>,
    /// The event; `None` when the stored text is not JSON.
    pub event: Option<Box<RawValue>>,
}

impl DeadLetterDetails {
    /// The details of a dead letter.
    #[must_use]
    pub fn of(letter: &DeadLetter) -> Self {
        let verdict = letter.verdict.clone().unwrap_or_default();
        Self {
            row: DeadLetterRow::of(letter),
            event_time: letter.event_time,
            deliverable_until: deliverable_until(letter).and_then(rfc3339),
            line: letter.line,
            test_event_code: letter.test_event_code.as_deref().map(str::to_owned),
            meaning: code_meaning(&verdict),
            status: verdict.status,
            message: verdict.message,
            error_user_title: verdict.error_user_title,
            error_user_msg: verdict.error_user_msg,
            fbtrace_id: verdict.fbtrace_id,
            event: with_notes(&letter.event),
        }
    }
}

fn code_meaning(verdict: &Verdict) -> Option<&'static str> {
    let error = GraphError::new(
        verdict.status.unwrap_or(400),
        verdict.code?,
        verdict.subcode,
    );
    Some(classify(&error).sentence)
}

/// Until when Meta accepts the event; `None` for a damaged record, whose time is unknown.
#[must_use]
pub fn deliverable_until(letter: &DeadLetter) -> Option<UnixMillis> {
    (letter.reason != DeadLetterReason::Damaged)
        .then(|| UnixMillis::from_seconds(letter.event_time).plus(letter.max_age))
}

/// The reason that counts at this time: an event that has become too old cannot be sent, whatever it was given up for.
#[must_use]
pub fn reason_now(letter: &DeadLetter, now: UnixMillis) -> DeadLetterReason {
    if deliverable_until(letter).is_some_and(|until| now > until) {
        DeadLetterReason::EventTimeTooOld
    } else {
        letter.reason
    }
}
