//! The state that all tasks of an engine share: its phase, its health, and a signal of progress.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::log::LogError;

/// How far the engine has got. It only ever moves on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Events may be appended.
    #[default]
    Running,
    /// No more events are expected: batches are not kept waiting for others to join.
    Draining,
    /// Nothing more is leased or begun.
    Stopping,
}

/// The state of an engine.
#[derive(Debug)]
pub(crate) struct EngineState {
    phase: watch::Sender<Phase>,
    /// Changes with everything that [`finish`](crate::Engine::finish) or an append to a full log may wait for.
    progress_signal: watch::Sender<()>,
    health: Mutex<Health>,
}

/// Why something was left undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupted {
    /// The engine stops.
    Stopping,
    /// The log has failed for good.
    LogFailed,
}

#[derive(Debug)]
struct Health {
    log_fault: Option<String>,
    failed: bool,
    last_progress: Instant,
}

impl EngineState {
    pub(crate) fn new() -> Self {
        Self {
            phase: watch::Sender::new(Phase::Running),
            progress_signal: watch::Sender::new(()),
            health: Mutex::new(Health {
                log_fault: None,
                failed: false,
                last_progress: Instant::now(),
            }),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Moves on to `phase`, unless it is further already.
    pub(crate) fn advance(&self, phase: Phase) {
        self.phase.send_if_modified(|current| {
            let moves = *current < phase;
            if moves {
                *current = phase;
            }
            moves
        });
        self.notify_progress();
    }

    /// Waits until the engine is in `phase` or further, and returns why.
    pub(crate) async fn wait_for_phase(&self, phase: Phase) -> Interrupted {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self
            .phase
            .subscribe()
            .wait_for(|current| *current >= phase)
            .await;
        if self.has_failed() {
            Interrupted::LogFailed
        } else {
            Interrupted::Stopping
        }
    }

    /// A signal that changes with progress.
    pub(crate) fn progress_signal(&self) -> watch::Receiver<()> {
        self.progress_signal.subscribe()
    }

    /// Wakes everything that waits for progress.
    pub(crate) fn notify_progress(&self) {
        self.progress_signal.send_replace(());
    }

    /// Records that events were settled: the log works, and the run makes progress.
    pub(crate) fn record_progress(&self) {
        let mut health = self.health();
        health.last_progress = Instant::now();
        if !health.failed {
            health.log_fault = None;
        }
        drop(health);
        self.notify_progress();
    }

    /// Records that no events were waiting, so a lack of progress is not a fault.
    pub(crate) fn record_idle(&self) {
        self.health().last_progress = Instant::now();
    }

    pub(crate) fn last_progress(&self) -> Instant {
        self.health().last_progress
    }

    /// Records that the log cannot be used at the moment.
    pub(crate) fn report_log_trouble(&self, error: &LogError) {
        let mut health = self.health();
        if health.failed {
            return;
        }
        if health.log_fault.is_none() {
            tracing::error!("{error}");
        }
        health.log_fault = Some(error.to_string());
        drop(health);
        self.notify_progress();
    }

    /// Records that the log has failed for good, and stops the engine.
    pub(crate) fn fail(&self, error: &dyn std::fmt::Display) {
        let mut health = self.health();
        if !health.failed {
            tracing::error!("{error}");
            health.log_fault = Some(error.to_string());
            health.failed = true;
        }
        drop(health);
        self.advance(Phase::Stopping);
    }

    pub(crate) fn log_fault(&self) -> Option<String> {
        self.health().log_fault.clone()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.health().failed
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
