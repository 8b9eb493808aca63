//! Slows a destination down before Meta does.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use facebook_conversions::usage::{PAUSE_PERCENT, Pressure, SLOW_DOWN_PERCENT, Usage};
use tokio::time::Instant;

/// The space between requests just below the pause.
const WIDEST_SPACE: Duration = Duration::from_secs(5);

/// When the next request of a destination may start.
#[derive(Debug)]
pub(crate) struct Pace {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    paused_until: Instant,
    next_start: Instant,
    space: Duration,
    usage_percent: Option<f64>,
}

impl Pace {
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

    /// Waits for this request's turn.
    pub(crate) async fn turn(&self) {
        while let Some(at) = self.take_turn() {
            tokio::time::sleep_until(at).await;
        }
    }

    /// Takes the turn, or says when to ask again.
    fn take_turn(&self) -> Option<Instant> {
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

    /// Takes in what a reply's headers say; `pause` is how long to stop when nothing better is known.
    pub(crate) fn heed(&self, usage: &Usage, pause: Duration) {
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

    /// How long nothing will start, if there is a pause.
    pub(crate) fn paused_for(&self) -> Option<Duration> {
        let left = self
            .state()
            .paused_until
            .saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// How much of the allowance is used, as last heard.
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
    async fn a_pause_is_kept_by_all_and_never_shortened() {
        let pace = Pace::new();
        pace.pause(Duration::from_mins(1));
        pace.pause(Duration::from_secs(10));
        let start = Instant::now();
        tokio::join!(pace.turn(), pace.turn());
        assert_eq!(start.elapsed(), Duration::from_mins(1));
        assert_eq!(pace.paused_for(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn spaced_requests_start_one_after_the_other() {
        let pace = Pace::new();
        pace.state().space = Duration::from_secs(2);
        let start = Instant::now();
        for _ in 0..4 {
            pace.turn().await;
        }
        assert_eq!(start.elapsed(), Duration::from_secs(6));
    }
}
