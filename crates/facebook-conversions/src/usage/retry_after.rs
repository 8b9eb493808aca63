//! `Retry-After` ([RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).

use std::time::Duration;

use super::LONGEST_WAIT_SECONDS;

/// A number of seconds, or a date. The date is compared with the reply's own `Date`, so that no clock is needed and a
/// difference between two clocks does not matter.
pub(super) fn read(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    let wait = if value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that overflows still asks for a long wait.
        Duration::from_secs(
            value
                .parse()
                .ok()
                .or_else(|| (!value.is_empty()).then_some(u64::MAX))?,
        )
    } else {
        let until = httpdate::parse_http_date(value).ok()?;
        let from = httpdate::parse_http_date(date?.trim()).ok()?;
        until.duration_since(from).ok()?
    };
    Some(wait.min(Duration::from_secs_f64(LONGEST_WAIT_SECONDS)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::read;

    const DATE: Option<&str> = Some("Mon, 23 Nov 2026 18:00:00 GMT");

    #[test]
    fn seconds() {
        assert_eq!(read(" 120 ", None), Some(Duration::from_mins(2)));
        assert_eq!(read("0", None), Some(Duration::ZERO));
        assert_eq!(
            read("99999999999999999999999", None),
            Some(Duration::from_hours(168))
        );
    }

    #[test]
    fn a_date_counts_from_the_replys_own() {
        assert_eq!(
            read("Mon, 23 Nov 2026 18:01:30 GMT", DATE),
            Some(Duration::from_secs(90))
        );
        assert_eq!(read("Mon, 23 Nov 2026 18:01:30 GMT", None), None);
        assert_eq!(read("Mon, 23 Nov 2026 17:00:00 GMT", DATE), None);
    }

    #[test]
    fn anything_else_says_nothing() {
        for value in ["", "soon", "-5", "1.5", "1e9"] {
            assert_eq!(read(value, DATE), None, "{value}");
        }
    }
}
