//! Delivery behind the endpoint: one engine at a time over one log.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{AppendError, Ended, Engine, EventLog, FinishOptions, Summary};
use conversions_transport::{GraphUrl, NewEvent};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, RwLock, watch};
use tokio::task::JoinSet;

use crate::context::Clock;
use crate::failure::Failure;
use crate::route::{self, Route};

/// How long an engine that was replaced may take to end what is in flight: longer than any request takes.
const FAREWELL: Duration = Duration::from_mins(5);
/// No time at all without deliveries ends an endpoint.
const NEVER: Duration = Duration::from_hours(24 * 365 * 100);

/// The engine that delivers. It is exchanged for another one when destinations come or go.
pub(crate) struct Delivery {
    engine: RwLock<Arc<Engine>>,
    /// Those in force.
    routes: Mutex<Vec<Route>>,
    /// Engines that were replaced and are ending.
    leaving: Mutex<JoinSet<()>>,
    exchanged: watch::Sender<()>,
    clock: Clock,
    sandbox: Option<GraphUrl>,
    log: Arc<dyn EventLog>,
    /// Where engines run.
    runtime: Handle,
}

impl Delivery {
    /// Starts to deliver; to a sandbox at this address if there is one.
    pub(crate) fn start(
        routes: Vec<Route>,
        clock: Clock,
        sandbox: Option<GraphUrl>,
        log: Arc<dyn EventLog>,
        runtime: &Handle,
    ) -> Result<Self, Failure> {
        let _entered = runtime.enter();
        let engine = route::start_engine(&routes, clock, sandbox.as_ref(), Arc::clone(&log))?;
        Ok(Self {
            engine: RwLock::new(Arc::new(engine)),
            routes: Mutex::new(routes),
            leaving: Mutex::default(),
            exchanged: watch::Sender::new(()),
            clock,
            sandbox,
            log,
            runtime: runtime.clone(),
        })
    }

    /// Makes events safe, all of them or none.
    pub(crate) async fn append(&self, events: Vec<NewEvent>) -> Result<(), AppendError> {
        // Held until it is done, so that an engine is not replaced meanwhile.
        let engine = self.engine.read().await;
        engine.append(events).await.map(drop)
    }

    /// Puts other destinations, or other tokens and options of theirs, in force. What is held tries anew.
    ///
    /// # Errors
    ///
    /// When one of them cannot be reached in principle; then nothing has changed.
    pub(crate) async fn reload(self: &Arc<Self>, routes: Vec<Route>) -> Result<(), Failure> {
        let mut current = self.routes.lock().await;
        let (before, wanted) = (names(&current), names(&routes));
        if before == wanted {
            self.put_in_force(&routes).await?;
            *current = routes;
            return Ok(());
        }
        let log = Arc::clone(&self.log);
        let engine = {
            let _entered = self.runtime.enter();
            route::start_engine(&routes, self.clock, self.sandbox.as_ref(), log)?
        };
        let old = std::mem::replace(&mut *self.engine.write().await, Arc::new(engine));
        self.exchanged.send_replace(());
        for gone in before.difference(&wanted) {
            tracing::warn!(destination = %gone, "destination removed: what waits for it stays in the log until it is back");
        }
        *current = routes;
        let farewell = Arc::clone(self).see_off(old);
        self.leaving.lock().await.spawn(farewell);
        Ok(())
    }

    /// Transports and options for an engine that has all these destinations, which look at the log at once.
    async fn put_in_force(&self, routes: &[Route]) -> Result<(), Failure> {
        let transports = routes
            .iter()
            .map(|route| Ok((route, route.connect(self.sandbox.clone())?)))
            .collect::<Result<Vec<_>, Failure>>()?;
        let engine = self.engine.read().await;
        for (route, transport) in transports {
            if let Some(transport) = transport {
                engine.reload(&route.name, Arc::new(transport), route.options.clone());
            }
        }
        Ok(())
    }

    /// Waits for the end of an engine that was replaced. What it could not deliver it has given back by then.
    async fn see_off(self: Arc<Self>, old: Arc<Engine>) {
        let options = FinishOptions {
            grace: FAREWELL,
            ..FinishOptions::default()
        };
        old.finish(options, std::future::ready(())).await;
        let routes = self.routes.lock().await;
        if let Err(Failure::Sentence(sentence)) = self.put_in_force(&routes).await {
            tracing::warn!("what was given back waits a little longer: {sentence}");
        }
    }

    /// Completes when the log has failed for good.
    pub(crate) async fn failed(&self) {
        let mut exchanged = self.exchanged.subscribe();
        let options = FinishOptions {
            give_up_after: NEVER,
            end_on_hold: false,
            ..FinishOptions::default()
        };
        loop {
            exchanged.mark_unchanged();
            let engine = Arc::clone(&*self.engine.read().await);
            tokio::select! {
                _ = exchanged.changed() => {}
                ended = engine.stuck(options) => if ended == Ended::LogFailed {
                    return;
                }
            }
        }
    }

    /// Ends what is in flight. What is not delivered stays in the log.
    pub(crate) async fn finish(&self) -> Summary {
        let engine = Arc::clone(&*self.engine.read().await);
        let at_once = std::future::ready(());
        let summary = engine.finish(FinishOptions::default(), at_once).await;
        let mut leaving = std::mem::take(&mut *self.leaving.lock().await);
        let all_left = async { while leaving.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(FinishOptions::default().grace, all_left).await;
        summary
    }
}

fn names(routes: &[Route]) -> BTreeSet<Arc<str>> {
    routes.iter().map(|route| Arc::clone(&route.name)).collect()
}
