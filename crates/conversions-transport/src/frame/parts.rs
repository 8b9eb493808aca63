//! The parts of a frame: what a log stores of it, and makes it of again.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Frame, FrameEvent};
use crate::DedupKey;

/// What the events of a frame have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FrameHeader {
    /// Name of the destination.
    pub destination: Arc<str>,
    /// Name of the source that the events came from, if they came through one.
    pub source: Option<Arc<str>>,
    /// The `test_event_code` to send the events with.
    pub test_event_code: Option<Arc<str>>,
    /// The key that the only event had before, if it was a dead letter and is sent again.
    pub replay_of: Option<u64>,
}

impl FrameHeader {
    /// A header with a destination only.
    #[must_use]
    pub fn new(destination: Arc<str>) -> Self {
        Self {
            destination,
            source: None,
            test_event_code: None,
            replay_of: None,
        }
    }
}

/// What stands beside the text of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameEntry {
    /// Where its text ends, in the texts of all events. It starts behind the comma that follows the text before it.
    pub end: u32,
    /// How old it may be when Meta receives it, in seconds.
    pub max_age: u32,
    /// `event_time`: Unix seconds.
    pub event_time: i64,
    /// The line of the input that it came from, counted from 1.
    pub line: Option<NonZeroU64>,
    /// By which a repetition is recognised.
    pub dedup_key: Option<DedupKey>,
}

impl FrameEntry {
    /// The entry of an event whose text ends at `end`.
    #[must_use]
    pub fn of(event: &FrameEvent<'_>, end: usize) -> Self {
        Self {
            end: u32::try_from(end).unwrap_or(u32::MAX),
            max_age: seconds(event.max_age),
            event_time: event.event_time,
            line: event.line.and_then(NonZeroU64::new),
            dedup_key: event.dedup_key,
        }
    }
}

/// Whole seconds, as an entry has them.
pub(super) fn seconds(max_age: Duration) -> u32 {
    u32::try_from(max_age.as_secs()).unwrap_or(u32::MAX)
}

/// The parts are not those of a frame: a text ends before the one in front of it, or beyond the end of all texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the texts of a frame do not follow each other")]
pub struct NotAFrame;

impl Frame {
    /// Puts a frame together. `json` has the texts of all events, joined by commas; it is shared, not copied, and not
    /// looked at.
    ///
    /// # Errors
    ///
    /// [`NotAFrame`] when the entries do not fit the texts.
    pub fn from_parts(
        header: Arc<FrameHeader>,
        json: Bytes,
        entries: impl Into<Arc<[FrameEntry]>>,
    ) -> Result<Self, NotAFrame> {
        let entries = entries.into();
        let mut next_start = 0;
        for entry in entries.iter() {
            let end = usize::try_from(entry.end).unwrap_or(usize::MAX);
            if end < next_start || end > json.len() {
                return Err(NotAFrame);
            }
            next_start = end + 1;
        }
        Ok(Self {
            header,
            json,
            range: 0..entries.len(),
            entries,
        })
    }

    /// What the events have in common.
    #[must_use]
    pub fn header(&self) -> &Arc<FrameHeader> {
        &self.header
    }
}
