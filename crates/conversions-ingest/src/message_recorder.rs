//! What became of each message, told to a sink that wants to know.

use std::fmt;
use std::sync::Arc;

use conversions_mapping::{Mapping, Outcome};
use jiff::Timestamp;
use segment_spec::Message;

use crate::outcome::OutcomeKind;

/// Takes down what becomes of the messages of one request. A sink makes one for each request that it wants to record, in
/// [`EventSink::recorder`](crate::EventSink::recorder).
///
/// A recorder that is dropped before [`finish`](Self::finish) belongs to a request that was not acknowledged.
pub trait MessageRecorder: Send {
    /// Takes down one message at one destination. Called while the request is mapped, in the order of its messages, and
    /// for each message in the order of its destinations.
    fn record(&mut self, message: &RecordedMessage<'_>);

    /// The events of the request are stored, and its sender is acknowledged next. `keys` has one item for each
    /// accepted event in order: its key in the log, or `None` when the log has seen its `messageId` before. It is empty
    /// when the sink does not know.
    fn finish(self: Box<Self>, keys: &[Option<u64>]);
}

/// A message at one destination.
#[derive(Clone, Copy)]
pub struct RecordedMessage<'m> {
    /// The message, completed; `None` when it could not be read.
    pub message: Option<&'m Message<'m>>,
    /// The destination, its mapping and what that made of the message; `None` when it was refused before any.
    pub mapped: Option<MappedMessage<'m>>,
    /// What became of it, before its event was stored.
    pub kind: OutcomeKind,
    /// The stable name of the reason; empty for accepted ones.
    pub reason: &'static str,
    /// When the request came in.
    pub received_at: Timestamp,
}

/// The outcome, never the message.
impl fmt::Debug for RecordedMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedMessage")
            .field("kind", &self.kind)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// What a destination made of a message.
#[derive(Clone, Copy)]
pub struct MappedMessage<'m> {
    /// Name of the destination.
    pub destination: &'m Arc<str>,
    /// Its mapping.
    pub mapping: &'m Mapping,
    /// What became of the message. It holds personal data in clear: hashes only of contact data, but the IP address and
    /// the user agent as they are.
    pub outcome: &'m Outcome<'m>,
}

/// The destination, never the event.
impl fmt::Debug for MappedMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedMessage")
            .field("destination", &self.destination)
            .finish_non_exhaustive()
    }
}

/// Wraps a recorder, so that the keys of frames reach it in the order of the messages. `destinations` has for each event
/// in that order the place of its destination; frames lie in the order of the destinations.
pub(crate) fn in_order_of_messages(
    recorder: Box<dyn MessageRecorder>,
    destinations: &[usize],
) -> Box<dyn MessageRecorder> {
    if destinations.is_sorted() {
        return recorder;
    }
    let mut by_destination: Vec<usize> = (0..destinations.len()).collect();
    by_destination.sort_by_key(|event| destinations.get(*event));
    Box::new(InOrderOfMessages {
        recorder,
        by_destination,
    })
}

struct InOrderOfMessages {
    recorder: Box<dyn MessageRecorder>,
    /// The events in the order of their frames, each by its place in the order of the messages.
    by_destination: Vec<usize>,
}

impl MessageRecorder for InOrderOfMessages {
    fn record(&mut self, message: &RecordedMessage<'_>) {
        self.recorder.record(message);
    }

    fn finish(self: Box<Self>, keys: &[Option<u64>]) {
        if keys.len() != self.by_destination.len() {
            return self.recorder.finish(keys);
        }
        let mut in_order = vec![None; keys.len()];
        for (key, event) in keys.iter().zip(&self.by_destination) {
            if let Some(slot) = in_order.get_mut(*event) {
                *slot = *key;
            }
        }
        self.recorder.finish(&in_order);
    }
}
