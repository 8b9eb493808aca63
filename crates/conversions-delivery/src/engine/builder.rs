//! Builds an engine out of destinations, a log, a clock and randomness.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conversions_transport::{DryRunTransport, Transport};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Engine, dispatcher};
use crate::destination_worker::{DestinationWorker, EngineContext};
use crate::engine_state::{EngineState, Phase};
use crate::log::EventLog;
use crate::memory_log::MemoryLog;
use crate::observer::DeliveryObserver;
use crate::options::DestinationOptions;
use crate::randomness::{Randomness, SystemRandomness};
use crate::time::{Clock, SystemClock};

/// How often the log does its maintenance, and shows its status. `status` counts an engine as running for some times
/// this.
const MAINTAIN_EVERY: Duration = Duration::from_secs(2);

/// Puts an [`Engine`] together. Without a log it has a [`MemoryLog`]; without a clock, this machine's.
#[must_use]
pub struct EngineBuilder {
    destinations: BTreeMap<Arc<str>, (Arc<dyn Transport>, DestinationOptions)>,
    /// Destinations that another engine delivers to.
    append_only: BTreeSet<Arc<str>>,
    log: Option<Arc<dyn EventLog>>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Randomness>,
    observer: Option<Arc<dyn DeliveryObserver>>,
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("destinations", &self.destinations.keys())
            .finish_non_exhaustive()
    }
}

impl EngineBuilder {
    pub(super) fn new() -> Self {
        Self {
            destinations: BTreeMap::new(),
            append_only: BTreeSet::new(),
            log: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandomness),
            observer: None,
        }
    }

    /// Adds a destination; the same name again replaces it.
    pub fn destination(
        mut self,
        name: impl Into<Arc<str>>,
        transport: Arc<dyn Transport>,
        options: DestinationOptions,
    ) -> Self {
        self.destinations.insert(name.into(), (transport, options));
        self
    }

    /// Adds a destination whose events are appended and not delivered: another process does that, over the same log.
    pub fn append_only(mut self, name: impl Into<Arc<str>>) -> Self {
        self.append_only.insert(name.into());
        self
    }

    /// Sets the log.
    pub fn log(mut self, log: Arc<dyn EventLog>) -> Self {
        self.log = Some(log);
        self
    }

    /// Sets the clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets where jitter comes from.
    pub fn randomness(mut self, random: Arc<dyn Randomness>) -> Self {
        self.random = random;
        self
    }

    /// Sets who is told of each request and of each settled event.
    pub fn observer(mut self, observer: Arc<dyn DeliveryObserver>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Starts delivery; what the log already holds is delivered too. Must be called in a tokio runtime with its timer
    /// enabled. Metrics go to the recorder that is installed now.
    #[must_use = "the engine stops when it is dropped"]
    pub fn start(self) -> Engine {
        let log = self.log.unwrap_or_else(|| Arc::new(MemoryLog::default()));
        let state = Arc::new(EngineState::new());
        let context = EngineContext {
            log: Arc::clone(&log),
            clock: Arc::clone(&self.clock),
            random: self.random,
            state: Arc::clone(&state),
            observer: self.observer,
        };
        let append_only = self.append_only;
        let idle = append_only.iter().map(|name| {
            // It is never called: nothing is leased for these destinations.
            let transport: Arc<dyn Transport> = Arc::new(DryRunTransport::new());
            (Arc::clone(name), (transport, DestinationOptions::default()))
        });
        let workers: BTreeMap<_, _> = idle
            .chain(self.destinations)
            .map(|(name, (transport, options))| {
                let worker =
                    DestinationWorker::new(Arc::clone(&name), transport, options, context.clone());
                (name, Arc::new(worker))
            })
            .collect();
        let mut tasks = JoinSet::new();
        for (_, worker) in workers
            .iter()
            .filter(|(name, _)| !append_only.contains(*name))
        {
            tasks.spawn(dispatcher::serve(Arc::clone(worker)));
        }
        tasks.spawn(maintain(workers.clone(), context));
        Engine {
            workers,
            log,
            clock: self.clock,
            state,
            tasks: Mutex::new(tasks),
            started: Instant::now(),
        }
    }
}

/// Publishes the progress and runs the log's maintenance until the engine stops.
async fn maintain(workers: BTreeMap<Arc<str>, Arc<DestinationWorker>>, context: EngineContext) {
    let EngineContext {
        log, clock, state, ..
    } = context;
    loop {
        let mut progress = crate::progress::Progress::default();
        for (name, worker) in &workers {
            let destination = worker.progress().await;
            progress.destinations.insert(Arc::clone(name), destination);
        }
        progress.log_fault = state.log_fault();
        log.publish(&progress, clock.now()).await;
        if log.maintain(clock.now()).await {
            for worker in workers.values() {
                worker.wake.notify_one();
            }
        }
        tokio::select! {
            _ = state.wait_for_phase(Phase::Stopping) => return,
            () = tokio::time::sleep(MAINTAIN_EVERY) => {}
        }
    }
}
