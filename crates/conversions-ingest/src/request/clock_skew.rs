//! The times of a message, corrected when the sender's clock is off.
//!
//! Segment's rule: `timestamp = receivedAt − (sentAt − originalTimestamp)`, where `originalTimestamp` is the time that
//! the client gave as `timestamp`.

use std::time::Duration;

use jiff::Timestamp;
use segment_spec::Message;

use crate::request::times;

/// Corrects the times of a message that comes straight from a client. The time that the client gave becomes both
/// `originalTimestamp` and `timestamp`; the result is the JSON text of the `timestamp` to be set instead, if the clock
/// is off.
///
/// - A message that has both `timestamp` and `originalTimestamp` has been through this before; its times stand.
/// - A `sentAt` that is closer to the arrival than `tolerance` proves the clock right: the time stands as it was sent.
/// - Without a readable `sentAt` nothing is known of the clock: the time stands as well.
/// - A time that would come out later than the arrival is the arrival.
pub(crate) fn correct(
    message: &mut Message<'_>,
    received_at: Timestamp,
    tolerance: Duration,
) -> Option<String> {
    let original = match (
        message.timestamp.filter(|raw| !raw.is_blank()),
        message.original_timestamp.filter(|raw| !raw.is_blank()),
    ) {
        (Some(_), Some(_)) | (None, None) => return None,
        (Some(given), None) | (None, Some(given)) => given,
    };
    message.original_timestamp = Some(original);
    message.timestamp = Some(original);

    let sent_at = times::read(message.sent_at?)?;
    let happened_at = times::read(original)?;
    let skew = received_at.duration_since(sent_at);
    if skew.unsigned_abs() < tolerance {
        return None;
    }
    let corrected = happened_at
        .checked_add(skew)
        .map_or(received_at, |time| time.min(received_at));
    Some(times::write(corrected))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use jiff::Timestamp;
    use segment_spec::{Line, Message, Raw};

    use super::correct;
    use crate::request::times;

    fn received_at() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().expect("a time")
    }

    /// `timestamp` of a message after correction, as JSON.
    fn corrected(message: &str) -> Option<String> {
        let line = Line::new(message.as_bytes()).expect("a line");
        let mut message = Message::read(&line).expect("a message");
        let corrected = correct(&mut message, received_at(), Duration::from_secs(10));
        corrected.or(message.timestamp.map(|raw| raw.text().to_owned()))
    }

    #[test]
    fn the_time_of_a_clock_that_is_an_hour_slow_is_corrected() {
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
    fn a_right_clock_and_an_unknown_one_leave_the_time_alone() {
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
    fn times_that_were_corrected_before_are_not_corrected_again() {
        let stored = r#"{"timestamp":"2026-11-20T09:00:00Z","originalTimestamp":"2026-11-20T08:00:00Z",
            "sentAt":"2026-11-20T08:00:01Z","receivedAt":"2026-11-20T09:00:01Z"}"#;
        assert_eq!(
            corrected(stored).as_deref(),
            Some("\"2026-11-20T09:00:00Z\"")
        );
    }

    #[test]
    fn a_corrected_time_is_never_later_than_the_arrival() {
        let sent = r#"{"timestamp":"2026-11-23T11:00:05Z","sentAt":"2026-11-23T11:00:00Z"}"#;
        assert_eq!(
            corrected(sent).as_deref(),
            Some("\"2026-11-23T12:00:00.000Z\"")
        );
        assert_eq!(corrected(r#"{"sentAt":"2026-11-23T11:00:00Z"}"#), None);
    }

    proptest! {
        #[test]
        fn the_time_between_happening_and_sending_is_kept(skew in -4_000_000i64..4_000_000, age in 0i64..1_000_000) {
            let received = received_at().as_second();
            let (sent, original) = (received + skew, received + skew - age);
            let message = format!(r#"{{"timestamp":{original},"sentAt":{sent}}}"#);
            let time = corrected(&message).and_then(|json| times::read(Raw::read(&json)?)).expect("a time").as_second();
            let expected = if skew.abs() < 10 { original } else { received - age };
            prop_assert_eq!(time, expected);
        }
    }
}
