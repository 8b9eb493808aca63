//! The outcome of mapping a message: accepted with a server event, skipped, or rejected.

use std::borrow::Cow;

use facebook_conversions::validation::{Violation, Warning};
use facebook_conversions::{ServerEvent, write_str};
use segment_spec::ReadError;

use crate::note::{Note, named};

named! {
    /// Why a message is skipped: this destination does not handle it, and nothing is wrong with it.
    pub enum SkipReason {
        NotTrack = "not_track" => "the message is not a Track call",
        IntegrationDisabled = "integration_disabled" => "its integrations switch this destination off",
        Filtered = "filtered" => "the settings filter this event out",
        NoConsent = "no_consent" => "the user has not agreed to a category that the settings require",
        Duplicate = "duplicate" => "a message with this messageId has been taken before",
    }
}

named! {
    /// Why no event can be built from a message.
    pub enum MessageFault {
        LineTooLong = "line_too_long" => "the line is longer than 4 MB",
        InvalidJson = "invalid_json" => "the line is not JSON, not UTF-8, or nests deeper than 128 levels",
        NotAnObject = "not_an_object" => "the line holds JSON that is not an object",
        NotAMessage = "not_a_message" => "the object has neither type nor event; it is no Segment message",
        MissingEventName = "missing_event_name" => "a Track call needs an event name, a text that is not blank",
        EventNameTooLong = "event_name_too_long" => "the custom event name has more than 50 characters",
        InvalidActionSource = "invalid_action_source" => "the action source is none of Meta's values",
        InvalidTimestamp = "invalid_timestamp" => "the message has times, and none of them can be read",
    }
}

/// Why an event that should have been sent cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// No event can be built.
    Message(MessageFault),
    /// Meta would refuse the event.
    Event(Violation),
}

impl RejectReason {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Message(fault) => fault.name(),
            Self::Event(violation) => violation.name(),
        }
    }

    /// A sentence for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Message(fault) => fault.meaning(),
            Self::Event(violation) => violation.sentence(),
        }
    }
}

/// The outcome of mapping one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// An event to send.
    Accepted(Box<Mapped<'a>>),
    /// Not for this destination.
    Skipped(SkipReason),
    /// Should have been sent and cannot be.
    Rejected(Rejection<'a>),
}

/// An event, and what mapping found out about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped<'a> {
    /// The event to send.
    pub event: ServerEvent<'a>,
    /// Where each field came from; empty unless asked for.
    pub notes: Vec<Note<'a>>,
    /// What reduces the use of the event to Meta, in the order of the documentation.
    pub warnings: Vec<Warning>,
    /// The test event code that it is sent with.
    pub test_event_code: Option<Cow<'a, str>>,
    /// The members of `user_data` that only a memory had, as bits like those of
    /// [`UserData::present_bits`](facebook_conversions::UserData::present_bits).
    pub remembered_keys: u64,
}

/// A message that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection<'a> {
    /// The first reason found.
    pub reason: RejectReason,
    /// Details beyond the reason, without values of the message.
    pub detail: Cow<'static, str>,
    /// The event, if one was built and Meta would refuse it.
    pub mapped: Option<Box<Mapped<'a>>>,
}

impl Outcome<'_> {
    /// Writes the outcome as one JSON object, without a line end.
    ///
    /// Notes and warnings of an accepted event are written even when there are none.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Self::Accepted(mapped) => {
                out.push_str("{\"outcome\":\"accepted\",\"event\":");
                mapped.event.write_json(out);
                mapped.write_annotations(out);
                if let Some(code) = &mapped.test_event_code {
                    out.push_str(",\"test_event_code\":");
                    write_str(code, out);
                }
            }
            Self::Skipped(reason) => {
                out.push_str("{\"outcome\":\"skipped\",\"reason\":\"");
                out.push_str(reason.name());
                out.push('"');
            }
            Self::Rejected(rejection) => {
                out.push_str("{\"outcome\":\"rejected\",\"reason\":\"");
                out.push_str(rejection.reason.name());
                out.push_str("\",\"detail\":");
                write_str(&rejection.detail, out);
                if let Some(mapped) = &rejection.mapped {
                    out.push_str(",\"event\":");
                    mapped.event.write_json(out);
                }
            }
        }
        out.push('}');
    }
}

impl Mapped<'_> {
    fn write_annotations(&self, out: &mut String) {
        out.push_str(",\"notes\":[");
        for (index, note) in self.notes.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            note.write_json(out);
        }
        out.push_str("],\"warnings\":[");
        for (index, warning) in self.warnings.iter().enumerate() {
            out.push_str(if index > 0 {
                ",{\"warning\":\""
            } else {
                "{\"warning\":\""
            });
            out.push_str(warning.name());
            out.push_str("\"}");
        }
        out.push(']');
    }
}

impl Rejection<'_> {
    /// The rejection of a message from which no event can be built.
    pub(crate) fn of_message(fault: MessageFault) -> Self {
        Self {
            reason: RejectReason::Message(fault),
            detail: Cow::Borrowed(fault.meaning()),
            mapped: None,
        }
    }
}

impl From<ReadError> for Outcome<'_> {
    fn from(error: ReadError) -> Self {
        let fault = match error {
            ReadError::LineTooLong => MessageFault::LineTooLong,
            ReadError::NotUtf8(_) | ReadError::NotJson { .. } | ReadError::TooDeep => {
                MessageFault::InvalidJson
            }
            ReadError::NotAnObject => MessageFault::NotAnObject,
        };
        Self::Rejected(Rejection {
            reason: RejectReason::Message(fault),
            detail: Cow::Owned(error.to_string()),
            mapped: None,
        })
    }
}
