//! Times in JSON.

use conversions_delivery::UnixMillis;
use jiff::Timestamp;
use serde::Serializer;

/// RFC 3339 in UTC, to the millisecond. `None` for Unix time 0, which stands for an unknown time, and for times beyond the
/// calendar.
#[must_use]
pub fn rfc3339(time: UnixMillis) -> Option<String> {
    Timestamp::from_millisecond(time.0)
        .ok()
        .filter(|_| time.0 != 0)
        .map(|time| time.to_string())
}

/// Serializes a time as RFC 3339, an unknown one as null.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
pub(crate) fn serialize<S: Serializer>(
    time: &UnixMillis,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match rfc3339(*time) {
        Some(text) => serializer.serialize_some(&text),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_times_are_none() {
        assert_eq!(rfc3339(UnixMillis(0)), None);
        assert_eq!(rfc3339(UnixMillis(i64::MAX)), None);
        assert_eq!(
            rfc3339(UnixMillis(1_767_225_600_999)).as_deref(),
            Some("2026-01-01T00:00:00.999Z")
        );
    }
}
