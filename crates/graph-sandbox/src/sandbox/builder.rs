//! The options of a sandbox.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::SystemTime,
};

use super::{GraphEdge, Sandbox, serve};
use crate::{clock::Clock, edge::Edge, options::Options, store::Limit};

/// Builds a sandbox. Every option has a default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started or built"]
pub struct Builder {
    listen: SocketAddr,
    allow_any_address: bool,
    options: Options,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_any_address: false,
            options: Options {
                clock: Clock::default(),
                access_tokens: Vec::new(),
                pixel_ids: Vec::new(),
                body_limit: 4 << 20,
                store: Limit {
                    events: 100_000,
                    bytes: 64 << 20,
                },
                event_ids: 250_000,
                console: None,
            },
        }
    }
}

impl Builder {
    /// Where to listen; by default `127.0.0.1:0`, a free port.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Lets [`Builder::start`] listen on addresses that other machines can reach.
    /// The sandbox has no authentication and shows everything it received: keep it off open networks.
    pub fn allow_any_address(mut self) -> Self {
        self.allow_any_address = true;
        self
    }

    /// The clock for the age of events, the time of receipt and the 48 hours of deduplication; by default the
    /// system's.
    pub fn now(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.options.clock = Clock::new(now);
        self
    }

    /// Adds a token that is valid. Without any, every token that is not blank is.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.options.access_tokens.push(token.into());
        self
    }

    /// Adds a pixel that exists. Without any, every number does.
    pub fn pixel_id(mut self, id: impl Into<String>) -> Self {
        self.options.pixel_ids.push(id.into());
        self
    }

    /// The largest body in bytes, by default 4 MiB; a larger one is answered with 413.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.options.body_limit = bytes;
        self
    }

    /// How many events are kept, and in about how many bytes of memory: by default 100,000 in 64 MiB. The oldest
    /// are dropped first; the counts stay.
    pub fn keep(mut self, events: usize, bytes: usize) -> Self {
        self.options.store = Limit { events, bytes };
        self
    }

    /// For how many event ids the sandbox counts how often each was accepted, by default 250,000; each takes about
    /// 150 bytes of memory. The oldest are dropped first.
    pub fn count_event_ids(mut self, limit: usize) -> Self {
        self.options.event_ids = limit;
        self
    }

    /// The address of the sender's console, to which the page links.
    pub fn console(mut self, address: impl Into<String>) -> Self {
        self.options.console = Some(address.into());
        self
    }

    /// Builds the edge without a socket, to mount [`GraphEdge::router`] elsewhere.
    #[must_use]
    pub fn build(self) -> GraphEdge {
        GraphEdge {
            edge: Arc::new(Edge::new(self.options)),
        }
    }

    /// Starts listening.
    ///
    /// # Errors
    ///
    /// When the address is not available, or is not a loopback address and
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
            "the sandbox listens on loopback addresses only; allow any address to change that",
        ))
    }
}
