//! What is handed to the engine: finished events, in groups.

use bytes::Bytes;
use conversions_transport::NewEvent;

/// Events that are appended together: all of them or none, and durable together.
#[derive(Clone, Debug, Default)]
pub struct AppendGroup {
    /// The events, in order; several destinations may mix.
    pub events: Vec<NewEvent>,
    /// How far an input has been read when these events are in, if it is to be resumed.
    pub checkpoint: Option<Checkpoint>,
}

impl AppendGroup {
    /// A group without a checkpoint.
    #[must_use]
    pub fn new(events: Vec<NewEvent>) -> Self {
        Self {
            events,
            checkpoint: None,
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

/// How far an input has been read, kept in the log in the same step as the events: an interrupted run starts again
/// behind it, and what was appended before is not appended twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// What identifies the input, for instance a digest of its content.
    pub input: InputId,
    /// The last line that is dealt with, counted from 1: appended, skipped or rejected.
    pub line: u64,
    /// Whatever the reader needs to go on, for instance its counts so far. Given back as it is.
    pub note: Bytes,
}

/// What identifies an input across runs: a digest of 128 bits or more, cut to 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputId(pub [u8; 16]);
