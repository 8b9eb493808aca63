//! The event log as a trait: what is between accepting an event and Meta's receipt.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::accepted::AppendGroup;
use crate::dead_letter::DeadLetter;
use crate::progress::Progress;
use crate::time::UnixMillis;

mod error;
pub use error::{AppendError, LogError};

/// How far ahead of the clock an event may be and still be sent at once: clocks differ a little.
const AHEAD_AT_MOST_MILLIS: i64 = 60_000;

/// Keeps events until they are settled: delivered or dead-lettered.
///
/// Every event of a destination is in one of these states: *waiting* (may be leased), *later* (may be leased from a
/// given time on), *leased*, or gone. A lease is a matter of the running process: when it ends, what was leased is
/// waiting again. So an event may be sent twice, never lost.
///
/// The time is a parameter everywhere; a log reads no clock. Methods are called from many tasks at once.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends a group. When this returns `Ok`, the group is as durable as the log makes things, all of it.
    ///
    /// Events that are more than a minute ahead of `now` are put aside until they are due.
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

    /// Gives leased events back: at once, or to be leased again from `not_before` on.
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

    /// Takes the status of the engine, for logs that can show it to other processes. Called every few seconds while an
    /// engine runs, and at its end.
    async fn publish(&self, progress: &Progress, now: UnixMillis) {
        let _ = (progress, now);
    }

    /// Called every few seconds while an engine runs, for whatever has to be done now and then. Says whether events were
    /// added by it.
    async fn tend(&self, now: UnixMillis) -> bool {
        let _ = now;
        false
    }
}

/// Which event of a log: higher is later.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct EventKey(pub u64);

/// What became of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// For each event of the group, in order.
    pub outcomes: Vec<AppendOutcome>,
}

impl Appended {
    /// How many were duplicates.
    #[must_use]
    pub fn duplicates(&self) -> usize {
        self.outcomes
            .iter()
            .filter(|outcome| **outcome == AppendOutcome::Duplicate)
            .count()
    }
}

/// What became of one event of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// It is in the log.
    Stored(EventKey),
    /// Its `messageId` was there already for its destination, within the window.
    Duplicate,
}

/// What to lease.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Events of this destination.
    pub destination: &'a str,
    /// At most so many.
    pub events: usize,
    /// At most so many bytes of events, but always one event.
    pub bytes: usize,
}

/// What was leased.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    /// The events, oldest first.
    pub events: Vec<LeasedEvent>,
    /// When the next event that is put aside becomes due, if one is.
    pub next_due: Option<UnixMillis>,
}

/// An event that the caller has to settle or to give back.
#[derive(Clone)]
pub struct LeasedEvent {
    /// Which it is.
    pub key: EventKey,
    /// When it was appended.
    pub accepted_at: UnixMillis,
    /// `test_event_code` under which it is to be sent.
    pub test_event_code: Option<Arc<str>>,
    /// The JSON text of the server event.
    pub event: Bytes,
    /// `event_time`: Unix seconds.
    pub event_time: i64,
    /// How old it may be when it is sent.
    pub max_age: Duration,
    /// The line of the input that it came from.
    pub line: Option<u64>,
}

/// Key and sizes, never the event.
impl std::fmt::Debug for LeasedEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LeasedEvent")
            .field("key", &self.key)
            .field("event_bytes", &self.event.len())
            .finish_non_exhaustive()
    }
}

impl LeasedEvent {
    /// Whether the event is older than it may be, less `margin`, at `now`.
    #[must_use]
    pub fn is_too_old(&self, now: UnixMillis, margin: Duration) -> bool {
        let age = now.since(UnixMillis::from_seconds(self.event_time));
        age > self.max_age.saturating_sub(margin)
    }

    /// When it may be sent, if that is not now.
    #[must_use]
    pub fn due_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        due_at(self.event_time, now)
    }
}

/// When an event may be sent, if that is not now: up to a minute ahead of the clock counts as now.
pub(crate) fn due_at(event_time: i64, now: UnixMillis) -> Option<UnixMillis> {
    let due = UnixMillis::from_seconds(event_time);
    (due.0.saturating_sub(now.0) > AHEAD_AT_MOST_MILLIS).then_some(due)
}

/// What is unsettled at a destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Events: waiting, later and leased.
    pub events: u64,
    /// Of these, how many are put aside until a given time.
    pub later: u64,
    /// Bytes of these events.
    pub bytes: u64,
    /// When the oldest was appended.
    pub oldest: Option<UnixMillis>,
    /// The line of the input that the oldest came from.
    pub lowest_line: Option<u64>,
}

#[cfg(test)]
mod tests {
    use facebook_conversions::ActionSource;

    use super::*;

    fn event(event_time: i64, action_source: ActionSource) -> LeasedEvent {
        LeasedEvent {
            key: EventKey(1),
            accepted_at: UnixMillis(0),
            test_event_code: None,
            event: Bytes::from_static(b"{}"),
            event_time,
            max_age: action_source.max_age(),
            line: None,
        }
    }

    #[test]
    fn seven_days_to_the_second() {
        let now = UnixMillis::from_seconds(10_000_000);
        let event = |age: i64| event(10_000_000 - age, ActionSource::Website);
        assert!(!event(604_800).is_too_old(now, Duration::ZERO));
        assert!(event(604_801).is_too_old(now, Duration::ZERO));
        assert!(event(604_800).is_too_old(now, Duration::from_mins(1)));
        assert!(!event(604_740).is_too_old(now, Duration::from_mins(1)));
    }

    #[test]
    fn a_minute_ahead_is_now() {
        let now = UnixMillis::from_seconds(1000);
        assert_eq!(event(1060, ActionSource::Website).due_at(now), None);
        let due = event(1061, ActionSource::Website).due_at(now);
        assert_eq!(due, Some(UnixMillis::from_seconds(1061)));
        assert_eq!(
            event(i64::MIN, ActionSource::PhysicalStore).due_at(now),
            None
        );
    }
}
