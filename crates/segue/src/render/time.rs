//! Times and ages as people read them.

use std::time::Duration;

use conversions_delivery::UnixMillis;
use jiff::{SignedDuration, Timestamp};

/// The time of the system's clock.
pub(crate) fn now() -> UnixMillis {
    UnixMillis(Timestamp::now().as_millisecond())
}

/// A time to the second; `-` if it is unknown.
pub(crate) fn date_and_time(time: UnixMillis) -> String {
    timestamp(UnixMillis::from_seconds(time.seconds()))
        .map_or_else(|| "-".to_owned(), |time| time.to_string())
}

fn timestamp(UnixMillis(millis): UnixMillis) -> Option<Timestamp> {
    Timestamp::from_millisecond(millis)
        .ok()
        .filter(|_| millis != 0)
}

/// A span of time in one or two units, as in `3 min 20 s`.
pub(crate) fn span(time: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let seconds = time.as_secs();
    let mut units = UNITS.iter().enumerate();
    let Some((at, (size, name))) = units.find(|(_, (size, _))| seconds >= *size) else {
        return "0 s".to_owned();
    };
    let mut text = format!("{} {name}", seconds / size);
    if let Some((size_of_next, name)) = UNITS.get(at + 1) {
        let rest = seconds % size / size_of_next;
        if rest > 0 {
            text = format!("{text} {rest} {name}");
        }
    }
    text
}

/// `3 min 20 s ago`, or `just now`.
pub(crate) fn ago(time: UnixMillis, now: UnixMillis) -> String {
    let since = now.since(time);
    if since.as_secs() == 0 {
        return "just now".to_owned();
    }
    format!("{} ago", span(since))
}

/// Reads a point in time from the command line: a time stamp, or how long ago, like `36h`.
pub(crate) fn parse_moment(text: &str) -> Result<UnixMillis, String> {
    parse_moment_at(text, Timestamp::now())
}

fn parse_moment_at(text: &str, now: Timestamp) -> Result<UnixMillis, String> {
    let wrong = || {
        "expected a time with its zone, like 2026-11-23T12:00:00Z, or how long ago, like 90m or 36h"
            .to_owned()
    };
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(UnixMillis(time.as_millisecond()));
    }
    let ago: SignedDuration = text.parse().map_err(|_| wrong())?;
    let time = now.checked_sub(ago).ok().filter(|_| !ago.is_negative());
    time.map(|time| UnixMillis(time.as_millisecond()))
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units_at_most() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (200, "3 min 20 s"),
            (3600, "1 h"),
            (3659, "1 h"),
            (7320, "2 h 2 min"),
            (90_000, "1 d 1 h"),
            (8_640_000, "100 d"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn times_are_read_with_zone_or_as_how_long_ago() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let read = |text| parse_moment_at(text, now).ok().map(date_and_time);
        assert_eq!(
            read("2026-11-23T12:00:00+02:00").as_deref(),
            Some("2026-11-23T10:00:00Z")
        );
        assert_eq!(read("90m").as_deref(), Some("2026-11-23T10:30:00Z"));
        for wrong in ["2026-11-23", "2026-11-23T12:00:00", "-2h", "yesterday", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn unknown_times_are_dashes() {
        assert_eq!(date_and_time(UnixMillis(0)), "-");
        assert_eq!(date_and_time(UnixMillis(i64::MAX)), "-");
        assert_eq!(
            date_and_time(UnixMillis(1_767_225_600_999)),
            "2026-01-01T00:00:00Z"
        );
    }
}
