//! Where events go: a trait, since this crate does not know how they are stored.

use std::sync::Arc;

use async_trait::async_trait;
use conversions_transport::Frame;

use crate::message_recorder::MessageRecorder;
use crate::outcome::OutcomeCount;
use crate::refusal::Refusal;

/// Stores events.
///
/// Called by many requests at once. The future may be dropped before it completes, when the sender goes away or the
/// time for an answer is over. The sender has no acknowledgement then, and the events may be stored or not.
#[async_trait]
pub trait EventSink: Send + Sync {
    /// Stores the events of one request, all of them or none: frames of 128 events and 256 KB at most, in the order of the
    /// source's destinations. Returns once they are durable: the sender is acknowledged
    /// next.
    ///
    /// # Errors
    ///
    /// [`SinkError`]; the sender is told to try again.
    async fn accept(&self, frames: Vec<Frame>) -> Result<(), SinkError>;

    /// Stores events as [`accept`](Self::accept) does, and then finishes the recorder of their request, with the keys of
    /// the events if the sink knows them.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept); the recorder is dropped then.
    async fn accept_recorded(
        &self,
        frames: Vec<Frame>,
        recorder: Box<dyn MessageRecorder>,
    ) -> Result<(), SinkError> {
        self.accept(frames).await?;
        recorder.finish(&[]);
        Ok(())
    }

    /// Who takes down the messages of a request of this source; `None`, at no cost, when nobody does.
    fn recorder(&self, source: &Arc<str>) -> Option<Box<dyn MessageRecorder>> {
        let _ = source;
        None
    }

    /// Reports a request that was refused as a whole, also one with an unknown write key that was answered with `200`.
    fn observe_refusal(&self, refusal: Refusal) {
        let _ = refusal;
    }

    /// Reports what became of the messages of one request, after its events were stored. Numbers and names only.
    fn observe(&self, source: &str, counts: &[OutcomeCount]) {
        let _ = (source, counts);
    }
}

/// Why events could not be stored. Senders are told to try again in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// There is no room. Answered with 429: clients pause, and do not count it as a failed attempt.
    #[error("there is no room for more events")]
    Full,
    /// Storage fails at the moment. Answered with 503.
    #[error("events cannot be stored at the moment")]
    Unavailable,
    /// The program is shutting down. Answered with 503.
    #[error("no more events are accepted: shutting down")]
    ShuttingDown,
}
