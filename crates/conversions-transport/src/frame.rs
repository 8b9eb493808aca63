//! Events that are accepted, stored and sent together.

use std::fmt;
use std::iter::FusedIterator;
use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::DedupKey;

mod builder;
mod parts;
pub use builder::FrameBuilder;
pub use parts::{FrameEntry, FrameHeader, NotAFrame};

/// Events of one destination and one test code that were accepted together: what an event log stores and a request is
/// made of.
///
/// The JSON texts of the events lie back to back, joined by commas, as they stand in a request. Beside them is what
/// delivery needs of each event. A frame never changes; [cloning](Clone) and [slicing](Self::slice) share its memory.
///
/// ```
/// use conversions_transport::FrameBuilder;
/// use facebook_conversions::ServerEvent;
///
/// let mut builder = FrameBuilder::new("shop".into());
/// for id in ["m-1", "m-2", "m-3"] {
///     let mut event = ServerEvent::new("Lead", 1_767_225_600);
///     event.event_id = Some(id.into());
///     builder.add_server_event(&event, None, None);
/// }
/// let frames = builder.finish();
/// let last_two = frames[0].slice(1..3);
/// assert_eq!(last_two.len(), 2);
/// assert!(last_two.json().starts_with(br#"{"event_name":"Lead""#));
/// assert!(!format!("{last_two:?}").contains("Lead"), "events are not for logs");
/// ```
#[derive(Clone)]
pub struct Frame {
    header: Arc<FrameHeader>,
    /// The texts of all events, also of those outside of `range`.
    json: Bytes,
    entries: Arc<[FrameEntry]>,
    range: Range<usize>,
}

/// One event of a [`Frame`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FrameEvent<'a> {
    /// The JSON text of the server event.
    pub json: &'a [u8],
    /// `event_time`: Unix seconds.
    pub event_time: i64,
    /// How old it may be when Meta receives it, in whole seconds.
    pub max_age: Duration,
    /// By which a repetition is recognised; an event without one is never a duplicate.
    pub dedup_key: Option<DedupKey>,
    /// The line of the input that it came from, counted from 1.
    pub line: Option<u64>,
}

impl Frame {
    /// The most events that a frame has.
    pub const MAX_EVENTS: usize = 4096;

    /// Name of the destination.
    #[must_use]
    pub fn destination(&self) -> &Arc<str> {
        &self.header.destination
    }

    /// Name of the source that the events came from, if they came through one.
    #[must_use]
    pub fn source(&self) -> Option<&Arc<str>> {
        self.header.source.as_ref()
    }

    /// The `test_event_code` to send the events with.
    #[must_use]
    pub fn test_event_code(&self) -> Option<&Arc<str>> {
        self.header.test_event_code.as_ref()
    }

    /// Number of events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether there is no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The JSON texts of the events, joined by commas. Shared, not copied.
    #[must_use]
    pub fn json(&self) -> Bytes {
        self.json.slice(self.text_range(&self.range))
    }

    /// Bytes of the events' texts, without the commas between them: the bytes of two halves add up to those of the
    /// whole.
    #[must_use]
    pub fn event_bytes(&self) -> usize {
        self.bytes_in(&self.range)
    }

    /// Some of the events, which share the memory of all. A range that reaches beyond the end is cut.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self {
            range: self.absolute(range),
            ..self.clone()
        }
    }

    /// How many of the first events have `bytes` bytes at most.
    #[must_use]
    pub fn count_within(&self, bytes: usize) -> usize {
        let Range { start, end } = self.range;
        let (mut fits, mut too_many) = (start, end + 1);
        while too_many - fits > 1 {
            let middle = fits.midpoint(too_many);
            if self.bytes_in(&(start..middle)) <= bytes {
                fits = middle;
            } else {
                too_many = middle;
            }
        }
        fits - start
    }

    /// How many of the first events have the same age limit as the first one.
    #[must_use]
    pub fn same_age_prefix(&self) -> usize {
        let entries = self.entries.get(self.range.clone()).unwrap_or_default();
        let first = entries.first().map(|entry| entry.max_age);
        let differs = |entry: &FrameEntry| Some(entry.max_age) != first;
        entries.iter().position(differs).unwrap_or(entries.len())
    }

    /// The event at a place, counted from 0.
    #[must_use]
    pub fn event(&self, index: usize) -> Option<FrameEvent<'_>> {
        let at = self.range.start.checked_add(index)?;
        if at >= self.range.end {
            return None;
        }
        let entry = self.entries.get(at)?;
        Some(FrameEvent {
            json: self.json.get(self.text_range(&(at..at + 1)))?,
            event_time: entry.event_time,
            max_age: Duration::from_secs(entry.max_age.into()),
            dedup_key: entry.dedup_key,
            line: entry.line.map(NonZeroU64::get),
        })
    }

    /// The JSON text of the event at a place, counted from 0. Shared, not copied; empty when there is no such event.
    #[must_use]
    pub fn event_json(&self, index: usize) -> Bytes {
        self.slice(index..index.saturating_add(1)).json()
    }

    /// The events, in order.
    pub fn events(&self) -> impl ExactSizeIterator<Item = FrameEvent<'_>> + FusedIterator {
        Events {
            frame: self,
            next: 0,
        }
    }

    fn absolute(&self, range: Range<usize>) -> Range<usize> {
        let at = |index: usize| self.range.start.saturating_add(index).min(self.range.end);
        let (start, end) = (at(range.start), at(range.end));
        start..end.max(start)
    }

    /// Where the texts of events stand, the commas between them included.
    fn text_range(&self, events: &Range<usize>) -> Range<usize> {
        if events.is_empty() {
            return 0..0;
        }
        let end_of = |index: usize| {
            let entry = self.entries.get(index);
            entry.map_or(0, |entry| usize::try_from(entry.end).unwrap_or(usize::MAX))
        };
        let start = events
            .start
            .checked_sub(1)
            .map_or(0, |last| end_of(last) + 1);
        start..end_of(events.end - 1)
    }

    fn bytes_in(&self, events: &Range<usize>) -> usize {
        let commas = events.len().saturating_sub(1);
        self.text_range(events).len().saturating_sub(commas)
    }
}

/// The events of a frame, in order.
struct Events<'a> {
    frame: &'a Frame,
    next: usize,
}

impl<'a> Iterator for Events<'a> {
    type Item = FrameEvent<'a>;

    fn next(&mut self) -> Option<FrameEvent<'a>> {
        let event = self.frame.event(self.next)?;
        self.next += 1;
        Some(event)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.frame.len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Events<'_> {}
impl FusedIterator for Events<'_> {}

/// Whether the events are the same, not whether memory is shared.
impl PartialEq for Frame {
    fn eq(&self, other: &Self) -> bool {
        self.header == other.header && self.events().eq(other.events())
    }
}

impl Eq for Frame {}

/// Names and sizes, never the events: these hold IP addresses and user agents in clear.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("destination", &self.header.destination)
            .field("source", &self.header.source)
            .field("events", &self.len())
            .field("event_bytes", &self.event_bytes())
            .finish_non_exhaustive()
    }
}

/// Times and sizes, never the event.
impl fmt::Debug for FrameEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameEvent")
            .field("event_bytes", &self.json.len())
            .field("event_time", &self.event_time)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
