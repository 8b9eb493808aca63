//! Everything that belongs to one destination while the engine runs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use conversions_transport::Transport;
use facebook_conversions::usage::ReplyHeaders;
use tokio::sync::Notify;

use crate::engine::shared::{Phase, Shared};
use crate::gate::Gate;
use crate::log::EventLog;
use crate::options::DestinationOptions;
use crate::pace::Pace;
use crate::progress::{DestinationProgress, Held, HoldCause};
use crate::randomness::Randomness;
use crate::telemetry::LaneMetrics;
use crate::time::Clock;

mod records;
mod settle;
use records::Tally;
pub(crate) use records::count;

/// A destination: its transport and options, its place in the log, its gate and pace, and what it has done.
pub(crate) struct Lane {
    pub(crate) name: Arc<str>,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Randomness>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) gate: Gate,
    pub(crate) pace: Pace,
    /// Told when events were appended or settled.
    pub(crate) wake: Notify,
    settings: RwLock<Settings>,
    /// What is known not to fit into a request.
    too_large: AtomicUsize,
    tally: Mutex<Tally>,
    metrics: LaneMetrics,
}

struct Settings {
    transport: Arc<dyn Transport>,
    options: Arc<DestinationOptions>,
}

/// Why something was left undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupted {
    /// The engine stops.
    Stopping,
    /// The log has failed for good.
    LogFailed,
}

/// What all lanes of an engine share.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Randomness>,
    pub(crate) shared: Arc<Shared>,
}

impl Lane {
    pub(crate) fn new(
        name: Arc<str>,
        transport: Arc<dyn Transport>,
        options: DestinationOptions,
        surroundings: Surroundings,
    ) -> Self {
        Self {
            metrics: LaneMetrics::new(&name),
            name,
            log: surroundings.log,
            clock: surroundings.clock,
            random: surroundings.random,
            shared: surroundings.shared,
            gate: Gate::default(),
            pace: Pace::new(),
            wake: Notify::new(),
            settings: RwLock::new(Settings {
                transport,
                options: Arc::new(options.in_range()),
            }),
            too_large: AtomicUsize::new(usize::MAX),
            tally: Mutex::default(),
        }
    }

    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&settings.transport)
    }

    pub(crate) fn options(&self) -> Arc<DestinationOptions> {
        let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&settings.options)
    }

    /// The options, with a byte cap below what was found to be too large.
    pub(crate) fn batch_options(&self) -> DestinationOptions {
        let options = self.options();
        let learned = self.too_large.load(Ordering::Relaxed) / 2;
        DestinationOptions {
            batch_bytes: options.batch_bytes.min(learned.max(1)),
            ..(*options).clone()
        }
    }

    /// A request of so many bytes was too large: later ones are made half as large.
    pub(crate) fn learn_size_limit(&self, bytes: usize) {
        self.too_large.fetch_min(bytes, Ordering::Relaxed);
    }

    /// Puts new settings in force. A held destination tries them at once.
    pub(crate) fn reload(&self, transport: Arc<dyn Transport>, options: DestinationOptions) {
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Settings {
            transport,
            options: Arc::new(options.in_range()),
        };
        self.too_large.store(usize::MAX, Ordering::Relaxed);
        self.gate.probe_now();
        self.wake.notify_one();
    }

    /// Runs `future` until the engine stops.
    pub(crate) async fn until_stopping<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> Result<T, Interrupted> {
        tokio::select! {
            biased;
            phase = self.shared.reached(Phase::Stopping) => Err(phase),
            done = future => Ok(done),
        }
    }

    pub(crate) fn hold(&self, cause: HoldCause, sentence: &str) {
        let was_held = self.gate.held().is_some();
        let held = Held {
            cause,
            since: self.clock.now(),
            sentence: sentence.to_owned(),
        };
        self.gate.hold(held, self.options().probe_interval);
        if !was_held {
            tracing::warn!(destination = %self.name, cause = cause.name(), "destination held: {sentence}");
        }
        self.metrics.held.set(1.0);
        self.shared.stirred();
    }

    pub(crate) fn open_gate(&self) {
        if self.gate.open() {
            tracing::info!(destination = %self.name, "destination works again");
            self.metrics.held.set(0.0);
            self.shared.stirred();
        }
    }

    pub(crate) fn heed(&self, headers: &ReplyHeaders) {
        self.pace.heed(&headers.usage, self.options().throttle.base);
        if let Some(percent) = headers.usage.highest_percent() {
            self.metrics.usage.set(percent / 100.0);
        }
        if headers.version_warning.is_some() && self.tally().version_warned_first() {
            tracing::warn!(destination = %self.name, "Meta served the request with another API version: set a newer api_version");
        }
    }

    /// What it has done, with what is left in the log.
    pub(crate) async fn progress(&self) -> DestinationProgress {
        let backlog = self.log.backlog(&self.name).await;
        let mut progress = self.tally().progress.clone();
        match backlog {
            Ok(backlog) => {
                self.metrics.backlog(&backlog, self.clock.now());
                progress.backlog = backlog;
            }
            Err(error) => self.shared.log_troubled(&error),
        }
        progress.held = self.gate.held();
        progress.paused_for = self.pace.paused_for();
        progress.usage_percent = self.pace.usage_percent();
        progress
    }

    /// Waits, but no longer than until the engine stops.
    async fn pause(&self, wait: Duration) -> Result<(), Interrupted> {
        self.until_stopping(tokio::time::sleep(wait)).await
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
