//! Trying a message.

use serde::{Deserialize, Serialize};

use super::{EventFields, LastAnswer, Outcome};

/// A message to try.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct MessageTest {
    /// The Segment message: JSON, or whatever was pasted.
    #[serde(default)]
    pub message: String,
    /// The destination whose mapping is used; the first one if empty.
    #[serde(default)]
    pub destination: String,
    /// The test event code to send the event with.
    #[serde(default)]
    pub test_event_code: String,
    /// Whether the event is sent.
    #[serde(default)]
    pub send: bool,
}

/// What would become of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestResult {
    /// The destination whose mapping was used.
    pub destination: String,
    /// [`Outcome::Accepted`], [`Outcome::Skipped`] or [`Outcome::Rejected`].
    pub outcome: Outcome,
    /// The name of the reason of a skip or a reject.
    pub reason: Option<String>,
    /// The reason as a sentence.
    pub detail: Option<String>,
    /// The event's name.
    pub event_name: Option<String>,
    /// The fields of the event.
    pub fields: EventFields,
    /// What came back, if the event was sent.
    pub answer: Option<TestAnswer>,
}

/// What came back when a test event was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestAnswer {
    /// Whether the event was taken.
    pub is_accepted: bool,
    /// Meta's answer.
    pub answer: LastAnswer,
}
