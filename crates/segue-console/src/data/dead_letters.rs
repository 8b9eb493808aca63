//! Events that were given up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Field, LastAnswer};

/// Which dead letters are meant. A condition that is absent is met by all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadLetterSelection {
    /// Only this one.
    pub id: Option<u64>,
    /// Only those given up for this reason.
    pub reason: Option<String>,
    /// Only those of this destination.
    pub destination: Option<String>,
    /// Only those given up before this time: those that the person saw who was asked.
    pub until: Option<Timestamp>,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetterPage {
    /// How many to leave out.
    pub offset: usize,
    /// At most this many.
    pub limit: usize,
}

/// What is done with dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadLetterAction {
    /// They are sent again.
    Replay,
    /// They are removed for good.
    Purge,
}

impl DeadLetterAction {
    /// The name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Purge => "purge",
        }
    }
}

/// Dead letters.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeadLetterList {
    /// All that are kept, by destination and reason, whatever is selected.
    pub groups: Vec<DeadLetterGroup>,
    /// How many are selected.
    pub selected: u64,
    /// The part that was asked for, the oldest first.
    pub letters: Vec<DeadLetter>,
    /// How many were asked to be sent again and are not yet.
    pub awaiting_replay: u64,
}

/// Dead letters of one destination and reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeadLetterGroup {
    /// The destination.
    pub destination: String,
    /// The name of the reason.
    pub reason: String,
    /// How many there are.
    pub count: u64,
    /// What the reason means.
    pub meaning: String,
    /// What to do about it.
    pub advice: String,
}

/// One dead letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// Its id.
    pub id: u64,
    /// `event_id`, if the event can be read.
    pub event_id: Option<String>,
    /// `event_name`, if the event can be read.
    pub event_name: Option<String>,
    /// The destination that it was for.
    pub destination: String,
    /// The name of the reason.
    pub reason: String,
    /// What the reason means.
    pub meaning: String,
    /// What to do about it.
    pub advice: String,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was accepted.
    pub first_at: Option<Timestamp>,
    /// When it was given up.
    pub last_at: Option<Timestamp>,
    /// Until when Meta accepts it.
    pub deliverable_until: Option<Timestamp>,
    /// Meta's code, with the subcode if there is one, as in `100/2804050`.
    pub code: Option<String>,
    /// Meta's words: the message for developers, the title and the message for people.
    pub words: Vec<String>,
    /// Meta's last answer.
    pub answer: Option<LastAnswer>,
    /// The fields of the event, abbreviated; only when one letter was asked for.
    pub fields: Vec<Field>,
}

/// What was done with dead letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeadLetterSummary {
    /// How many were put back to be sent again, or removed.
    pub done: u64,
    /// Those that were not put back, because Meta would refuse them again.
    pub refused: Vec<RefusedReplay>,
}

/// A dead letter that was not put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedReplay {
    /// The letter.
    pub id: u64,
    /// The name of the reason.
    pub reason: String,
    /// What to do about it.
    pub advice: String,
}
