//! Randomness as a parameter: what spreads retries in time.

use std::sync::atomic::{AtomicU64, Ordering};

/// Gives random numbers for jitter. Nothing secret depends on them.
pub trait Randomness: Send + Sync {
    /// The next number, uniform in `0.0..1.0`.
    fn fraction(&self) -> f64;
}

/// A different sequence in every process.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fraction(&self) -> f64 {
        fastrand::f64()
    }
}

/// The same sequence for the same seed, whichever thread asks.
#[derive(Debug)]
pub struct SeededRandomness {
    drawn: AtomicU64,
    seed: u64,
}

impl SeededRandomness {
    /// A sequence of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            drawn: AtomicU64::new(0),
            seed,
        }
    }
}

impl Randomness for SeededRandomness {
    fn fraction(&self) -> f64 {
        let draw = self.drawn.fetch_add(1, Ordering::Relaxed);
        fastrand::Rng::with_seed(
            self.seed
                .wrapping_add(draw.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        )
        .f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_fractions_stay_below_one() {
        let draw = |seed| {
            let random = SeededRandomness::new(seed);
            (0..1000).map(|_| random.fraction()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).iter().all(|fraction| (0.0..1.0).contains(fraction)));
        let mean = draw(7).iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
    }
}
