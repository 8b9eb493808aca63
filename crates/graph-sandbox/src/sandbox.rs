//! Building, starting and ending a sandbox.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

use crate::{
    clock::Clock,
    edge::{Edge, Settings},
    routes::router,
    store::{Filter, Limit, StoredEvent, Totals},
};

/// How long [`Sandbox::shutdown`] waits for answers that are under way.
const GRACE: Duration = Duration::from_secs(5);

/// A sandbox to be: every setting has a default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started or built"]
pub struct Builder {
    listen: SocketAddr,
    allow_any_address: bool,
    settings: Settings,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_any_address: false,
            settings: Settings {
                clock: Clock::default(),
                access_tokens: Vec::new(),
                pixel_ids: Vec::new(),
                body_limit: 4 << 20,
                store: Limit {
                    events: 100_000,
                    bytes: 64 << 20,
                },
            },
        }
    }
}

impl Builder {
    /// Where to listen; `127.0.0.1:0`, a free port, unless told otherwise.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Lets [`Builder::start`] listen on addresses that other machines can reach.
    /// The sandbox asks nobody who they are and shows all it has: keep it off open networks.
    pub fn allow_any_address(mut self) -> Self {
        self.allow_any_address = true;
        self
    }

    /// The clock, by which ages are judged, receipts dated and the 48 hours of
    /// deduplication counted; the system's unless told otherwise.
    pub fn now(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.settings.clock = Clock::new(now);
        self
    }

    /// Adds a token that is valid. Without any, every token that is not blank is.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.settings.access_tokens.push(token.into());
        self
    }

    /// Adds a pixel that exists. Without any, every number does.
    pub fn pixel_id(mut self, id: impl Into<String>) -> Self {
        self.settings.pixel_ids.push(id.into());
        self
    }

    /// The greatest body in bytes, 4 MiB unless told otherwise; more is answered with 413.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// How many events are kept to be shown, and in about how many bytes of
    /// memory: 100,000 in 64 MiB unless told otherwise. The oldest go first; the counts stay.
    pub fn keep(mut self, events: usize, bytes: usize) -> Self {
        self.settings.store = Limit { events, bytes };
        self
    }

    /// The edge without a socket, for mounting [`GraphEdge::router`] elsewhere.
    #[must_use]
    pub fn build(self) -> GraphEdge {
        GraphEdge {
            edge: Arc::new(Edge::new(self.settings)),
        }
    }

    /// Starts to listen and to answer.
    ///
    /// # Errors
    ///
    /// When the address cannot be had, or is not a loopback address and
    /// [`Builder::allow_any_address`] was not called.
    pub async fn start(self) -> io::Result<Sandbox> {
        if !self.listen.ip().is_loopback() && !self.allow_any_address {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the sandbox listens on loopback addresses only unless it is told to allow any",
            ));
        }
        let listener = TcpListener::bind(self.listen).await?;
        let address = listener.local_addr()?;
        let edge = self.build();
        let (stop, mut stopped) = watch::channel(());
        let server = axum::serve(listener, edge.router())
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

    /// Those of them that the filter admits.
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
}

/// A sandbox that listens; see the [crate] for an example.
///
/// Dropped, it stops to listen and ends open connections once they are idle.
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

    /// Stops to listen, gives answers under way five seconds, and ends.
    pub async fn shutdown(mut self) {
        drop(self.stop);
        if timeout(GRACE, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}
