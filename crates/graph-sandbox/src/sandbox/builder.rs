//! A sandbox's settings.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::SystemTime,
};

use super::{GraphEdge, Sandbox, serve};
use crate::{
    clock::Clock,
    edge::{Edge, Settings},
    store::Limit,
};

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
                event_ids: 250_000,
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

    /// For how many events it is remembered how often each was accepted, 250,000 unless told
    /// otherwise; each takes about 150 bytes of memory. The oldest go first.
    pub fn count_event_ids(mut self, limit: usize) -> Self {
        self.settings.event_ids = limit;
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
        self.check_address()?;
        let address = self.listen;
        serve(self.build(), address).await
    }

    pub(super) fn check_address(&self) -> io::Result<()> {
        if self.listen.ip().is_loopback() || self.allow_any_address {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the sandbox listens on loopback addresses only unless it is told to allow any",
        ))
    }
}
