//! Starts and stops a sandbox, and shows what it has received.

mod builder;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

use crate::{
    connection::{Connection, CuttingListener},
    edge::Edge,
    routes::router,
    script::{Script, ScriptError},
    statistics::{AcceptedId, Statistics},
    store::{Filter, StoredEvent, Totals},
};

pub use builder::Builder;

/// How long [`Sandbox::shutdown`] waits for answers under way.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

async fn serve(edge: GraphEdge, address: SocketAddr) -> io::Result<Sandbox> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let (stop, closing) = watch::channel(());
    let mut stopped = closing.clone();
    let service = edge
        .router()
        .into_make_service_with_connect_info::<Connection>();
    let server = axum::serve(CuttingListener { listener, closing }, service)
        .with_graceful_shutdown(async move { drop(stopped.changed().await) });
    let serving = tokio::spawn(async move { server.await });
    Ok(Sandbox {
        url: format!("http://{address}"),
        address,
        edge,
        stop,
        serving,
    })
}

/// The events edge without a socket: a router and what it has received. A clone is the same edge.
///
/// ```
/// let edge = graph_sandbox::Sandbox::builder().build();
/// let app = axum::Router::new().nest("/graph", edge.router());
/// # let _: axum::Router = app;
/// assert_eq!(edge.received(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct GraphEdge {
    edge: Arc<Edge>,
}

impl GraphEdge {
    /// All paths of the sandbox.
    pub fn router(&self) -> Router {
        router(Arc::clone(&self.edge))
    }

    /// The accepted events that are still stored, in order of receipt.
    #[must_use]
    pub fn events(&self) -> Vec<Arc<StoredEvent>> {
        self.events_where(&Filter::default())
    }

    /// The stored events that the filter admits, in order of receipt.
    #[must_use]
    pub fn events_where(&self, filter: &Filter) -> Vec<Arc<StoredEvent>> {
        self.edge.events(filter)
    }

    /// How many server events were received, discarded ones included.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.totals().events_received
    }

    /// What was counted since the start.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.edge.totals()
    }

    /// Totals, the last requests in order, events that were accepted more than once.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.edge.statistics()
    }

    /// How often each event with an `event_id` was accepted, in order of first acceptance.
    #[must_use]
    pub fn accepted_ids(&self) -> Vec<AcceptedId> {
        self.edge.accepted_ids()
    }

    /// How often one event was accepted; 0 if never or if that is forgotten.
    #[must_use]
    pub fn times_accepted(&self, pixel_id: &str, event_id: &str) -> u32 {
        self.edge.times_accepted(pixel_id, event_id)
    }

    /// Replaces the script by which the edge misbehaves.
    ///
    /// # Errors
    ///
    /// When a step has a status or a header that HTTP does not allow; the old script then stays in force.
    pub fn set_script(&self, script: Script) -> Result<(), ScriptError> {
        self.edge.fault_switch.set(script)
    }

    /// What is left of the script.
    #[must_use]
    pub fn script(&self) -> Script {
        self.edge.fault_switch.get()
    }

    /// Listens on a loopback address, as again after [`Sandbox::shutdown`], with everything that it has received.
    ///
    /// # Errors
    ///
    /// When the address is not available or not a loopback address.
    pub async fn listen(&self, address: SocketAddr) -> io::Result<Sandbox> {
        Builder::default().listen(address).check_address()?;
        serve(self.clone(), address).await
    }
}

/// A sandbox that listens; see the [crate] for an example.
///
/// When dropped, it stops listening and closes open connections once they are idle.
#[derive(Debug)]
pub struct Sandbox {
    url: String,
    address: SocketAddr,
    edge: GraphEdge,
    stop: watch::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
}

impl Sandbox {
    /// A builder with default settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base address without a slash at its end, as in `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The edge behind the socket; it outlives the sandbox.
    #[must_use]
    pub fn edge(&self) -> &GraphEdge {
        &self.edge
    }

    /// See [`GraphEdge::events`].
    #[must_use]
    pub fn events(&self) -> Vec<Arc<StoredEvent>> {
        self.edge.events()
    }

    /// See [`GraphEdge::received`].
    #[must_use]
    pub fn received(&self) -> u64 {
        self.edge.received()
    }

    /// See [`GraphEdge::totals`].
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.edge.totals()
    }

    /// See [`GraphEdge::set_script`].
    ///
    /// # Errors
    ///
    /// When a step cannot be played.
    pub fn set_script(&self, script: Script) -> Result<(), ScriptError> {
        self.edge.set_script(script)
    }

    /// Stops listening, waits up to five seconds for answers under way, and ends.
    pub async fn shutdown(mut self) {
        drop(self.stop);
        if timeout(SHUTDOWN_GRACE, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}
