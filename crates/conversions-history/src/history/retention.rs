//! Whether the clock can be believed when it says that something is old.

use std::time::{Duration, Instant};

/// A clock that is set to another time is believed after running on for so long.
const PROBATION: Duration = Duration::from_hours(1);
/// The clock may gain or lose so much between two looks without being in doubt.
const TOLERANCE_MS: i64 = 10 * 60 * 1000;

/// Compares the clock with the time that has passed. A clock that is wrong for a while must not make a fortnight of history
/// or a trace look old.
pub(crate) struct ClockWatch {
    last: Option<(i64, Instant)>,
    believed_from: Instant,
}

impl ClockWatch {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            last: None,
            believed_from: now + PROBATION,
        }
    }

    /// Believes the clock until it jumps.
    #[cfg(test)]
    pub(crate) fn believing() -> Self {
        Self {
            last: None,
            believed_from: Instant::now(),
        }
    }

    /// Looks at the clock, and says whether it is believed.
    pub(crate) fn observe(&mut self, clock_ms: i64, now: Instant) -> bool {
        if let Some((clock_before, before)) = self.last {
            let passed = i64::try_from(now.saturating_duration_since(before).as_millis());
            let expected = clock_before.saturating_add(passed.unwrap_or(i64::MAX));
            if clock_ms.saturating_sub(expected).saturating_abs() > TOLERANCE_MS {
                self.believed_from = now + PROBATION;
            }
        }
        self.last = Some((clock_ms, now));
        now >= self.believed_from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_believed_after_an_hour_without_a_jump() {
        let start = Instant::now();
        let mut watch = ClockWatch::new(start);
        let mut believed = |clock_minutes: i64, minutes: u64| {
            watch.observe(clock_minutes * 60_000, start + Duration::from_mins(minutes))
        };
        assert!(!believed(1000, 0));
        assert!(!believed(1059, 59));
        assert!(believed(1060, 60));
        assert!(!believed(900_000, 61), "it jumped");
        assert!(!believed(1062, 62), "and back");
        assert!(!believed(1121, 121));
        assert!(believed(1122, 122));
    }
}
