//! Where accepted events go: a trait, since this crate does not know what becomes of them.

use async_trait::async_trait;
use conversions_transport::NewEvent;

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
    async fn accept(&self, events: Vec<NewEvent>) -> Result<(), SinkError>;

    /// Told what became of the messages of a request of a source, after its events are safe. Numbers and names only.
    fn observe(&self, source: &str, counts: &[OutcomeCount]) {
        let _ = (source, counts);
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
