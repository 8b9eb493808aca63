//! The current year.

use jiff::Timestamp;

/// Caches the current year, by which two-digit years of birth are read, so that it is not computed for every message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CachedYear {
    hour: i64,
    year: i16,
}

impl CachedYear {
    const HOUR: i64 = 3600;

    pub(crate) fn of(now: Timestamp) -> Self {
        Self {
            hour: now.as_second().div_euclid(Self::HOUR),
            year: jiff::tz::TimeZone::UTC.to_datetime(now).year(),
        }
    }

    /// The year of a time; computed anew when the hour changes.
    pub(crate) fn at(&mut self, now: Timestamp) -> i16 {
        if now.as_second().div_euclid(Self::HOUR) != self.hour {
            *self = Self::of(now);
        }
        self.year
    }
}
