//! Where accepted events go: a trait, since this crate does not know what becomes of them.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use facebook_conversions::ActionSource;

use crate::outcome::OutcomeCount;

/// Takes finished events into safety.
///
/// Called from many requests at once. The future may be dropped before it is done, when a sender goes away or the time
/// for an answer is over; then no acknowledgement was given, and the events may be in or not.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Takes the events of one request, all of them or none. Returns once they are safe: the sender is told so next.
    ///
    /// # Errors
    ///
    /// [`SinkError`]; the sender is asked to try again.
    async fn accept(&self, taken: Vec<Taken>) -> Result<(), SinkError>;

    /// Told what became of the messages of a request of a source, after its events are safe. Numbers and names only.
    fn observe(&self, source: &str, counts: &[OutcomeCount]) {
        let _ = (source, counts);
    }
}

/// An event that is ready to be sent, with what delivery needs to know about it.
#[derive(Clone, PartialEq, Eq)]
pub struct Taken {
    /// Name of the source that sent it.
    pub source: Arc<str>,
    /// Name of the destination that it is for.
    pub destination: Arc<str>,
    /// The JSON text of one server event, contact data hashed.
    pub event: Bytes,
    /// `event_name` of the event.
    pub event_name: Box<str>,
    /// `event_time` of the event: Unix seconds.
    pub event_time: i64,
    /// `action_source` of the event; it decides how old an event may be.
    pub action_source: ActionSource,
    /// The test event code that it is to be sent with.
    pub test_event_code: Option<Box<str>>,
    /// Segment's `messageId`, which is also the event's `event_id`: the same again is the same message.
    pub message_id: Option<Box<str>>,
}

/// Names and sizes, never the event: it holds an IP address and a user agent in clear.
impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taken")
            .field("source", &self.source)
            .field("destination", &self.destination)
            .field("event_bytes", &self.event.len())
            .field("event_time", &self.event_time)
            .finish_non_exhaustive()
    }
}

/// Why events could not be taken into safety. Senders are asked to try again in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// There is no room. Answered with 429, which makes clients pause without counting it as a failure.
    #[error("there is no room for more events")]
    Full,
    /// It does not work at the moment. Answered with 503.
    #[error("events cannot be stored at the moment")]
    Unavailable,
    /// It takes no more events. Answered with 503.
    #[error("no more events are taken: shutting down")]
    ShuttingDown,
}
