//! The engine: destinations over a log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use conversions_transport::Transport;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::append::{AppendGroup, Appended};
use crate::destination_worker::DestinationWorker;
use crate::engine_state::{EngineState, Interrupted, Phase};
use crate::log::{AppendError, EventLog, LogError};
use crate::options::DestinationOptions;
use crate::progress::Progress;
use crate::time::Clock;

mod builder;
mod dispatcher;
mod finish;

pub use builder::EngineBuilder;
pub use finish::{Ended, FinishOptions, Summary};

/// Delivers what is appended to its log, until it is finished or dropped.
///
/// Every destination is served on its own: one that is slow or held does not keep others waiting. All methods may be
/// called from many tasks at once.
pub struct Engine {
    workers: BTreeMap<Arc<str>, Arc<DestinationWorker>>,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    state: Arc<EngineState>,
    tasks: Mutex<JoinSet<()>>,
    started: Instant,
}

impl Engine {
    /// An engine that is not running yet.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::new()
    }

    /// Appends a group to the log. When this returns `Ok`, the events are as safe as the log makes them, and on their
    /// way.
    ///
    /// # Errors
    ///
    /// [`AppendError`]: no event of the group was appended (but see [`LogError::Failed`](crate::LogError::Failed)).
    pub async fn append(&self, group: impl Into<AppendGroup>) -> Result<Appended, AppendError> {
        let group = group.into();
        if let Some(unknown) = group
            .frames
            .iter()
            .find(|frame| !self.workers.contains_key(frame.destination()))
        {
            return Err(AppendError::UnknownDestination(
                unknown.destination().to_string(),
            ));
        }
        if group.frames.is_empty() && group.offset.is_none() {
            return Ok(Appended::default());
        }
        let sizes: Vec<_> = group
            .frames
            .iter()
            .map(|frame| (Arc::clone(frame.destination()), frame.len()))
            .collect();
        let appended = tokio::select! {
            biased;
            stopped = self.state.wait_for_phase(Phase::Stopping) => return Err(self.append_error(stopped)),
            appended = self.log.append(group, self.clock.now()) => appended?,
        };
        let mut pieces = appended.frames.iter();
        for (destination, mut events) in sizes {
            while events > 0
                && let Some(piece) = pieces.next()
            {
                events = events.saturating_sub(piece.events);
                if let Some(worker) = self.workers.get(&destination) {
                    worker.count_appended(piece.stored(), piece.duplicates.len());
                }
            }
        }
        Ok(appended)
    }

    /// Appends a group, waiting for deliveries to make room when the log is full.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); [`AppendError::Full`] only if the group does not fit into an empty log.
    pub async fn append_when_room(
        &self,
        group: impl Into<AppendGroup>,
    ) -> Result<Appended, AppendError> {
        let group = group.into();
        let mut progress_signal = self.state.progress_signal();
        loop {
            progress_signal.mark_unchanged();
            match self.append(group.clone()).await {
                Err(AppendError::Full { held, .. }) if held > 0 => {}
                ended => return ended,
            }
            // Every delivery signals. The timeout is for room that others make, on the disk for instance.
            let _ = tokio::time::timeout(Duration::from_secs(5), progress_signal.changed()).await;
        }
    }

    /// What has been done so far.
    pub async fn progress(&self) -> Progress {
        let mut progress = Progress::default();
        for (name, worker) in &self.workers {
            let destination = worker.progress().await;
            progress.destinations.insert(Arc::clone(name), destination);
        }
        progress.log_fault = self.state.log_fault();
        progress
    }

    /// Puts a new transport and new options in force for a destination, from its next request on; if it is held, it
    /// tries them at once. Returns whether there is such a destination.
    pub fn reload(
        &self,
        destination: &str,
        transport: Arc<dyn Transport>,
        options: DestinationOptions,
    ) -> bool {
        let worker = self.workers.get(destination);
        if let Some(worker) = worker {
            worker.reload(transport, options);
        }
        worker.is_some()
    }

    fn append_error(&self, why: Interrupted) -> AppendError {
        match (why, self.state.log_fault()) {
            (Interrupted::LogFailed, Some(reason)) => AppendError::Log(LogError::Failed { reason }),
            _ => AppendError::ShuttingDown,
        }
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("destinations", &self.workers.keys())
            .field("phase", &self.state.phase())
            .finish_non_exhaustive()
    }
}
