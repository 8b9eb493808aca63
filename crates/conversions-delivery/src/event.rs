//! Events in the log: their keys, and when they may be sent.

use std::time::Duration;

use conversions_transport::FrameEvent;

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

/// Whether the event is older than it may be, less `margin`, at `now`.
pub(crate) fn is_too_old(event: &FrameEvent<'_>, now: UnixMillis, margin: Duration) -> bool {
    let age = now.since(UnixMillis::from_seconds(event.event_time));
    age > event.max_age.saturating_sub(margin)
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

    #[test]
    fn an_event_is_too_old_one_second_after_seven_days() {
        let now = UnixMillis::from_seconds(10_000_000);
        let is_too_old = |age: i64, margin| {
            let event = FrameEvent {
                json: b"{}",
                event_time: 10_000_000 - age,
                max_age: ActionSource::Website.max_age(),
                dedup_key: None,
                line: None,
            };
            is_too_old(&event, now, margin)
        };
        assert!(!is_too_old(604_800, Duration::ZERO));
        assert!(is_too_old(604_801, Duration::ZERO));
        assert!(is_too_old(604_800, Duration::from_mins(1)));
        assert!(!is_too_old(604_740, Duration::from_mins(1)));
    }

    #[test]
    fn an_event_up_to_a_minute_ahead_is_due() {
        let now = UnixMillis::from_seconds(1000);
        assert_eq!(due_at(1060, now), None);
        assert_eq!(due_at(1061, now), Some(UnixMillis::from_seconds(1061)));
        assert_eq!(due_at(i64::MIN, now), None);
    }
}
