//! The event log as a trait: what is between accepting an event and Meta's receipt.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::append::{AppendGroup, Appended};
use crate::backlog::Backlog;
use crate::dead_letter::DeadLetter;
use crate::key_set::KeyRange;
use crate::leased::{LeasedEvent, LeasedFrame};
use crate::progress::Progress;
use crate::time::UnixMillis;

mod error;
pub use error::{AppendError, LogError};

/// Keeps events until they are settled: delivered or dead-lettered.
///
/// What is appended and leased are [frames](conversions_transport::Frame). Each event has a key of its own, and those of
/// a frame follow each other, so that a frame that is settled as a whole is one [`KeyRange`]. An event of a destination
/// is *waiting* (may be leased), *later* (may be leased from a given time on), *leased*, or gone. Leases end with the
/// process: what was leased is waiting again. So an event may be sent twice, but is never lost.
///
/// The time is a parameter everywhere; a log reads no clock. Methods are called from many tasks at once.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends a group. When this returns `Ok`, the group is as durable as the log makes things, all of it.
    ///
    /// An event whose digest was seen at its destination within the window of duplicates is not stored. Events that are
    /// more than a minute ahead of `now` are deferred until they are due.
    ///
    /// # Errors
    ///
    /// Nothing of the group is in the log after an error, but for [`LogError::Failed`], after which it may be. In a log
    /// that several processes share, a part of it may be there after [`LogError::Unavailable`] too: appending the same
    /// group again completes it, and stores no event twice that has a `messageId`.
    async fn append(&self, group: AppendGroup, now: UnixMillis) -> Result<Appended, AppendError>;

    /// Leases events that are waiting or due, oldest first, and never one that is leased already. Frames are cut to
    /// what is wanted; one of which some events are gone, leased or deferred comes in several slices.
    ///
    /// # Errors
    ///
    /// Nothing is leased after an error.
    async fn lease(&self, wanted: Wanted<'_>, now: UnixMillis) -> Result<Lease, LogError>;

    /// Removes leased events, which were delivered. Keys that are not leased are ignored.
    ///
    /// # Errors
    ///
    /// After an error some may be removed; the others are still leased. Acknowledging all of them again is right.
    async fn acknowledge(
        &self,
        destination: &str,
        keys: &[KeyRange],
        now: UnixMillis,
    ) -> Result<(), LogError>;

    /// Releases leased events, to be leased again at once or from `not_before` on. Keys that are not leased are ignored.
    ///
    /// # Errors
    ///
    /// The events are still leased after an error.
    async fn release(
        &self,
        destination: &str,
        keys: &[KeyRange],
        not_before: Option<UnixMillis>,
    ) -> Result<(), LogError>;

    /// Moves leased events to the dead letters.
    ///
    /// # Errors
    ///
    /// The events are still leased after an error. [`LogError::DeadLettersFull`]: a person has to make room first.
    async fn dead_letter(&self, letters: Vec<DeadLetter>, now: UnixMillis) -> Result<(), LogError>;

    /// Whether several processes share this log. Where they do, a destination that refuses everything is held: the dead
    /// letters of all of them would fill up.
    fn is_shared(&self) -> bool {
        false
    }

    /// Ends those of these leases that another process may have by now, and returns their keys: the events must not be
    /// sent. Called before each request, for logs whose leases end by themselves. By default none do.
    fn take_expired_leases(&self, destination: &str, keys: &[KeyRange]) -> Vec<KeyRange> {
        let _ = (destination, keys);
        Vec::new()
    }

    /// Completes when events of this destination may have arrived that this process did not append, for logs that
    /// several processes share. By default it never completes.
    async fn arrived(&self, destination: &str) {
        let _ = destination;
        std::future::pending::<()>().await;
    }

    /// What is unsettled at a destination: waiting, later and leased together.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the log cannot be read.
    async fn backlog(&self, destination: &str) -> Result<Backlog, LogError>;

    /// What is unsettled, by destination; also of destinations that no engine serves any more.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the log cannot be read.
    async fn backlogs(&self) -> Result<BTreeMap<Arc<str>, Backlog>, LogError>;

    /// Takes the status of the engine, for logs that can show it to other processes. Called every few seconds while an
    /// engine runs, and at its end.
    async fn publish(&self, progress: &Progress, now: UnixMillis) {
        let _ = (progress, now);
    }

    /// Ends every lease of this process, so that another one need not wait until they expire. Called once, after the last
    /// engine over this log has ended. By default it does nothing: leases end with the process.
    async fn give_up_leases(&self) {}

    /// Called every few seconds while an engine runs, for recurring work such as requeueing replays, forgetting what is
    /// old and giving disk space back. Returns whether it added events.
    async fn maintain(&self, now: UnixMillis) -> bool {
        let _ = now;
        false
    }
}

/// What to lease.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Events of this destination.
    pub destination: &'a str,
    /// At most this many.
    pub events: usize,
    /// At most this many bytes of events, but always one event.
    pub bytes: usize,
}

/// What was leased.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    /// The events, oldest first.
    pub frames: Vec<LeasedFrame>,
    /// When the next deferred event becomes due, if there is one.
    pub next_due: Option<UnixMillis>,
}

impl Lease {
    /// Whether nothing was leased.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The keys of all events.
    #[must_use]
    pub fn keys(&self) -> Vec<KeyRange> {
        self.frames.iter().map(LeasedFrame::keys).collect()
    }

    /// The events one by one.
    pub fn events(&self) -> impl Iterator<Item = LeasedEvent> {
        self.frames.iter().flat_map(LeasedFrame::events)
    }
}
