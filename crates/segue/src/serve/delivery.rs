//! Delivery behind the endpoint: one engine at a time over one log.

use std::sync::Arc;

use conversions_delivery::{AcceptedEvent, AppendError, Engine, EventLog, FinishOptions};
use conversions_transport::GraphUrl;

use crate::context::Clock;
use crate::failure::Failure;
use crate::route::{self, Route};

/// The engine that delivers.
pub(crate) struct Delivery {
    engine: Engine,
}

impl Delivery {
    /// Starts to deliver; to a sandbox at this address if there is one.
    pub(crate) fn start(
        routes: &[Route],
        clock: Clock,
        sandbox: Option<&GraphUrl>,
        log: Arc<dyn EventLog>,
    ) -> Result<Self, Failure> {
        let engine = route::start_engine(routes, clock, sandbox, log)?;
        Ok(Self { engine })
    }

    /// Makes events safe, all of them or none.
    pub(crate) async fn append(&self, events: Vec<AcceptedEvent>) -> Result<(), AppendError> {
        self.engine.append(events).await.map(drop)
    }

    /// Ends what is in flight. What is not delivered stays in the log.
    pub(crate) async fn finish(&self, options: FinishOptions) {
        let at_once = std::future::ready(());
        self.engine.finish(options, at_once).await;
    }
}
