//! The endpoint: options that can be exchanged, a sink, a clock.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use axum::Router;
use jiff::Timestamp;

use crate::clock::{Clock, SystemClock};
use crate::compiled_options::Ready;
use crate::http::answer::LeftOut;
use crate::http::routes;
use crate::limits::budget::Budget;
use crate::limits::heavy_work::Turns;
use crate::options::{IngestOptions, OptionsError};
use crate::refusal::Refusal;
use crate::request::Prepared;
use crate::sink::{Sink, SinkError};
use crate::telemetry;

/// An endpoint of the Segment Tracking API. Clones are the same endpoint.
#[derive(Clone)]
pub struct Ingest {
    shared: Arc<Shared>,
}

struct Shared {
    ready: ArcSwap<Ready>,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    bytes: Arc<Budget>,
    in_flight: Arc<Budget>,
    turns: Turns,
    is_stopping: AtomicBool,
}

impl Ingest {
    /// An endpoint that tells the time by this machine's clock.
    ///
    /// # Errors
    ///
    /// [`OptionsError`] when the options contradict themselves.
    pub fn new(options: IngestOptions, sink: Arc<dyn Sink>) -> Result<Self, OptionsError> {
        Self::with_clock(options, sink, Arc::new(SystemClock))
    }

    /// An endpoint that tells the time by another clock.
    ///
    /// # Errors
    ///
    /// [`OptionsError`] when the options contradict themselves.
    pub fn with_clock(
        options: IngestOptions,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OptionsError> {
        Ok(Self {
            shared: Arc::new(Shared {
                ready: ArcSwap::from_pointee(Ready::new(options, None)?),
                sink,
                clock,
                bytes: Arc::default(),
                in_flight: Arc::default(),
                turns: Turns::default(),
                is_stopping: AtomicBool::new(false),
            }),
        })
    }

    /// Finds the first contradiction in options, without an endpoint to put them in force.
    ///
    /// # Errors
    ///
    /// [`OptionsError`], which [`new`](Self::new) and [`replace`](Self::replace) would give as well.
    pub fn check(options: &IngestOptions) -> Result<(), OptionsError> {
        Ready::new(options.clone(), None).map(drop)
    }

    /// The routes, to be served as they are or nested under a path. The addresses of senders are known if the server
    /// gives [`ConnectInfo`](axum::extract::ConnectInfo) of a [`SocketAddr`](std::net::SocketAddr), as
    /// [`serve`](crate::serve) does.
    pub fn router(&self) -> Router {
        routes::router(self)
    }

    /// Exchanges all options at once. Connections stay, requests that are being worked on keep the old ones.
    ///
    /// # Errors
    ///
    /// [`OptionsError`] when the options contradict themselves; then the old ones stay.
    pub fn replace(&self, options: IngestOptions) -> Result<(), OptionsError> {
        let ready = Ready::new(options, Some(&self.ready()))?;
        self.shared.ready.store(Arc::new(ready));
        Ok(())
    }

    /// From now on every sender is asked to come back later.
    pub fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Whether [`stop`](Self::stop) was called.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.shared.is_stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn ready(&self) -> Arc<Ready> {
        self.shared.ready.load_full()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    pub(crate) fn bytes(&self) -> &Arc<Budget> {
        &self.shared.bytes
    }

    pub(crate) fn in_flight(&self) -> &Arc<Budget> {
        &self.shared.in_flight
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.shared.turns
    }

    /// Makes what a request came to safe, and counts it.
    pub(crate) async fn store(
        &self,
        ready: &Ready,
        prepared: Prepared,
    ) -> Result<Vec<LeftOut>, Refusal> {
        let sink = &self.shared.sink;
        if !prepared.events.is_empty() {
            let accepted = sink.accept(prepared.events);
            tokio::time::timeout(ready.options.sink_timeout, accepted)
                .await
                .map_err(|_| Refusal::Unavailable)?
                .map_err(|error| match error {
                    SinkError::Full => Refusal::Full,
                    SinkError::Unavailable => Refusal::Unavailable,
                    SinkError::ShuttingDown => Refusal::ShuttingDown,
                })?;
        }
        let counts = prepared.tally.as_slice();
        telemetry::messages(&prepared.source.name, counts);
        sink.observe(&prepared.source.name, counts);
        Ok(prepared.left_out)
    }
}

impl fmt::Debug for Ingest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ingest")
            .field("is_stopping", &self.is_stopping())
            .finish_non_exhaustive()
    }
}
