//! Makes frames out of events.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use facebook_conversions::{ActionSource, ServerEvent};

use super::parts::seconds;
use super::{Frame, FrameEntry, FrameHeader};
use crate::{DedupKey, NewEvent};

/// A frame is closed before its texts exceed this, unless it has one event only. Far more than a request has.
const MAX_BYTES: usize = 16 << 20;

/// Makes [`Frame`]s out of the events of one destination, in order. A frame ends where the test code changes, and when
/// it is full.
///
/// Events are written straight into the memory of the frame.
#[derive(Debug)]
pub struct FrameBuilder {
    header: Arc<FrameHeader>,
    json: String,
    entries: Vec<FrameEntry>,
    closed: Vec<Frame>,
    max_events: usize,
    max_bytes: usize,
    closed_bytes: usize,
}

/// What a frame needs of an event besides its text.
struct Facts {
    event_time: i64,
    max_age: Duration,
    dedup_key: Option<DedupKey>,
    line: Option<u64>,
}

impl FrameBuilder {
    /// No events yet.
    #[must_use]
    pub fn new(destination: Arc<str>) -> Self {
        Self {
            header: Arc::new(FrameHeader::new(destination)),
            json: String::new(),
            entries: Vec::new(),
            closed: Vec::new(),
            max_events: Frame::MAX_EVENTS,
            max_bytes: MAX_BYTES,
            closed_bytes: 0,
        }
    }

    /// Sets the source that the events come from. Call it before adding events.
    #[must_use]
    pub fn with_source(mut self, source: Arc<str>) -> Self {
        Arc::make_mut(&mut self.header).source = Some(source);
        self
    }

    /// Sets how many events a frame has at most, and how many bytes, unless a single event has more.
    #[must_use]
    pub fn with_limits(mut self, events: usize, bytes: usize) -> Self {
        self.max_events = events.clamp(1, Frame::MAX_EVENTS);
        self.max_bytes = bytes.min(MAX_BYTES);
        self
    }

    /// Reserves memory for this many events with this many bytes of text.
    #[must_use]
    pub fn with_capacity(mut self, events: usize, bytes: usize) -> Self {
        self.entries.reserve(events.min(self.max_events));
        self.json.reserve(bytes.min(self.max_bytes));
        self
    }

    /// Adds a server event; `line` is the line of the input that it came from.
    ///
    /// `event_id` is what a repetition is recognised by. Without an `action_source` the event counts as one from a
    /// website.
    pub fn add_server_event(
        &mut self,
        event: &ServerEvent<'_>,
        test_event_code: Option<&str>,
        line: Option<u64>,
    ) {
        let action_source = event.action_source.unwrap_or(ActionSource::Website);
        let message_id = event.event_id.as_deref();
        let facts = Facts {
            event_time: event.event_time,
            max_age: action_source.max_age(),
            dedup_key: message_id.map(|id| DedupKey::new(&self.header.destination, id)),
            line,
        };
        self.set_test_event_code(test_event_code);
        self.add(&facts, |json| event.write_json(json));
    }

    /// Adds a finished event. Its destination and source are not looked at.
    ///
    /// A text that is not UTF-8 is no JSON either; it is kept with U+FFFD in place of what cannot be read.
    pub fn add_new_event(&mut self, event: &NewEvent) {
        let message_id = event.message_id.as_deref();
        let facts = Facts {
            event_time: event.event_time,
            max_age: event.action_source.max_age(),
            dedup_key: message_id.map(|id| DedupKey::new(&self.header.destination, id)),
            line: event.line,
        };
        self.set_test_event_code(event.test_event_code.as_deref());
        self.add(&facts, |json| {
            json.push_str(&String::from_utf8_lossy(&event.event));
        });
    }

    /// Bytes of the events' texts so far.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.closed_bytes + self.json.len()
    }

    /// The frames, in the order of their events. None is empty.
    #[must_use]
    pub fn finish(mut self) -> Vec<Frame> {
        self.close();
        self.closed
    }

    fn set_test_event_code(&mut self, code: Option<&str>) {
        if self.header.test_event_code.as_deref() == code {
            return;
        }
        self.close();
        Arc::make_mut(&mut self.header).test_event_code = code.map(Arc::from);
    }

    fn add(&mut self, facts: &Facts, write: impl FnOnce(&mut String)) {
        if self.entries.len() >= self.max_events {
            self.close();
        }
        let before = self.json.len();
        if !self.entries.is_empty() {
            self.json.push(',');
        }
        let start = self.json.len();
        write(&mut self.json);
        if self.json.len() > self.max_bytes && !self.entries.is_empty() {
            let too_much = self.json.split_off(start);
            self.json.truncate(before);
            self.close();
            self.json = too_much;
        }
        self.entries.push(FrameEntry {
            end: u32::try_from(self.json.len()).unwrap_or(u32::MAX),
            max_age: seconds(facts.max_age),
            event_time: facts.event_time,
            line: facts.line.and_then(NonZeroU64::new),
            dedup_key: facts.dedup_key,
        });
    }

    /// Ends the open frame, if it has events.
    fn close(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        let entries: Arc<[FrameEntry]> = self.entries.drain(..).collect();
        self.closed_bytes += self.json.len();
        // Where most messages were skipped, most of what was reserved is free. A log may keep the frame for long.
        if self.json.capacity() / 2 > self.json.len() {
            self.json.shrink_to_fit();
        }
        self.closed.push(Frame {
            header: Arc::clone(&self.header),
            json: Bytes::from(std::mem::take(&mut self.json)),
            range: 0..entries.len(),
            entries,
        });
    }
}
