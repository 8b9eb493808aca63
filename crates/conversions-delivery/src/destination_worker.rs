//! The worker of one destination: everything that belongs to it while the engine runs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use conversions_transport::Transport;
use facebook_conversions::usage::ReplyHeaders;
use tokio::sync::Notify;

use crate::circuit_breaker::CircuitBreaker;
use crate::engine_state::{EngineState, Interrupted, Phase};
use crate::log::EventLog;
use crate::observer::DeliveryObserver;
use crate::options::DestinationOptions;
use crate::progress::{DestinationProgress, Held, HoldCause};
use crate::randomness::Randomness;
use crate::telemetry::DestinationMetrics;
use crate::throttle::Throttle;
use crate::time::Clock;

mod accounting;
mod settle;
use accounting::DestinationCounts;

/// What to do when no event is accepted any more.
pub(crate) const EVERYTHING_REFUSED: &str = "Meta refuses every event: check whether the access token has access to the pixel, then replay the dead letters";

/// The worker of a destination: its transport and options, its log, its circuit breaker and throttle, and its counts.
pub(crate) struct DestinationWorker {
    pub(crate) name: Arc<str>,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Randomness>,
    pub(crate) state: Arc<EngineState>,
    pub(crate) breaker: CircuitBreaker,
    pub(crate) throttle: Throttle,
    /// Notified when events were appended or settled: the dispatcher looks again.
    pub(crate) wake: Notify,
    settings: RwLock<Settings>,
    /// The smallest request that Meta found too large, in bytes.
    too_large: AtomicUsize,
    observer: Option<Arc<dyn DeliveryObserver>>,
    counts: Mutex<DestinationCounts>,
    metrics: DestinationMetrics,
}

struct Settings {
    transport: Arc<dyn Transport>,
    options: Arc<DestinationOptions>,
}

/// Dependencies shared by all destination workers of one engine.
#[derive(Clone)]
pub(crate) struct EngineContext {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Randomness>,
    pub(crate) state: Arc<EngineState>,
    pub(crate) observer: Option<Arc<dyn DeliveryObserver>>,
}

impl DestinationWorker {
    pub(crate) fn new(
        name: Arc<str>,
        transport: Arc<dyn Transport>,
        options: DestinationOptions,
        context: EngineContext,
    ) -> Self {
        Self {
            metrics: DestinationMetrics::new(&name),
            name,
            log: context.log,
            clock: context.clock,
            random: context.random,
            state: context.state,
            observer: context.observer,
            breaker: CircuitBreaker::default(),
            throttle: Throttle::new(),
            wake: Notify::new(),
            settings: RwLock::new(Settings {
                transport,
                options: Arc::new(options.in_range()),
            }),
            too_large: AtomicUsize::new(usize::MAX),
            counts: Mutex::default(),
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

    /// The options, with at most half the bytes of a request that was found too large.
    pub(crate) fn batch_options(&self) -> DestinationOptions {
        let options = self.options();
        let learned = self.too_large.load(Ordering::Relaxed) / 2;
        DestinationOptions {
            batch_bytes: options.batch_bytes.min(learned.max(1)),
            ..(*options).clone()
        }
    }

    /// Remembers that a request of `bytes` was too large: later ones are half as large at most.
    pub(crate) fn learn_size_limit(&self, bytes: usize) {
        self.too_large.fetch_min(bytes, Ordering::Relaxed);
    }

    /// Puts new settings in force. A held destination tries them at once: what was wrong may be right now.
    pub(crate) fn reload(&self, transport: Arc<dyn Transport>, options: DestinationOptions) {
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Settings {
            transport,
            options: Arc::new(options.in_range()),
        };
        self.too_large.store(usize::MAX, Ordering::Relaxed);
        self.breaker.probe_now();
        self.wake.notify_one();
    }

    /// Runs `future`, but no longer than until the engine stops.
    pub(crate) async fn until_stopping<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> Result<T, Interrupted> {
        tokio::select! {
            biased;
            phase = self.state.wait_for_phase(Phase::Stopping) => Err(phase),
            done = future => Ok(done),
        }
    }

    /// Opens the breaker: nothing is sent but probes until the cause is gone.
    pub(crate) fn hold(&self, cause: HoldCause, sentence: &str) {
        let was_held = self.breaker.held().is_some();
        let held = Held {
            cause,
            since: self.clock.now(),
            sentence: sentence.to_owned(),
        };
        self.breaker.open(held, self.options().probe_interval);
        if !was_held {
            tracing::warn!(destination = %self.name, cause = cause.name(), "destination held: {sentence}");
        }
        self.metrics.held.set(1.0);
        self.state.notify_progress();
    }

    /// Whether it is held for this cause.
    pub(crate) fn is_held_for(&self, cause: HoldCause) -> bool {
        self.breaker.held().is_some_and(|held| held.cause == cause)
    }

    /// Closes the breaker.
    pub(crate) fn end_hold(&self) {
        if self.breaker.close() {
            tracing::info!(destination = %self.name, "destination works again");
            self.metrics.held.set(0.0);
            self.state.notify_progress();
        }
    }

    /// Takes into account what the headers of a reply say of usage and API version.
    pub(crate) fn observe_usage(&self, headers: &ReplyHeaders) {
        self.throttle
            .observe_usage(&headers.usage, self.options().throttle.base);
        if let Some(percent) = headers.usage.highest_percent() {
            self.metrics.usage.set(percent / 100.0);
        }
        if headers.version_warning.is_some() && self.counts().is_first_version_warning() {
            tracing::warn!(destination = %self.name, "Meta served the request with another API version: set a newer api_version");
        }
    }

    /// What has been done, with what is left in the log.
    pub(crate) async fn progress(&self) -> DestinationProgress {
        let backlog = self.log.backlog(&self.name).await;
        let mut progress = self.counts().progress.clone();
        match backlog {
            Ok(backlog) => {
                self.metrics.backlog(&backlog, self.clock.now());
                progress.backlog = backlog;
            }
            Err(error) => self.state.report_log_trouble(&error),
        }
        progress.held = self.breaker.held();
        progress.paused_for = self.throttle.paused_for();
        progress.usage_percent = self.throttle.usage_percent();
        progress
    }

    /// Waits, but no longer than until the engine stops.
    async fn pause(&self, wait: Duration) -> Result<(), Interrupted> {
        self.until_stopping(tokio::time::sleep(wait)).await
    }

    fn counts(&self) -> MutexGuard<'_, DestinationCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
