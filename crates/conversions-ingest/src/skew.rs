//! The times of a message: stamped on arrival, and corrected when the sender's clock is off.
//!
//! Segment's rule: `timestamp = receivedAt − (sentAt − originalTimestamp)`, where `originalTimestamp` is the time that
//! the client gave as `timestamp`.

use std::time::Duration;

use jiff::Timestamp;

use crate::object::{Object, is_blank};
use crate::times;

/// The times of a message that say how right its sender's clock is: raw values, `null` being none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times<'m> {
    pub(crate) timestamp: Option<&'m str>,
    pub(crate) original: Option<&'m str>,
    pub(crate) sent_at: Option<&'m str>,
}

/// What `originalTimestamp` and `timestamp` become.
#[derive(Debug)]
pub(crate) struct Corrected<'m> {
    pub(crate) original: &'m str,
    /// None if it is the original.
    pub(crate) timestamp: Option<String>,
}

/// Corrects the times of a message that comes straight from a client; `None` if they stand as they are.
///
/// - A message that has both `timestamp` and `originalTimestamp` has been through this before; its times stand.
/// - A `sentAt` that is close to the arrival proves the clock right: the time stands as it was sent.
/// - Without a readable `sentAt` nothing is known of the clock: the time stands as well.
/// - A time that would come out later than the arrival is the arrival.
pub(crate) fn corrected(
    times: Times<'_>,
    received_at: Timestamp,
    tolerance: Duration,
) -> Option<Corrected<'_>> {
    let present = |raw: &&str| !is_blank(raw);
    let original = match (
        times.timestamp.filter(present),
        times.original.filter(present),
    ) {
        (Some(_), Some(_)) | (None, None) => return None,
        (Some(given), None) | (None, Some(given)) => given,
    };
    let time = times
        .sent_at
        .and_then(times::read)
        .zip(times::read(original))
        .and_then(|(sent_at, original)| {
            let skew = received_at.duration_since(sent_at);
            let is_off = skew.unsigned_abs() >= tolerance;
            is_off.then(|| {
                original
                    .checked_add(skew)
                    .map_or(received_at, |time| time.min(received_at))
            })
        });
    let timestamp = time.map(times::write);
    Some(Corrected {
        original,
        timestamp,
    })
}

/// Completes the times of a message that comes straight from a client.
pub(crate) fn correct(message: &mut Object<'_>, received_at: Timestamp, tolerance: Duration) {
    let [timestamp, original, sent_at] =
        ["timestamp", "originalTimestamp", "sentAt"].map(|key| message.take(key));
    let times = Times {
        timestamp: timestamp.as_deref(),
        original: original.as_deref(),
        sent_at: sent_at.as_deref(),
    };
    let corrected = corrected(times, received_at, tolerance);
    message.set("receivedAt", times::write(received_at));
    if let Some(Corrected {
        original,
        timestamp,
    }) = corrected
    {
        let timestamp = timestamp.unwrap_or_else(|| original.to_owned());
        message.set("originalTimestamp", original.to_owned());
        message.set("timestamp", timestamp);
    }
}

/// Completes the times of a message that Segment has been through: what it says stands.
pub(crate) fn stamp(message: &mut Object<'_>, received_at: Timestamp) {
    if message.get("receivedAt").is_none_or(is_blank) {
        message.set("receivedAt", times::write(received_at));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{correct, stamp};
    use crate::object::Object;
    use crate::times;

    const RECEIVED: &str = "\"2026-11-23T12:00:00Z\"";

    /// `timestamp` of a message after correction, as it stands.
    fn corrected(message: &str) -> Option<String> {
        let mut message = Object::read(message).expect("an object");
        let received_at = times::read(RECEIVED).expect("a time");
        correct(&mut message, received_at, Duration::from_secs(10));
        assert_eq!(
            message.get("receivedAt"),
            Some("\"2026-11-23T12:00:00.000Z\"")
        );
        message.get("timestamp").map(str::to_owned)
    }

    #[test]
    fn a_clock_that_is_an_hour_slow_is_put_right() {
        let sent = r#"{"timestamp":"2026-11-23T10:59:30Z","sentAt":"2026-11-23T11:00:00Z"}"#;
        assert_eq!(
            corrected(sent).as_deref(),
            Some("\"2026-11-23T11:59:30.000Z\"")
        );
        let original =
            r#"{"originalTimestamp":"2026-11-23T10:59:30Z","sentAt":"2026-11-23T11:00:00Z"}"#;
        assert_eq!(corrected(original), corrected(sent));
    }

    #[test]
    fn a_clock_that_is_right_and_one_of_which_nothing_is_known_leave_the_time_alone() {
        for sent_at in [
            "\"2026-11-23T11:59:51Z\"",
            "\"2026-11-23T12:00:09Z\"",
            "null",
            "\"soon\"",
            "{}",
        ] {
            let sent = format!(r#"{{"timestamp":"2015-2-02T3:4:5Z","sentAt":{sent_at}}}"#);
            assert_eq!(
                corrected(&sent).as_deref(),
                Some("\"2015-2-02T3:4:5Z\""),
                "{sent_at}"
            );
        }
        assert_eq!(
            corrected(r#"{"timestamp":"2026-11-20"}"#).as_deref(),
            Some("\"2026-11-20\"")
        );
    }

    #[test]
    fn what_has_been_corrected_before_is_not_corrected_again() {
        let stored = r#"{"timestamp":"2026-11-20T09:00:00Z","originalTimestamp":"2026-11-20T08:00:00Z",
            "sentAt":"2026-11-20T08:00:01Z","receivedAt":"2026-11-20T09:00:01Z"}"#;
        assert_eq!(
            corrected(stored).as_deref(),
            Some("\"2026-11-20T09:00:00Z\"")
        );
    }

    #[test]
    fn nothing_happens_after_it_has_arrived() {
        let sent = r#"{"timestamp":"2026-11-23T11:00:05Z","sentAt":"2026-11-23T11:00:00Z"}"#;
        assert_eq!(
            corrected(sent).as_deref(),
            Some("\"2026-11-23T12:00:00.000Z\"")
        );
        assert_eq!(corrected(r#"{"sentAt":"2026-11-23T11:00:00Z"}"#), None);
    }

    #[test]
    fn what_segment_says_stands() {
        let received_at = times::read(RECEIVED).expect("a time");
        let sent = r#"{"timestamp":"2026-11-20","receivedAt":"2026-11-21"}"#;
        let mut message = Object::read(sent).expect("an object");
        stamp(&mut message, received_at);
        assert_eq!(message.to_json(), sent);
    }

    proptest! {
        #[test]
        fn the_time_between_happening_and_sending_is_kept(skew in -4_000_000i64..4_000_000, age in 0i64..1_000_000) {
            let received = times::read(RECEIVED).expect("a time").as_second();
            let (sent, original) = (received + skew, received + skew - age);
            let message = format!(r#"{{"timestamp":{original},"sentAt":{sent}}}"#);
            let time = corrected(&message).and_then(|raw| times::read(&raw)).expect("a time").as_second();
            let expected = if skew.abs() < 10 { original } else { received - age };
            prop_assert_eq!(time, expected);
        }
    }
}
