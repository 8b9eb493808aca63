//! What a program is told of deliveries while they happen.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use conversions_transport::SendError;
use facebook_conversions::reply::EventsReceived;

use crate::dead_letter::{DeadLetterReason, Verdict};
use crate::event::EventKey;
use crate::key_set::KeyRange;
use crate::time::UnixMillis;

/// Is told of each request and of each event that is settled, for instance to keep a history.
///
/// The methods are called on the tasks that deliver, so they must return at once: no I/O, no lock that others hold for
/// long. What they do with a panic is not caught. An engine without an observer pays nothing for it.
pub trait DeliveryObserver: Send + Sync {
    /// A request with these events was answered, or failed.
    fn attempted(&self, destination: &Arc<str>, keys: &[KeyRange], attempt: &Attempt<'_>);

    /// An event was a dead letter, and is to be sent again. Told before the first request with it; once more when the
    /// log hands it out again, after a restart for instance. By default nothing is done.
    fn replayed(&self, destination: &Arc<str>, replay: &ReplayedEvent<'_>) {
        let _ = (destination, replay);
    }

    /// These events are settled, and the log has taken it down: nothing else happens to them, unless a person replays
    /// a dead letter.
    fn settled(&self, destination: &Arc<str>, keys: &[KeyRange], settlement: &Settlement<'_>);
}

/// An event that was a dead letter. It has another key than before.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct ReplayedEvent<'a> {
    /// The key that it had, under which the log that keeps dead letters by key had its letter.
    pub replay_of: EventKey,
    /// The key that it has now.
    pub key: EventKey,
    /// When it was put back.
    pub at: UnixMillis,
    /// The JSON text of the server event.
    pub event: &'a [u8],
}

/// Keys and time, never the event.
impl fmt::Debug for ReplayedEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayedEvent")
            .field("replay_of", &self.replay_of)
            .field("key", &self.key)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// One request and its answer.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// Which request of these events it was since the engine started, counted from 1.
    pub number: u32,
    /// When the answer came.
    pub at: UnixMillis,
    /// From request to answer.
    pub took: Duration,
    /// The answer. Texts of Meta in it may quote values of events.
    pub answer: Result<&'a EventsReceived, &'a SendError>,
}

impl Attempt<'_> {
    /// The stable name of what came of it: `received`, `refused`, `unreadable`, `not_sent`, `ambiguous`, `setup`.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        outcome_name(self.answer)
    }
}

/// The stable name of what came of a request.
pub(crate) fn outcome_name(answer: Result<&EventsReceived, &SendError>) -> &'static str {
    match answer {
        Ok(_) => "received",
        Err(SendError::Refused { .. }) => "refused",
        Err(SendError::Unreadable { .. }) => "unreadable",
        Err(SendError::NotSent { .. }) => "not_sent",
        Err(SendError::Ambiguous { .. }) => "ambiguous",
        Err(_) => "setup",
    }
}

/// The end of an event.
#[derive(Debug)]
#[non_exhaustive]
pub enum Settlement<'a> {
    /// Meta has it.
    Delivered {
        /// When the log took it down.
        at: UnixMillis,
        /// Meta's answer.
        receipt: &'a EventsReceived,
        /// Requests that it was part of since the engine started.
        attempts: u32,
        /// Events in the request that Meta took.
        batch_events: usize,
    },
    /// It was given up.
    DeadLettered {
        /// When the log took it down.
        at: UnixMillis,
        /// Why.
        reason: DeadLetterReason,
        /// What Meta said last, if it said anything.
        verdict: Option<&'a Verdict>,
        /// Requests that it was part of since the engine started.
        attempts: u32,
    },
}
