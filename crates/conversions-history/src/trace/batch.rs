//! The events of one request, encoded while it is handled.

use std::fmt;

use crate::codec::{put_signed, put_text};
use crate::trace::event::{Provenance, TracedOutcome};
use crate::trace::fingerprint::Key;

/// What became of one message at one destination.
#[derive(Clone, Copy, Default)]
pub struct NewTracedEvent<'a> {
    /// When its request came in: Unix milliseconds.
    pub at: i64,
    /// Name of the source.
    pub source: &'a str,
    /// Name and version of the client library.
    pub library: &'a str,
    /// The type of the message.
    pub kind: &'a str,
    /// Segment's name of the event.
    pub event: &'a str,
    /// Name of the destination; empty when it was refused before any.
    pub destination: &'a str,
    /// What became of it.
    pub outcome: TracedOutcome,
    /// The stable name of the reason; empty for accepted ones.
    pub reason: &'a str,
    /// `messageId`, `event_id`, `order_id`, those that there are. Only fingerprints of them are kept.
    pub ids: [Option<&'a str>; 3],
}

/// Names and outcome; the ids are left out.
impl fmt::Debug for NewTracedEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewTracedEvent")
            .field("source", &self.source)
            .field("destination", &self.destination)
            .field("outcome", &self.outcome)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// The events of one request.
pub struct EventBatch {
    key: Key,
    pub(super) encoded: Vec<u8>,
    pub(super) events: Vec<EncodedEvent>,
}

/// One event of a batch.
pub(super) struct EncodedEvent {
    /// Where it ends in `encoded`.
    pub(super) end: usize,
    pub(super) is_accepted: bool,
    pub(super) provenance: Option<Box<Provenance>>,
}

impl EventBatch {
    pub(super) fn new(key: Key) -> Self {
        Self {
            key,
            encoded: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Adds an event, with where its fields came from if that is known.
    pub fn push(&mut self, event: &NewTracedEvent<'_>, provenance: Option<Provenance>) {
        let out = &mut self.encoded;
        let count = out.len();
        out.push(0);
        let mut ids = 0;
        let mut before = [None; 3];
        for (index, id) in event.ids.into_iter().enumerate() {
            // The event id is the message id as a rule.
            if id.is_some_and(|id| !id.is_empty()) && !before.contains(&id) {
                let fingerprint = self.key.fingerprint(id.unwrap_or_default());
                out.extend_from_slice(&fingerprint.to_le_bytes());
                ids += 1;
            }
            if let Some(place) = before.get_mut(index) {
                *place = id;
            }
        }
        if let Some(place) = out.get_mut(count) {
            *place = ids;
        }
        put_signed(out, event.at);
        out.push(event.outcome as u8);
        for text in [
            event.source,
            event.library,
            event.kind,
            event.event,
            event.destination,
            event.reason,
        ] {
            put_text(out, text);
        }
        self.events.push(EncodedEvent {
            end: out.len(),
            is_accepted: event.outcome == TracedOutcome::Accepted,
            provenance: provenance.map(Box::new),
        });
    }
}

impl fmt::Debug for EventBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBatch")
            .field("events", &self.events.len())
            .finish_non_exhaustive()
    }
}
