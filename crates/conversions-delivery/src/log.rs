//! The event log as a trait: what is between accepting an event and Meta's receipt.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::append::{AppendGroup, Appended};
use crate::backlog::Backlog;
use crate::dead_letter::DeadLetter;
use crate::event::{EventKey, LeasedEvent};
use crate::progress::Progress;
use crate::time::UnixMillis;

mod error;
pub use error::{AppendError, LogError};

/// Keeps events until they are settled: delivered or dead-lettered.
///
/// An event of a destination is *waiting* (may be leased), *later* (may be leased from a given time on), *leased*, or
/// gone. Leases end with the process: what was leased is waiting again. So an event may be sent twice, but is never
/// lost.
///
/// The time is a parameter everywhere; a log reads no clock. Methods are called from many tasks at once.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends a group. When this returns `Ok`, the group is as durable as the log makes things, all of it.
    ///
    /// Events that are more than a minute ahead of `now` are deferred until they are due.
    ///
    /// # Errors
    ///
    /// Nothing of the group is in the log after an error, but for [`LogError::Failed`], after which it may be.
    async fn append(&self, group: AppendGroup, now: UnixMillis) -> Result<Appended, AppendError>;

    /// Leases events that are waiting or due, oldest first, and never one that is leased already.
    ///
    /// # Errors
    ///
    /// Nothing is leased after an error.
    async fn lease(&self, wanted: Wanted<'_>, now: UnixMillis) -> Result<Lease, LogError>;

    /// Removes delivered events. Keys that are gone already are ignored.
    ///
    /// # Errors
    ///
    /// After an error some may be removed; the others are still leased. Acknowledging all of them again is right.
    async fn acknowledge(
        &self,
        destination: &str,
        keys: &[EventKey],
        now: UnixMillis,
    ) -> Result<(), LogError>;

    /// Releases leased events, to be leased again at once or from `not_before` on.
    ///
    /// # Errors
    ///
    /// The events are still leased after an error.
    async fn release(
        &self,
        destination: &str,
        keys: &[EventKey],
        not_before: Option<UnixMillis>,
    ) -> Result<(), LogError>;

    /// Moves leased events to the dead letters.
    ///
    /// # Errors
    ///
    /// The events are still leased after an error. [`LogError::DeadLettersFull`]: a person has to make room first.
    async fn dead_letter(&self, letters: Vec<DeadLetter>, now: UnixMillis) -> Result<(), LogError>;

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
    pub events: Vec<LeasedEvent>,
    /// When the next deferred event becomes due, if there is one.
    pub next_due: Option<UnixMillis>,
}
