//! What all destinations of an engine share: its phase, its health, its pulse.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::lane::Interrupted;
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

/// Shared by the engine and all its tasks.
#[derive(Debug)]
pub(crate) struct Shared {
    phase: watch::Sender<Phase>,
    /// Changes whenever something happened that somebody may be waiting for.
    pulse: watch::Sender<()>,
    health: Mutex<Health>,
}

#[derive(Debug)]
struct Health {
    log_fault: Option<String>,
    failed: bool,
    last_progress: Instant,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            phase: watch::Sender::new(Phase::Running),
            pulse: watch::Sender::new(()),
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
        self.stirred();
    }

    /// Waits until `phase` is reached, and says why.
    pub(crate) async fn reached(&self, phase: Phase) -> Interrupted {
        // The sender lives as long as this; an error cannot happen, and would mean the end.
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

    /// Told of everything that somebody may be waiting for.
    pub(crate) fn pulse(&self) -> watch::Receiver<()> {
        self.pulse.subscribe()
    }

    pub(crate) fn stirred(&self) {
        self.pulse.send_replace(());
    }

    /// Events were settled: things move.
    pub(crate) fn progressed(&self) {
        let mut health = self.health();
        health.last_progress = Instant::now();
        if !health.failed {
            health.log_fault = None;
        }
        drop(health);
        self.stirred();
    }

    /// Something that is no progress but explains the lack of it: there was nothing to do.
    pub(crate) fn idle(&self) {
        self.health().last_progress = Instant::now();
    }

    pub(crate) fn last_progress(&self) -> Instant {
        self.health().last_progress
    }

    /// The log cannot be used at the moment.
    pub(crate) fn log_troubled(&self, error: &LogError) {
        let mut health = self.health();
        if health.failed {
            return;
        }
        if health.log_fault.is_none() {
            tracing::error!("{error}");
        }
        health.log_fault = Some(error.to_string());
        drop(health);
        self.stirred();
    }

    /// The log has failed for good: the engine stops.
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
