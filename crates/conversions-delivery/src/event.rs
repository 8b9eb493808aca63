//! An event in the log: its key, and what is leased of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::time::UnixMillis;

/// How far ahead of the clock an event may be and still be sent at once, to allow for clock skew between the sender and
/// this machine.
const AHEAD_AT_MOST_MILLIS: i64 = 60_000;

/// The key of an event in a log. Keys ascend in the order of appending.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct EventKey(pub u64);

/// An event that the caller has to settle or to release.
#[derive(Clone)]
pub struct LeasedEvent {
    /// Its key.
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

/// When an event of `event_time` (Unix seconds) may be sent, if that is not now: up to a minute ahead of the clock
/// counts as now.
#[must_use]
pub fn due_at(event_time: i64, now: UnixMillis) -> Option<UnixMillis> {
    let due = UnixMillis::from_seconds(event_time);
    (due.0.saturating_sub(now.0) > AHEAD_AT_MOST_MILLIS).then_some(due)
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
    fn an_event_is_too_old_one_second_after_seven_days() {
        let now = UnixMillis::from_seconds(10_000_000);
        let event = |age: i64| event(10_000_000 - age, ActionSource::Website);
        assert!(!event(604_800).is_too_old(now, Duration::ZERO));
        assert!(event(604_801).is_too_old(now, Duration::ZERO));
        assert!(event(604_800).is_too_old(now, Duration::from_mins(1)));
        assert!(!event(604_740).is_too_old(now, Duration::from_mins(1)));
    }

    #[test]
    fn an_event_up_to_a_minute_ahead_is_due() {
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
