//! The events of one request, encoded while it is handled.

use std::fmt;

use crate::trace::event::{Provenance, TracedOutcome};
use crate::trace::fingerprint::Key;
use crate::trace::record::EventWriter;

/// Room for the events of most requests, which have one.
const CAPACITY: usize = 256;
/// More room than this is given back when a batch is emptied.
const MAX_KEPT_CAPACITY: usize = 64 * 1024;

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
    writer: EventWriter,
    pub(super) events: u32,
    /// Where the fields of some of them came from, by index of the event.
    pub(super) provenances: Vec<(u32, Provenance)>,
}

impl EventBatch {
    pub(super) fn new(key: Key) -> Self {
        Self {
            key,
            writer: EventWriter::with_capacity(CAPACITY),
            events: 0,
            provenances: Vec::new(),
        }
    }

    /// Adds an event, with where its fields came from if that is known.
    pub fn push(&mut self, event: &NewTracedEvent<'_>, provenance: Option<Provenance>) {
        let texts = [
            event.source,
            event.library,
            event.kind,
            event.event,
            event.destination,
            event.reason,
        ];
        let key = &self.key;
        self.writer.push(event.at, event.outcome, texts, |out| {
            put_fingerprints(out, key, event.ids);
        });
        self.provenances
            .extend(provenance.map(|provenance| (self.events, provenance)));
        self.events += 1;
    }

    /// Takes all events out, and keeps the memory for others.
    pub fn clear(&mut self) {
        self.writer.clear(MAX_KEPT_CAPACITY);
        self.provenances.clear();
        self.events = 0;
    }

    /// The records, with the keys of the accepted events in order; `None` for a repetition.
    pub(super) fn records(&mut self, keys: &[Option<u64>]) -> &[u8] {
        self.writer.records(keys)
    }
}

/// Appends the number of different ids, and a fingerprint of each.
pub(super) fn put_fingerprints(out: &mut Vec<u8>, key: &Key, ids: [Option<&str>; 3]) {
    let [message_id, event_id, order_id] = ids.map(|id| id.filter(|id| !id.is_empty()));
    // The event id is the message id as a rule.
    let event_id = event_id.filter(|_| event_id != message_id);
    let order_id = order_id.filter(|_| order_id != message_id && order_id != event_id);
    let different = [message_id, event_id, order_id];
    out.push(different.iter().map(|id| u8::from(id.is_some())).sum());
    for id in different.into_iter().flatten() {
        out.extend_from_slice(&key.fingerprint(id).to_le_bytes());
    }
}

impl fmt::Debug for EventBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBatch")
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
