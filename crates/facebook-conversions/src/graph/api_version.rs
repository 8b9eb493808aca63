//! Versions of the Graph API and their known ends.

use std::fmt;
use std::str::FromStr;

/// A version of the Graph API, `v26.0`.
///
/// ```
/// use facebook_conversions::graph::ApiVersion;
///
/// let version: ApiVersion = "v24.0".parse().unwrap();
/// // 23 November 2026, in Unix seconds.
/// assert_eq!(version.known_end(1_795_392_000), Some("2026-10-06"));
/// assert_eq!(ApiVersion::default().known_end(1_795_392_000), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion {
    major: u16,
    minor: u16,
}

/// What is known of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownVersion {
    /// The version.
    pub version: ApiVersion,
    /// The day of its release, `YYYY-MM-DD`, where known.
    pub released: Option<&'static str>,
    /// The day from which Meta may refuse it, `YYYY-MM-DD`, where known.
    pub ends: Option<&'static str>,
}

/// Why a text is not a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an API version is written like `{}`", ApiVersion::CURRENT)]
pub struct ApiVersionError;

impl ApiVersion {
    /// The current version, and the default everywhere.
    pub const CURRENT: Self = Self::new(26, 0);

    /// The known versions, newest first. Ends are those that Meta gives for its Marketing API; for the
    /// Conversions API it has promised two years, but calls to ended versions may fail or be served by another.
    #[rustfmt::skip]
    pub const KNOWN: &[KnownVersion] = &[
        //    version  released            ends
        known(26, 0,   Some("2026-07-29"), None),
        known(25, 0,   Some("2026-02-18"), None),
        known(24, 0,   Some("2025-10-08"), Some("2026-10-06")),
        known(23, 0,   None,               None),
        known(22, 0,   Some("2025-01-21"), Some("2026-02-19")),
    ];

    /// Version `major.minor`.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// The day, `YYYY-MM-DD`, on which this version ended, if that is known and past at `now` (Unix seconds).
    ///
    /// Versions end in order: a version without a known end has ended when a newer one has.
    #[must_use]
    pub fn known_end(self, now: i64) -> Option<&'static str> {
        let of_this_or_newer =
            |known: &&KnownVersion| known.version >= self && known.ends.is_some();
        // Newest first, so the last that is not older is the first to have ended.
        let ends = Self::KNOWN.iter().rfind(of_this_or_newer)?.ends?;
        (unix_seconds(ends)? <= now).then_some(ends)
    }
}

/// [`ApiVersion::CURRENT`].
impl Default for ApiVersion {
    fn default() -> Self {
        Self::CURRENT
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}

impl FromStr for ApiVersion {
    type Err = ApiVersionError;

    /// Reads `v26.0` or `26.0`.
    fn from_str(text: &str) -> Result<Self, ApiVersionError> {
        let (major, minor) = text
            .strip_prefix('v')
            .unwrap_or(text)
            .split_once('.')
            .ok_or(ApiVersionError)?;
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain
                .then(|| digits.parse().ok())
                .flatten()
                .ok_or(ApiVersionError)
        };
        Ok(Self::new(number(major)?, number(minor)?))
    }
}

const fn known(
    major: u16,
    minor: u16,
    released: Option<&'static str>,
    ends: Option<&'static str>,
) -> KnownVersion {
    KnownVersion {
        version: ApiVersion::new(major, minor),
        released,
        ends,
    }
}

/// The start, in UTC, of a day `YYYY-MM-DD` of our era.
fn unix_seconds(day: &str) -> Option<i64> {
    let mut parts = day.split('-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400)
}

#[cfg(test)]
mod tests {
    use super::{ApiVersion, unix_seconds};

    /// 23 November 2026.
    const NOW: i64 = 1_795_392_000;

    #[test]
    fn days_are_counted_right() {
        assert_eq!(unix_seconds("1970-01-01"), Some(0));
        assert_eq!(unix_seconds("2000-02-29"), Some(951_782_400));
        assert_eq!(unix_seconds("2026-11-23"), Some(NOW));
        assert_eq!(unix_seconds("nonsense"), None);
    }

    #[test]
    fn a_version_is_read_and_written() {
        for (text, written) in [
            ("v26.0", "v26.0"),
            ("22.0", "v22.0"),
            ("v101.12", "v101.12"),
        ] {
            assert_eq!(text.parse::<ApiVersion>().unwrap().to_string(), written);
        }
        for text in [
            "", "v", "26", "v26", "v26.", "v.0", "V26.0", "v26.0.1", "v+2.0", "v26.0 ", "../x",
            "v99999.0",
        ] {
            assert!(text.parse::<ApiVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn versions_end_in_order() {
        let end = |text: &str| text.parse::<ApiVersion>().unwrap().known_end(NOW);
        assert_eq!(end("v27.0"), None);
        assert_eq!(end("v26.0"), None);
        assert_eq!(end("v25.0"), None);
        assert_eq!(end("v24.0"), Some("2026-10-06"));
        assert_eq!(end("v23.0"), Some("2026-10-06"));
        assert_eq!(end("v22.0"), Some("2026-02-19"));
        assert_eq!(end("v17.0"), Some("2026-02-19"));
    }

    #[test]
    fn version_with_an_end_in_the_future_is_not_expired() {
        let before = unix_seconds("2026-10-05").unwrap();
        assert_eq!(ApiVersion::new(24, 0).known_end(before), None);
        assert_eq!(ApiVersion::new(23, 0).known_end(before), None);
    }

    #[test]
    fn the_table_is_in_order_and_its_days_are_days() {
        assert_eq!(ApiVersion::KNOWN[0].version, ApiVersion::CURRENT);
        assert!(ApiVersion::KNOWN.is_sorted_by(|a, b| a.version > b.version));
        let ends: Vec<_> = ApiVersion::KNOWN
            .iter()
            .filter_map(|known| known.ends)
            .collect();
        assert!(ends.is_sorted_by(|a, b| a > b));
        for known in ApiVersion::KNOWN {
            for day in known.released.into_iter().chain(known.ends) {
                assert!(
                    unix_seconds(day).is_some_and(|s| s > 1_700_000_000),
                    "{day}"
                );
            }
        }
    }
}
