//! Reads the times by which the clock of a sender is judged, and writes times.
//!
//! A time that cannot be read here stays as it was sent: the mapping reads more formats.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use segment_spec::Raw;

/// Numbers from here on are milliseconds, smaller ones are seconds: 1973 in milliseconds, the year 5138 in seconds.
const MIN_MILLISECONDS: u64 = 100_000_000_000;

/// Reads a time: ISO 8601 text, in UTC unless it has an offset, or a whole number of Unix seconds or milliseconds.
pub(crate) fn read(raw: Raw<'_>) -> Option<Timestamp> {
    if let Ok(number) = raw.text().parse::<i64>() {
        return if number.unsigned_abs() >= MIN_MILLISECONDS {
            Timestamp::from_millisecond(number).ok()
        } else {
            Timestamp::from_second(number).ok()
        };
    }
    let text = raw.as_str()?;
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(local).ok()
    })
}

/// A time as JSON text, with milliseconds.
pub(crate) fn write(time: Timestamp) -> String {
    format!("\"{time:.3}\"")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use segment_spec::Raw;

    use super::{read, write};

    fn read_text(json: &str) -> Option<Timestamp> {
        Raw::read(json).and_then(read)
    }

    #[test]
    fn iso_8601_and_unix_times_are_read() {
        for (raw, milliseconds) in [
            (r#""2026-11-23T14:24:31.396Z""#, 1_795_443_871_396),
            (r#""2026-11-23T14:25:30.036123+00:00""#, 1_795_443_930_036),
            (r#"" 2026-11-23 15:24:31+01:00""#, 1_795_443_871_000),
            (r#""2026-11-23T14:24:31""#, 1_795_443_871_000),
            ("1795443871", 1_795_443_871_000),
            ("1795443871396", 1_795_443_871_396),
        ] {
            let read = read_text(raw).map(Timestamp::as_millisecond);
            assert_eq!(read, Some(milliseconds), "{raw}");
        }
        for raw in [
            "null",
            "\"\"",
            "\"yesterday\"",
            "true",
            "{}",
            "1e99",
            "9223372036854775807",
            "-9223372036854775808",
        ] {
            assert_eq!(read_text(raw), None, "{raw}");
        }
    }

    #[test]
    fn times_are_written_with_milliseconds() {
        let time = read_text("1795443871396").map(write);
        assert_eq!(time.as_deref(), Some("\"2026-11-23T14:24:31.396Z\""));
    }
}
