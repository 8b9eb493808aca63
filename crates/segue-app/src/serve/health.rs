//! Whether the endpoint can take events: the answer of `/readyz`, and a line in the log when it changes.

use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long after a refused append `/readyz` says no. Then load balancers send again; without events nobody would notice that
/// the log works again.
const UNREADY_FOR: Duration = Duration::from_secs(10);

/// The health of the endpoint.
#[derive(Default)]
pub(super) struct Health(Mutex<State>);

#[derive(Default)]
struct State {
    is_shutting_down: bool,
    trouble: Option<Trouble>,
}

struct Trouble {
    reason: String,
    last: Instant,
}

impl Health {
    /// Events were appended to the log.
    pub(super) fn record_success(&self) {
        if self.state().trouble.take().is_some() {
            tracing::warn!("events are accepted again");
        }
    }

    /// Events could not be appended.
    pub(super) fn record_failure(&self, error: &dyn Display) {
        let mut state = self.state();
        if state.trouble.is_none() && !state.is_shutting_down {
            tracing::error!("events are refused, senders are told to try again later: {error}");
        }
        state.trouble = Some(Trouble {
            reason: error.to_string(),
            last: Instant::now(),
        });
    }

    /// The endpoint is shutting down.
    pub(super) fn begin_shutdown(&self) {
        self.state().is_shutting_down = true;
    }

    /// Whether the endpoint takes events; if not, why.
    pub(super) fn ready(&self) -> Result<(), String> {
        let state = self.state();
        if state.is_shutting_down {
            return Err("stopping".to_owned());
        }
        match &state.trouble {
            Some(trouble) if trouble.last.elapsed() < UNREADY_FOR => Err(trouble.reason.clone()),
            _ => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn readiness_returns_some_time_after_a_failure() {
        let health = Health::default();
        assert_eq!(health.ready(), Ok(()));
        health.record_failure(&"full");
        assert_eq!(health.ready(), Err("full".to_owned()));
        tokio::time::advance(UNREADY_FOR).await;
        assert_eq!(health.ready(), Ok(()));
        health.record_failure(&"full");
        health.record_success();
        assert_eq!(health.ready(), Ok(()));
        health.begin_shutdown();
        assert_eq!(health.ready(), Err("stopping".to_owned()));
    }
}
