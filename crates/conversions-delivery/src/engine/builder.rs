//! How an engine is put together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conversions_transport::Transport;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::shared::{Phase, Shared};
use super::{Engine, dispatcher};
use crate::lane::{Lane, Surroundings};
use crate::log::EventLog;
use crate::memory_log::MemoryLog;
use crate::options::DestinationOptions;
use crate::randomness::{Randomness, SystemRandomness};
use crate::time::{Clock, SystemClock};

/// How often the log may do its chores.
const TEND_EVERY: Duration = Duration::from_secs(2);

/// Puts an [`Engine`] together. Without a log it has a [`MemoryLog`]; without a clock, this machine's.
#[must_use]
pub struct EngineBuilder {
    destinations: BTreeMap<Arc<str>, (Arc<dyn Transport>, DestinationOptions)>,
    log: Option<Arc<dyn EventLog>>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Randomness>,
}

impl EngineBuilder {
    pub(super) fn new() -> Self {
        Self {
            destinations: BTreeMap::new(),
            log: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandomness),
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

    /// Starts delivery; what the log already holds is delivered too. Must be called in a tokio runtime with its timer
    /// enabled. Metrics go to the recorder that is installed now.
    #[must_use = "the engine stops when it is dropped"]
    pub fn start(self) -> Engine {
        let log = self.log.unwrap_or_else(|| Arc::new(MemoryLog::default()));
        let shared = Arc::new(Shared::new());
        let surroundings = Surroundings {
            log: Arc::clone(&log),
            clock: Arc::clone(&self.clock),
            random: self.random,
            shared: Arc::clone(&shared),
        };
        let lanes: BTreeMap<_, _> = self
            .destinations
            .into_iter()
            .map(|(name, (transport, options))| {
                let lane = Lane::new(Arc::clone(&name), transport, options, surroundings.clone());
                (name, Arc::new(lane))
            })
            .collect();
        let mut tasks = JoinSet::new();
        for lane in lanes.values() {
            tasks.spawn(dispatcher::serve(Arc::clone(lane)));
        }
        tasks.spawn(tend(lanes.clone(), surroundings));
        Engine {
            lanes,
            log,
            clock: self.clock,
            shared,
            tasks: Mutex::new(tasks),
            started: Instant::now(),
        }
    }
}

/// Lets the log do its chores, and tells it how things stand, until the engine stops.
async fn tend(lanes: BTreeMap<Arc<str>, Arc<Lane>>, surroundings: Surroundings) {
    let Surroundings {
        log, clock, shared, ..
    } = surroundings;
    loop {
        let mut progress = crate::progress::Progress::default();
        for (name, lane) in &lanes {
            let destination = lane.progress().await;
            progress.destinations.insert(Arc::clone(name), destination);
        }
        progress.log_fault = shared.log_fault();
        log.publish(&progress, clock.now()).await;
        if log.maintain(clock.now()).await {
            for lane in lanes.values() {
                lane.wake.notify_one();
            }
        }
        tokio::select! {
            _ = shared.reached(Phase::Stopping) => return,
            () = tokio::time::sleep(TEND_EVERY) => {}
        }
    }
}
