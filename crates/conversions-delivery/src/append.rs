//! Groups of events that are appended together, and what became of each event.

use bytes::Bytes;
use conversions_transport::NewEvent;

use crate::event::EventKey;

/// Events that are appended together: all of them or none, and durable together.
#[derive(Clone, Debug, Default)]
pub struct AppendGroup {
    /// The events, in order; several destinations may mix.
    pub events: Vec<NewEvent>,
    /// How far an input has been read when these events are in, if it is to be resumed.
    pub offset: Option<InputOffset>,
}

impl AppendGroup {
    /// A group without an input offset.
    #[must_use]
    pub fn new(events: Vec<NewEvent>) -> Self {
        Self {
            events,
            offset: None,
        }
    }

    /// Bytes of all events together.
    #[must_use]
    pub fn event_bytes(&self) -> u64 {
        self.events
            .iter()
            .map(|event| u64::try_from(event.event.len()).unwrap_or(u64::MAX))
            .fold(0, u64::saturating_add)
    }
}

impl From<Vec<NewEvent>> for AppendGroup {
    fn from(events: Vec<NewEvent>) -> Self {
        Self::new(events)
    }
}

/// How far an input has been read. The log keeps it in the same step as the events, so an interrupted run resumes
/// behind it, and appends nothing twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputOffset {
    /// What identifies the input, for instance a digest of its content.
    pub input: InputId,
    /// The last line that is dealt with, counted from 1: appended, skipped or rejected.
    pub line: u64,
    /// What the reader needs to go on, for instance its counts so far. Returned as it is.
    pub note: Bytes,
}

/// What identifies an input across runs: a digest of 128 bits or more, cut to 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputId(pub [u8; 16]);

/// What became of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// For each event of the group, in order.
    pub outcomes: Vec<AppendOutcome>,
}

impl Appended {
    /// How many were duplicates.
    #[must_use]
    pub fn duplicates(&self) -> usize {
        self.outcomes
            .iter()
            .filter(|outcome| **outcome == AppendOutcome::Duplicate)
            .count()
    }
}

/// What became of one event of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// It is in the log.
    Stored(EventKey),
    /// Its `messageId` was there already for its destination, within the window.
    Duplicate,
}
