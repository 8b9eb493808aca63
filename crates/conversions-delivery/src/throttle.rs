//! The throttle of a destination: slows requests down before Meta refuses them.
//!
//! Replies say how much of Meta's allowance is used. Between the two thresholds the space between requests grows; above
//! the second nothing is sent until access is regained.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use facebook_conversions::usage::{PAUSE_PERCENT, Pressure, SLOW_DOWN_PERCENT, Usage};
use tokio::time::Instant;

/// The space between requests just below the pause. Meta does not document how fast usage falls; this much is
/// noticeable without stopping the destination.
const WIDEST_SPACE: Duration = Duration::from_secs(5);

/// When the next request of a destination may start.
#[derive(Debug)]
pub(crate) struct Throttle {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    paused_until: Instant,
    next_start: Instant,
    space: Duration,
    usage_percent: Option<f64>,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            state: Mutex::new(State {
                paused_until: now,
                next_start: now,
                space: Duration::ZERO,
                usage_percent: None,
            }),
        }
    }

    /// Waits until a request may start.
    pub(crate) async fn acquire(&self) {
        while let Some(at) = self.try_acquire() {
            tokio::time::sleep_until(at).await;
        }
    }

    /// Lets a request start, or returns when to try again.
    fn try_acquire(&self) -> Option<Instant> {
        let mut state = self.state();
        let now = Instant::now();
        let at = state.paused_until.max(state.next_start);
        if at > now {
            return Some(at);
        }
        state.next_start = now + state.space;
        None
    }

    /// No request starts for this long; a longer pause stays as it is.
    pub(crate) fn pause(&self, wait: Duration) {
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Instant::now() + wait);
    }

    /// Takes the usage that a reply reports into account; `pause` is how long to stop when the reply does not say.
    pub(crate) fn observe_usage(&self, usage: &Usage, pause: Duration) {
        let Some(percent) = usage.highest_percent() else {
            return;
        };
        {
            let mut state = self.state();
            state.usage_percent = Some(percent);
            state.space = space(percent);
            state.next_start = Instant::now() + state.space;
        }
        if usage.pressure() == Pressure::Pause {
            self.pause(usage.time_to_regain_access().unwrap_or(pause));
        }
    }

    /// How long no request will start; `None` without a pause.
    pub(crate) fn paused_for(&self) -> Option<Duration> {
        let left = self
            .state()
            .paused_until
            .saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// How much of the allowance is used, by the last reply that said.
    pub(crate) fn usage_percent(&self) -> Option<f64> {
        self.state().usage_percent
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The space between requests: none below the first threshold, the widest from the second on.
fn space(percent: f64) -> Duration {
    let share = (percent - SLOW_DOWN_PERCENT) / (PAUSE_PERCENT - SLOW_DOWN_PERCENT);
    if share.is_nan() || share < 0.0 {
        return Duration::ZERO;
    }
    WIDEST_SPACE.mul_f64(share.clamp(0.05, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_grows_between_the_thresholds() {
        let millis = [0.0, 74.9, 75.0, 85.0, 95.0, 250.0, f64::NAN].map(|p| space(p).as_millis());
        assert_eq!(millis, [0, 0, 250, 2500, 5000, 5000, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_shorter_pause_does_not_end_a_longer_one() {
        let throttle = Throttle::new();
        throttle.pause(Duration::from_mins(1));
        throttle.pause(Duration::from_secs(10));
        let start = Instant::now();
        tokio::join!(throttle.acquire(), throttle.acquire());
        assert_eq!(start.elapsed(), Duration::from_mins(1));
        assert_eq!(throttle.paused_for(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_start_with_the_space_between_them() {
        let throttle = Throttle::new();
        throttle.state().space = Duration::from_secs(2);
        let start = Instant::now();
        for _ in 0..4 {
            throttle.acquire().await;
        }
        assert_eq!(start.elapsed(), Duration::from_secs(6));
    }
}
