//! The engine: destinations over a log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use conversions_transport::Transport;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::append::{AppendGroup, Appended};
use crate::lane::{Interrupted, Lane, count};
use crate::log::{AppendError, EventLog, LogError};
use crate::options::DestinationOptions;
use crate::progress::Progress;
use crate::time::Clock;

mod builder;
mod dispatcher;
mod finish;
pub(crate) mod shared;

pub use builder::EngineBuilder;
pub use finish::{Ended, FinishOptions, Summary};
use shared::{Phase, Shared};

/// Delivers what is appended to its log, until it is finished or dropped.
///
/// Every destination is served on its own: one that is slow or held does not keep others waiting. All methods may be
/// called from many tasks at once.
pub struct Engine {
    lanes: BTreeMap<Arc<str>, Arc<Lane>>,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
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
    /// [`AppendError`]: nothing of the group was taken (but see [`LogError::Failed`](crate::LogError::Failed)).
    pub async fn append(&self, group: impl Into<AppendGroup>) -> Result<Appended, AppendError> {
        let group = group.into();
        if let Some(stranger) = group
            .events
            .iter()
            .find(|event| !self.lanes.contains_key(&event.destination))
        {
            return Err(AppendError::UnknownDestination(
                stranger.destination.to_string(),
            ));
        }
        if group.events.is_empty() && group.offset.is_none() {
            return Ok(Appended::default());
        }
        let destinations: Vec<_> = group
            .events
            .iter()
            .map(|event| Arc::clone(&event.destination))
            .collect();
        let appended = tokio::select! {
            biased;
            stopped = self.shared.reached(Phase::Stopping) => return Err(self.stopped(stopped)),
            appended = self.log.append(group, self.clock.now()) => appended?,
        };
        for (name, lane) in &self.lanes {
            let (stored, duplicates) = count(&appended, destinations.iter().map(|to| to == name));
            if stored + duplicates > 0 {
                lane.appended(stored, duplicates);
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
        let mut pulse = self.shared.pulse();
        loop {
            pulse.mark_unchanged();
            match self.append(group.clone()).await {
                Err(AppendError::Full { held, .. }) if held > 0 => {}
                ended => return ended,
            }
            // The pulse comes with every delivery; now and then is for room made by others.
            let _ = tokio::time::timeout(Duration::from_secs(5), pulse.changed()).await;
        }
    }

    /// What has been done so far.
    pub async fn progress(&self) -> Progress {
        let mut progress = Progress::default();
        for (name, lane) in &self.lanes {
            let destination = lane.progress().await;
            progress.destinations.insert(Arc::clone(name), destination);
        }
        progress.log_fault = self.shared.log_fault();
        progress
    }

    /// Puts a new transport and new options in force for a destination, from its next request on; if it is held, it
    /// tries them at once. Says whether there is such a destination.
    pub fn reload(
        &self,
        destination: &str,
        transport: Arc<dyn Transport>,
        options: DestinationOptions,
    ) -> bool {
        let lane = self.lanes.get(destination);
        if let Some(lane) = lane {
            lane.reload(transport, options);
        }
        lane.is_some()
    }

    fn stopped(&self, why: Interrupted) -> AppendError {
        match (why, self.shared.log_fault()) {
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
            .field("destinations", &self.lanes.keys())
            .field("phase", &self.shared.phase())
            .finish_non_exhaustive()
    }
}
