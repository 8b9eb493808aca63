//! Whether the endpoint can take events: what `/readyz` says, and a line in the log when that changes.

use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a refusal keeps load balancers away. Then they may try again, or nobody would find out that it works.
const KEPT_AWAY: Duration = Duration::from_secs(10);

/// What is known.
#[derive(Default)]
pub(crate) struct Health(Mutex<State>);

#[derive(Default)]
struct State {
    is_stopping: bool,
    trouble: Option<Trouble>,
}

struct Trouble {
    reason: String,
    last: Instant,
}

impl Health {
    /// Events were made safe.
    pub(crate) fn works(&self) {
        if self.state().trouble.take().is_some() {
            tracing::warn!("events are taken again");
        }
    }

    /// Events were not taken.
    pub(crate) fn refuses(&self, error: &dyn Display) {
        let mut state = self.state();
        if state.trouble.is_none() && !state.is_stopping {
            tracing::error!("no events are taken, senders are told to come back: {error}");
        }
        state.trouble = Some(Trouble {
            reason: error.to_string(),
            last: Instant::now(),
        });
    }

    /// The end has begun.
    pub(crate) fn stops(&self) {
        self.state().is_stopping = true;
    }

    /// Whether senders are welcome, and why not.
    pub(crate) fn ready(&self) -> Result<(), String> {
        let state = self.state();
        if state.is_stopping {
            return Err("stopping".to_owned());
        }
        match &state.trouble {
            Some(trouble) if trouble.last.elapsed() < KEPT_AWAY => Err(trouble.reason.clone()),
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
    async fn a_refusal_keeps_senders_away_for_a_while() {
        let health = Health::default();
        assert_eq!(health.ready(), Ok(()));
        health.refuses(&"full");
        assert_eq!(health.ready(), Err("full".to_owned()));
        tokio::time::advance(KEPT_AWAY).await;
        assert_eq!(health.ready(), Ok(()));
        health.refuses(&"full");
        health.works();
        assert_eq!(health.ready(), Ok(()));
        health.stops();
        assert_eq!(health.ready(), Err("stopping".to_owned()));
    }
}
