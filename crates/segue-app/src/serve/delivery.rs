//! Delivery behind the endpoint: one engine at a time over one log.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{
    AppendError, AppendGroup, Appended, DeliveryObserver, Ended, Engine, EventLog, FinishOptions,
    Progress, Summary,
};
use conversions_transport::GraphUrl;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, RwLock, watch};
use tokio::task::JoinSet;

use crate::clock::RunClock;
use crate::destinations::{ResolvedDestination, start_engine};
use crate::error::AppError;

/// How long a replaced engine may take to finish what is in flight: longer than any request takes.
const DRAIN_TIMEOUT: Duration = Duration::from_mins(5);
/// An endpoint never gives up: it waits for senders and for Meta.
const NEVER: Duration = Duration::from_hours(24 * 365 * 100);

/// The engine that delivers. A new one replaces it when destinations are added or removed.
pub(super) struct Delivery {
    engine: RwLock<Arc<Engine>>,
    /// The destinations in force.
    destinations: Mutex<Vec<ResolvedDestination>>,
    /// Engines that were replaced and are finishing.
    draining: Mutex<JoinSet<()>>,
    replaced: watch::Sender<()>,
    clock: RunClock,
    sandbox: Option<GraphUrl>,
    log: Arc<dyn EventLog>,
    observer: Option<Arc<dyn DeliveryObserver>>,
    /// Where engines run.
    runtime: Handle,
}

impl Delivery {
    /// Starts to deliver; to a sandbox at this address if there is one.
    pub(super) fn start(
        destinations: Vec<ResolvedDestination>,
        clock: RunClock,
        sandbox: Option<GraphUrl>,
        log: Arc<dyn EventLog>,
        observer: Option<Arc<dyn DeliveryObserver>>,
        runtime: &Handle,
    ) -> Result<Self, AppError> {
        let _entered = runtime.enter();
        let engine = start_engine(
            &destinations,
            clock,
            sandbox.as_ref(),
            Arc::clone(&log),
            observer.clone(),
        )?;
        Ok(Self {
            engine: RwLock::new(Arc::new(engine)),
            destinations: Mutex::new(destinations),
            draining: Mutex::default(),
            replaced: watch::Sender::new(()),
            clock,
            sandbox,
            log,
            observer,
            runtime: runtime.clone(),
        })
    }

    /// Delivers with an engine that runs over this log.
    #[cfg(all(test, feature = "consume"))]
    pub(super) fn of_engine(engine: Engine, log: Arc<dyn EventLog>) -> Self {
        Self {
            engine: RwLock::new(Arc::new(engine)),
            destinations: Mutex::default(),
            draining: Mutex::default(),
            replaced: watch::Sender::new(()),
            clock: RunClock::default(),
            sandbox: None,
            log,
            observer: None,
            runtime: Handle::current(),
        }
    }

    /// Appends events to the log, all of them or none.
    pub(super) async fn append(
        &self,
        group: impl Into<AppendGroup>,
    ) -> Result<Appended, AppendError> {
        // The read lock is held until the append is done, so that the engine is not replaced meanwhile.
        let engine = self.engine.read().await;
        engine.append(group).await
    }

    /// What the engine has done so far.
    pub(super) async fn progress(&self) -> Progress {
        let engine = Arc::clone(&*self.engine.read().await);
        engine.progress().await
    }

    /// Where the sandbox is, if events go to one.
    pub(super) fn sandbox(&self) -> Option<&GraphUrl> {
        self.sandbox.as_ref()
    }

    /// Puts other destinations, or their new tokens and options, in force. Destinations that are held try again.
    ///
    /// # Errors
    ///
    /// When the transport of one of them cannot be built; then nothing has changed.
    pub(super) async fn reload(
        self: &Arc<Self>,
        destinations: Vec<ResolvedDestination>,
    ) -> Result<(), AppError> {
        let mut current = self.destinations.lock().await;
        let (before, wanted) = (names(&current), names(&destinations));
        if before == wanted {
            self.put_in_force(&destinations).await?;
            *current = destinations;
            return Ok(());
        }
        let log = Arc::clone(&self.log);
        let engine = {
            let _entered = self.runtime.enter();
            let observer = self.observer.clone();
            start_engine(
                &destinations,
                self.clock,
                self.sandbox.as_ref(),
                log,
                observer,
            )?
        };
        let old = std::mem::replace(&mut *self.engine.write().await, Arc::new(engine));
        self.replaced.send_replace(());
        for gone in before.difference(&wanted) {
            tracing::warn!(destination = %gone, "destination removed: what waits for it stays in the log until it is back");
        }
        *current = destinations;
        let draining_old = Arc::clone(self).drain(old);
        self.draining.lock().await.spawn(draining_old);
        Ok(())
    }

    /// Gives an engine that has all these destinations new transports and options. They look at the log at once.
    async fn put_in_force(&self, destinations: &[ResolvedDestination]) -> Result<(), AppError> {
        let transports = destinations
            .iter()
            .map(|one| Ok((one, one.connect(self.sandbox.clone())?)))
            .collect::<Result<Vec<_>, AppError>>()?;
        let engine = self.engine.read().await;
        for (one, transport) in transports {
            if let Some(transport) = transport {
                engine.reload(&one.name, Arc::new(transport), one.options.clone());
            }
        }
        Ok(())
    }

    /// Finishes an engine that was replaced. Events that it could not deliver are back in the log then.
    async fn drain(self: Arc<Self>, old: Arc<Engine>) {
        let options = FinishOptions {
            grace: DRAIN_TIMEOUT,
            ..FinishOptions::default()
        };
        old.finish(options, std::future::ready(())).await;
        let destinations = self.destinations.lock().await;
        if let Err(error) = self.put_in_force(&destinations).await {
            tracing::warn!(
                "events that the old engine gave back wait until the next look at the log: {}",
                error.sentence()
            );
        }
    }

    /// Completes when the log has failed for good.
    pub(super) async fn failed(&self) {
        let mut replaced = self.replaced.subscribe();
        let options = FinishOptions {
            give_up_after: NEVER,
            end_on_hold: false,
            ..FinishOptions::default()
        };
        loop {
            replaced.mark_unchanged();
            let engine = Arc::clone(&*self.engine.read().await);
            tokio::select! {
                _ = replaced.changed() => {}
                ended = engine.wait_until_stuck(options) => if ended == Ended::LogFailed {
                    return;
                }
            }
        }
    }

    /// Goes on for `drain` while there is something to deliver, then finishes what is in flight. Undelivered events stay in
    /// the log.
    pub(super) async fn finish(&self, drain: Duration) -> Summary {
        let engine = Arc::clone(&*self.engine.read().await);
        let over = tokio::time::sleep(drain);
        let summary = engine.finish(FinishOptions::default(), over).await;
        let mut draining = std::mem::take(&mut *self.draining.lock().await);
        let all_drained = async { while draining.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(FinishOptions::default().grace, all_drained).await;
        self.log.give_up_leases().await;
        summary
    }
}

fn names(destinations: &[ResolvedDestination]) -> BTreeSet<Arc<str>> {
    destinations
        .iter()
        .map(|one| Arc::clone(&one.name))
        .collect()
}
