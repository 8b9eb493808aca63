//! How long to wait before the next attempt.

use std::time::Duration;

use crate::randomness::Randomness;

/// Exponential backoff with jitter and a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The upper bound of the first wait; each further one is twice as long.
    pub base: Duration,
    /// No wait is longer.
    pub cap: Duration,
}

impl Backoff {
    /// The wait after `failures` failures in a row (at least 1), with full jitter: uniform between nothing and the
    /// bound. Full jitter spreads the load best when many senders fail at the same moment.
    #[must_use]
    pub fn full_jitter(&self, failures: u32, random: &dyn Randomness) -> Duration {
        self.bound(failures).mul_f64(random.fraction())
    }

    /// The same, but never less than half of the bound: for a caller who was told to slow down.
    #[must_use]
    pub fn half_jitter(&self, failures: u32, random: &dyn Randomness) -> Duration {
        let half = self.bound(failures) / 2;
        half + half.mul_f64(random.fraction())
    }

    /// The longest wait after `failures` failures in a row.
    #[must_use]
    pub fn bound(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::SeededRandomness;

    const RETRY: Backoff = Backoff {
        base: Duration::from_secs(1),
        cap: Duration::from_mins(5),
    };

    #[test]
    fn bounds_double_up_to_the_cap() {
        let bounds =
            [1, 2, 3, 9, 10, 4_000_000_000].map(|failures| RETRY.bound(failures).as_secs());
        assert_eq!(bounds, [1, 2, 4, 256, 300, 300]);
    }

    #[test]
    fn jitter_fills_its_range() {
        let random = SeededRandomness::new(1);
        let full: Vec<_> = (0..500).map(|_| RETRY.full_jitter(4, &random)).collect();
        assert!(full.iter().all(|wait| *wait < Duration::from_secs(8)));
        assert!(full.iter().any(|wait| *wait < Duration::from_secs(1)));
        assert!(full.iter().any(|wait| *wait > Duration::from_secs(7)));
        let half: Vec<_> = (0..500).map(|_| RETRY.half_jitter(4, &random)).collect();
        assert!(
            half.iter()
                .all(|wait| (4.0..8.0).contains(&wait.as_secs_f64()))
        );
    }
}
