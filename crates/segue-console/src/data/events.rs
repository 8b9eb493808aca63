//! What became of events.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was accepted and waits to be sent.
    Accepted,
    /// It waits at a destination that is held.
    Held,
    /// Meta received it.
    Delivered,
    /// It is not for Meta; nothing is wrong.
    Skipped,
    /// No event was made of it, because something is wrong with it.
    Rejected,
    /// It repeats a message that was accepted before.
    Duplicate,
    /// It was given up.
    DeadLettered,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 7] = [
        Self::Accepted,
        Self::Held,
        Self::Delivered,
        Self::Skipped,
        Self::Rejected,
        Self::Duplicate,
        Self::DeadLettered,
    ];

    /// The name in addresses and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::Delivered => "delivered",
            Self::Skipped => "skipped",
            Self::Rejected => "rejected",
            Self::Duplicate => "duplicate",
            Self::DeadLettered => "dead_lettered",
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The outcome in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Accepted => "waiting",
            Self::DeadLettered => "dead letter",
            other => other.name(),
        }
    }

    /// The outcome as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Accepted => "It was accepted and waits to be sent.",
            Self::Held => "It waits, because its destination is held.",
            Self::Delivered => "Meta received it.",
            Self::Skipped => "It is not for Meta. Nothing is wrong.",
            Self::Rejected => "It was rejected: no event can be made of it.",
            Self::Duplicate => {
                "It repeats a message that was accepted before, and is not sent again."
            }
            Self::DeadLettered => "It was given up and is kept as a dead letter.",
        }
    }
}

/// One line of a list of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventSummary {
    /// By which the event is found again: letters, digits, `-`, `_` and `.`.
    pub key: String,
    /// When it came.
    pub at: Timestamp,
    /// The source that sent it.
    pub source: Option<String>,
    /// The destination that it is for.
    pub destination: Option<String>,
    /// Its name.
    pub event_name: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The name of the reason, if there is one.
    pub reason: Option<String>,
    /// The `messageId`, when it is known in clear.
    pub message_id: Option<String>,
}

/// Which events are listed. A condition that is absent is met by all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only those of this source.
    pub source: Option<String>,
    /// Only those for this destination.
    pub destination: Option<String>,
    /// Only those with this outcome.
    pub outcome: Option<Outcome>,
    /// Only those with this reason.
    pub reason: Option<String>,
    /// Only those of this name.
    pub event_name: Option<String>,
    /// At most this many.
    pub limit: usize,
}

/// The latest outcomes.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EventList {
    /// Those that pass the filter, the newest first.
    pub events: Vec<EventSummary>,
    /// How many are remembered in all.
    pub remembered: usize,
    /// The sources among all of them.
    pub sources: Vec<String>,
    /// The reasons among all of them.
    pub reasons: Vec<String>,
    /// The names among all of them.
    pub event_names: Vec<String>,
    /// Whether the trace is switched off.
    pub is_off: bool,
}

/// What a search has found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SearchResult {
    /// The events, the newest first.
    pub events: Vec<EventSummary>,
    /// How far back the search reaches; absent when nothing was traced yet.
    pub since: Option<Timestamp>,
    /// Whether the trace is switched off.
    pub is_off: bool,
}

/// The life of one event.
#[derive(Clone, Debug, Serialize)]
pub struct EventLife {
    /// The line of the list.
    #[serde(flatten)]
    pub summary: EventSummary,
    /// What the reason means.
    pub reason_sentence: Option<String>,
    /// What to change.
    pub advice: Option<String>,
    /// The page of the documentation about it.
    pub more: Option<String>,
    /// The dead letter that it became, if it is still kept.
    pub dead_letter: Option<u64>,
    /// What happened, in order.
    pub steps: Vec<LifeStep>,
    /// Where each field came from; recorded of the latest events only.
    pub fields: Option<EventFields>,
}

/// One step of an event's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LifeStep {
    /// What happened.
    pub kind: StepKind,
    /// When; absent when it is not known.
    pub at: Option<Timestamp>,
    /// Names and values, such as `library` and `attempts`.
    pub facts: Vec<(String, String)>,
}

/// What happened to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A request brought it.
    Received,
    /// The mapping looked at it.
    Mapped,
    /// It was written to the event log.
    Stored,
    /// It was sent.
    Sent,
    /// This was the end of it.
    Ended,
    /// It was a dead letter, and was put back to be sent again.
    Replayed,
}

impl StepKind {
    /// The step as a word.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Received => "Received",
            Self::Mapped => "Mapped",
            Self::Stored => "Stored",
            Self::Sent => "Sent",
            Self::Ended => "End",
            Self::Replayed => "Replayed",
        }
    }
}

/// The fields of an event, and what makes it worth less.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventFields {
    /// The fields, abbreviated, in the order of the event.
    pub fields: Vec<Field>,
    /// Members of the message that are not in the event.
    pub not_used: Vec<UnusedMember>,
    /// What makes the event worth less, in sentences.
    pub warnings: Vec<String>,
}

/// A field of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its path, like `user_data.em`.
    pub field: String,
    /// Its value, abbreviated.
    pub value: String,
    /// The path of its source in the message; absent for a default.
    pub from: Option<String>,
    /// What the mapping did to it.
    pub effect: String,
}

/// A member of the message that is not in the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnusedMember {
    /// Its path.
    pub from: Option<String>,
    /// Why, as a sentence.
    pub why: String,
}
