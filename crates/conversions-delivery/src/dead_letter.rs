//! Dead letters: events that will not be delivered, and why.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use conversions_transport::{Labels, SendError};
use serde::{Deserialize, Serialize};

use crate::event::EventKey;
use crate::leased::LeasedEvent;
use crate::time::UnixMillis;

/// Why an event became a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeadLetterReason {
    /// Meta refused it, alone in its request.
    Refused,
    /// It grew older than Meta accepts before it could be delivered.
    EventTimeTooOld,
    /// Its request is larger than Meta takes, with no other event in it.
    TooLarge,
    /// Meta kept answering with an error that may or may not pass.
    RetriesExhausted,
    /// Its record in the log is damaged.
    Damaged,
    /// Its message in a log that several machines share was given out again and again, and was never settled: as if each
    /// machine that had it had died.
    PoisonFrame,
}

impl DeadLetterReason {
    /// Every reason, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::Refused,
        Self::EventTimeTooOld,
        Self::TooLarge,
        Self::RetriesExhausted,
        Self::Damaged,
        Self::PoisonFrame,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::EventTimeTooOld => "event_time_too_old",
            Self::TooLarge => "too_large",
            Self::RetriesExhausted => "retries_exhausted",
            Self::Damaged => "damaged",
            Self::PoisonFrame => "poison_frame",
        }
    }

    /// The reason of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

impl fmt::Display for DeadLetterReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An event that will not be delivered unless a person replays it.
#[derive(Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id: the key that it had in the log.
    pub id: EventKey,
    /// Where it was to go.
    pub destination: Arc<str>,
    /// `test_event_code` under which it was to be sent.
    pub test_event_code: Option<Arc<str>>,
    /// The JSON text of the server event, as it was sent: contact data hashed, IP address and user agent in clear.
    pub event: Bytes,
    /// `event_time`: Unix seconds.
    pub event_time: i64,
    /// How old it may be when it is sent.
    pub max_age: Duration,
    /// The line of the input that it came from.
    pub line: Option<u64>,
    /// Why it became a dead letter.
    pub reason: DeadLetterReason,
    /// What Meta said last, if it said anything.
    pub verdict: Option<Verdict>,
    /// Requests that it was part of since the engine started.
    pub attempts: u32,
    /// When it was accepted.
    pub first_at: UnixMillis,
    /// When it became a dead letter.
    pub last_at: UnixMillis,
}

impl DeadLetter {
    /// A dead letter of a leased event.
    #[must_use]
    pub fn new(
        destination: Arc<str>,
        event: LeasedEvent,
        reason: DeadLetterReason,
        now: UnixMillis,
    ) -> Self {
        Self {
            id: event.key,
            destination,
            test_event_code: event.test_event_code,
            event: event.event,
            event_time: event.event_time,
            max_age: event.max_age,
            line: event.line,
            reason,
            verdict: None,
            attempts: 0,
            first_at: event.accepted_at,
            last_at: now,
        }
    }

    /// The event's name and id, read from its JSON text.
    #[must_use]
    pub fn labels(&self) -> Labels {
        Labels::of_event(&self.event)
    }
}

/// Reason and sizes, never the event.
impl fmt::Debug for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter")
            .field("id", &self.id)
            .field("destination", &self.destination)
            .field("reason", &self.reason)
            .field("verdict", &self.verdict)
            .field("attempts", &self.attempts)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// The answer to a request that failed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// HTTP status.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// Graph's `code`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<i64>,
    /// Graph's `error_subcode`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subcode: Option<i64>,
    /// Graph's `message`. It may quote values of the event: for operators, not for logs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// Graph's `error_user_title`, in the language of the token's owner.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_user_title: Option<String>,
    /// Graph's `error_user_msg`, in the language of the token's owner.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_user_msg: Option<String>,
    /// The id by which Meta's support finds the request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fbtrace_id: Option<String>,
}

impl Verdict {
    /// The answer that a failure holds; `None` when nothing answered.
    #[must_use]
    pub fn of(error: &SendError) -> Option<Self> {
        match error {
            SendError::Refused { error, .. } => Some(Self {
                status: Some(error.status()),
                code: error.code(),
                subcode: error.error_subcode(),
                message: error.message().map(str::to_owned),
                error_user_title: error.error_user_title().map(str::to_owned),
                error_user_msg: error.error_user_msg().map(str::to_owned),
                fbtrace_id: error.fbtrace_id().map(str::to_owned),
            }),
            SendError::Unreadable { status, .. } => Some(Self {
                status: Some(*status),
                ..Self::default()
            }),
            _ => None,
        }
    }
}

/// Codes only: the texts may quote values.
impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verdict")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("subcode", &self.subcode)
            .field("fbtrace_id", &self.fbtrace_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_found_by_its_name() {
        for reason in DeadLetterReason::ALL {
            assert_eq!(DeadLetterReason::from_name(reason.name()), Some(reason));
            let json = serde_json::to_string(&reason).expect("a name");
            assert_eq!(json, format!("\"{}\"", reason.name()), "serde agrees");
        }
        assert_eq!(DeadLetterReason::from_name("Refused"), None);
    }
}
