//! The wall clock as a parameter.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// From Unix seconds; what does not fit is the nearest that does.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Unix seconds, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// This much earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// The time from `earlier` to this; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Tells the time of day.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> UnixMillis;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => UnixMillis(millis(since)),
            Err(before) => UnixMillis(millis(before.duration()).saturating_neg()),
        }
    }
}

/// A clock that starts at a given time and follows tokio's time from there.
///
/// For replaying old events against a stand-in; and on tokio's paused clock it makes days pass at once.
#[derive(Clone, Copy, Debug)]
pub struct StartingClock {
    start: UnixMillis,
    made: Instant,
}

impl StartingClock {
    /// A clock that says `start` now.
    #[must_use]
    pub fn new(start: UnixMillis) -> Self {
        Self {
            start,
            made: Instant::now(),
        }
    }
}

impl Clock for StartingClock {
    fn now(&self) -> UnixMillis {
        self.start.plus(self.made.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_starting_clock_moves_with_tokio() {
        let clock = StartingClock::new(UnixMillis::from_seconds(1_767_225_600));
        tokio::time::sleep(Duration::from_hours(24)).await;
        assert_eq!(clock.now().seconds(), 1_767_312_000);
    }

    #[test]
    fn differences_never_go_below_zero() {
        let (early, late) = (UnixMillis(-5), UnixMillis(1_995));
        assert_eq!(late.since(early), Duration::from_secs(2));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.seconds(), -1);
        assert_eq!(
            UnixMillis(i64::MAX).plus(Duration::MAX),
            UnixMillis(i64::MAX)
        );
    }
}
