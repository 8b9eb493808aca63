//! Reads times leniently.

mod calendar;
mod usual;

use segment_spec::Raw;

use self::calendar::{days_from_civil, days_in_month};
use self::usual::read_usual;
use crate::context::RuleContext;
use crate::transforms::input::Input;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// Numbers from here on are milliseconds, smaller ones are seconds. 1e11 seconds is the year 5138; 1e11 milliseconds is
/// March 1973, before any event.
const FIRST_MILLISECONDS: f64 = 1e11;

/// Reads a time in any form that `timestamp` may have; returns Unix milliseconds.
pub(crate) fn read_time(time: Raw<'_>) -> Option<i64> {
    if let Some(digits) = time.as_number() {
        return read_unix(digits);
    }
    let text = time.as_str()?;
    read_iso_8601(&text).or_else(|| read_digits(&text))
}

/// Reads digits in text, as exports of databases have them: 10 are seconds, 13 milliseconds. Any other number of digits
/// is as likely a date without separators.
fn read_digits(text: &str) -> Option<i64> {
    let digits = text.trim();
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.len() {
        10 if is_number => Some(digits.parse::<i64>().ok()? * 1000),
        13 if is_number => digits.parse().ok(),
        _ => None,
    }
}

/// Reads a time; the field holds Unix seconds.
pub(super) fn seconds(input: Input<'_, '_>, _: &mut RuleContext<'_, '_>) -> Transformed<i64> {
    let milliseconds = read_time(input.raw).ok_or(Unusable::Unreadable)?;
    Ok((milliseconds.div_euclid(1000), Change::Normalized))
}

/// Reads an ISO 8601 date and time; returns Unix milliseconds.
///
/// Lenient: leading zeros, seconds and the time of day may be missing, a blank may replace the `T`, and any offset is
/// accepted. A time without offset is UTC.
fn read_iso_8601(text: &str) -> Option<i64> {
    read_usual(text.as_bytes()).or_else(|| read_any(text))
}

fn read_any(text: &str) -> Option<i64> {
    let mut rest = Scanner(text.trim().as_bytes());
    let (year, digits) = rest.digits(4)?;
    let (month, day) = if rest.eat(b'-') {
        let (month, _) = rest.digits(2)?;
        rest.eat(b'-').then_some(())?;
        (month, rest.digits(2)?.0)
    } else {
        // The basic format has no separators, so every part must have all its digits.
        let (month, month_digits) = rest.digits(2)?;
        let (day, day_digits) = rest.digits(2)?;
        (month_digits == 2 && day_digits == 2 && !rest.0.is_empty()).then_some((month, day))?
    };
    if digits != 4 || !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    let (milliseconds, offset_minutes) = if rest.0.is_empty() {
        (0, 0)
    } else {
        read_time_of_day(&mut rest)?
    };
    rest.0.is_empty().then_some(())?;
    Some(days * 86_400_000 + milliseconds - offset_minutes * 60_000)
}

/// Reads the time of day and the offset: milliseconds since midnight, minutes ahead of UTC.
fn read_time_of_day(rest: &mut Scanner<'_>) -> Option<(i64, i64)> {
    (rest.eat(b'T') || rest.eat(b't') || rest.eat(b' ')).then_some(())?;
    let (hour, _) = rest.digits(2)?;
    let extended = rest.eat(b':');
    let (minute, _) = rest.digits(2)?;
    let has_seconds = if extended {
        rest.eat(b':')
    } else {
        rest.0.first().is_some_and(u8::is_ascii_digit)
    };
    let (second, milliseconds) = if has_seconds {
        (rest.digits(2)?.0, rest.fraction()?)
    } else {
        (0, 0)
    };
    let offset = rest.offset()?;
    // ISO 8601 allows 24:00 for midnight at the end of the day, and second 60 for a leap second.
    let in_range =
        minute <= 59 && second <= 60 && (hour <= 23 || (hour == 24 && minute == 0 && second == 0));
    in_range.then_some((
        ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds,
        offset,
    ))
}

struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        found
    }

    /// Reads one to `most` digits; returns the number and how many digits it had.
    fn digits(&mut self, most: usize) -> Option<(i64, usize)> {
        let count = self
            .0
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let number = digits
            .iter()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        (count > 0).then_some((number, count))
    }

    /// Reads an optional fraction of a second of any length; returns milliseconds.
    fn fraction(&mut self) -> Option<i64> {
        if !self.eat(b'.') && !self.eat(b',') {
            return Some(0);
        }
        let (first, count) = self.digits(3)?;
        while self.eat_digit() {}
        Some(match count {
            1 => first * 100,
            2 => first * 10,
            _ => first,
        })
    }

    fn eat_digit(&mut self) -> bool {
        let found = self.0.first().is_some_and(u8::is_ascii_digit);
        if found {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        found
    }

    /// Reads an optional offset; returns minutes ahead of UTC.
    fn offset(&mut self) -> Option<i64> {
        self.eat(b' ');
        if self.0.is_empty() || self.eat(b'Z') || self.eat(b'z') {
            return Some(0);
        }
        let sign = if self.eat(b'+') {
            1
        } else if self.eat(b'-') {
            -1
        } else {
            return None;
        };
        let (hours, _) = self.digits(2)?;
        let minutes = if self.eat(b':') || !self.0.is_empty() {
            self.digits(2)?.0
        } else {
            0
        };
        (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
    }
}

/// Reads the digits of a JSON number as Unix seconds, or as milliseconds from [`FIRST_MILLISECONDS`] on; returns Unix
/// milliseconds.
fn read_unix(digits: &str) -> Option<i64> {
    let number: f64 = digits.parse().ok()?;
    let milliseconds = if number.abs() >= FIRST_MILLISECONDS {
        number
    } else {
        number * 1000.0
    };
    // Below 1e16 the conversion is exact enough; larger numbers are no plausible time.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (milliseconds.abs() < 1e16).then(|| milliseconds.floor() as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{read_iso_8601, read_unix};

    #[test]
    fn every_form_that_clients_send() {
        for (text, milliseconds) in [
            ("2026-11-23T14:24:31.396Z", 1_795_443_871_396),
            ("2026-11-23T14:25:30.036123+00:00", 1_795_443_930_036),
            ("2026-11-23T15:24:31.396+01:00", 1_795_443_871_396),
            ("2026-11-23T09:54:31-0430", 1_795_443_871_000),
            ("2026-11-23T16:24:31+02", 1_795_443_871_000),
            ("2026-11-23 14:24:31", 1_795_443_871_000),
            (" 2026-11-23t14:24:31,5z ", 1_795_443_871_500),
            ("2026-11-23T14:24Z", 1_795_443_840_000),
            ("2026-11-23", 1_795_392_000_000),
            ("2015-2-02T3:4:5Z", 1_422_846_245_000),
            ("20261123T142431Z", 1_795_443_871_000),
            ("2026-11-23 14:24:31.396 +00:00", 1_795_443_871_396),
            ("2024-02-29T24:00:00Z", 1_709_251_200_000),
            ("1969-12-31T23:59:59.999Z", -1),
        ] {
            assert_eq!(read_iso_8601(text), Some(milliseconds), "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_time_are_unreadable() {
        for text in [
            "",
            "yesterday",
            "1795443871",
            "20261123",
            "2026-13-01",
            "2026-02-30",
            "2026-11-23T25:00:00Z",
            "26-11-23",
            "2026-11-23T14:60:00Z",
            "2026-11-23T14:24:31.396Q",
            "2026-11-23T",
            "2026-11-23T14",
            "2026-11-23T14:24:31.Z",
            "2026-11-23T14:24:31+",
            "2026-11-23T14:24:31+99:00",
            "2026-11-23Z5",
            "23/11/2026",
            "Mon Nov 23 2026",
        ] {
            assert_eq!(read_iso_8601(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_seconds_or_milliseconds_by_their_size() {
        assert_eq!(read_unix("1795443871"), Some(1_795_443_871_000));
        assert_eq!(read_unix("1795443871396"), Some(1_795_443_871_396));
        assert_eq!(read_unix("1795443871.9"), Some(1_795_443_871_900));
        assert_eq!(read_unix("99999999999"), Some(99_999_999_999_000));
        assert_eq!(read_unix("100000000000"), Some(100_000_000_000));
        assert_eq!(read_unix("-1.5"), Some(-1500));
        assert_eq!(read_unix("1e400"), None);
        assert_eq!(read_unix("1e30"), None);
    }

    proptest! {
        #[test]
        fn the_fast_path_agrees_with_read_any(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\\.[0-9]{3}Z"
        ) {
            prop_assert_eq!(read_iso_8601(&text), super::read_any(&text));
        }

        #[test]
        fn agrees_with_jiff_on_what_jiff_writes(seconds in -60_000_000_000i64..200_000_000_000, millis in 0..1000i32) {
            let time = jiff::Timestamp::new(seconds, millis * 1_000_000)?;
            prop_assert_eq!(read_iso_8601(&time.to_string()), Some(time.as_millisecond()));
        }

        #[test]
        fn no_text_panics(text in "[0-9TZ:. +-]{0,30}") {
            let _ = read_iso_8601(&text);
        }
    }
}
