//! A proxy between clients and the server that injects faults: overload, lost answers, a restart of the server.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::watch;

use crate::http::{self, Answer, Listening};

/// What happens to the requests that carry events; preflights and settings always pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// This many requests, the first ones, are answered 503 with `Retry-After: 1`.
    Unavailable(u64),
    /// This many requests, the first ones, reach the server, but the client gets no answer.
    AnswersLost(u64),
    /// After this many requests the server stops. The next request is dropped; later ones wait until it is back.
    Restart(u64),
}

/// Where the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upstream {
    /// Running; it will be stopped at the time of the fault.
    First(SocketAddr),
    /// Stopped.
    Stopped,
    /// Started again.
    Again(SocketAddr),
}

/// The proxy; it ends when this is dropped.
pub(crate) struct FaultProxy {
    pub(crate) listening: Listening,
    state: Arc<State>,
}

struct State {
    fault: Fault,
    /// The server of all paths that are not the endpoint's.
    page: OnceLock<SocketAddr>,
    upstream: watch::Sender<Upstream>,
    /// Requests that carried events.
    posts: watch::Sender<u64>,
    /// Those that were dropped, because the server was stopped.
    unanswered: watch::Sender<u64>,
    /// Those that the client marked as repeated.
    repeated: AtomicU64,
    /// Those that the server answered 429.
    too_many: AtomicU64,
}

impl FaultProxy {
    pub(crate) async fn start(upstream: SocketAddr, fault: Fault) -> Self {
        let state = Arc::new(State {
            fault,
            page: OnceLock::new(),
            upstream: watch::Sender::new(Upstream::First(upstream)),
            posts: watch::Sender::new(0),
            unanswered: watch::Sender::new(0),
            repeated: AtomicU64::new(0),
            too_many: AtomicU64::new(0),
        });
        let shared = state.clone();
        let listening = http::listen(move |request| {
            let state = shared.clone();
            async move { state.answer(request).await }
        })
        .await;
        Self { listening, state }
    }

    /// Says where the server is now.
    pub(crate) fn set_upstream(&self, upstream: Upstream) {
        self.state.upstream.send_replace(upstream);
    }

    /// Serves a page at the same address, under all paths that are not the endpoint's.
    pub(crate) fn add_page(&self, page: SocketAddr) {
        let _ = self.state.page.set(page);
    }

    /// Waits until the server is to be stopped.
    pub(crate) async fn time_to_stop(&self) {
        let Fault::Restart(after) = self.state.fault else {
            return;
        };
        let mut posts = self.state.posts.subscribe();
        let _ = posts.wait_for(|posts| *posts >= after).await;
    }

    /// Waits until a request was dropped because the server was stopped.
    pub(crate) async fn missed(&self) {
        let mut unanswered = self.state.unanswered.subscribe();
        let _ = unanswered.wait_for(|count| *count > 0).await;
    }

    /// What it has seen.
    pub(crate) fn counts(&self) -> Counts {
        Counts {
            posts: *self.state.posts.borrow(),
            repeated: self.state.repeated.load(Ordering::Relaxed),
            too_many: self.state.too_many.load(Ordering::Relaxed),
        }
    }
}

/// Requests that carried events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    posts: u64,
    /// Marked by the client as repeated.
    repeated: u64,
    /// Were answered 429 by the server.
    too_many: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            posts,
            repeated,
            too_many,
        } = self;
        write!(f, "{posts} requests, {repeated} marked as repeated")?;
        if *too_many > 0 {
            write!(f, ", {too_many} answered 429")?;
        }
        Ok(())
    }
}

impl State {
    async fn answer(&self, request: Request<Bytes>) -> Answer {
        if let Some(page) = self.page.get()
            && !request.uri().path().starts_with("/v1/")
        {
            return http::send(*page, request).await;
        }
        let carries_events =
            request.method() == Method::POST && !request.uri().path().starts_with("/v1/m");
        if !carries_events {
            return self.forward(request).await;
        }
        if request.headers().contains_key("x-retry-count") {
            self.repeated.fetch_add(1, Ordering::Relaxed);
        }
        let mut number = 0;
        self.posts.send_modify(|posts| {
            *posts += 1;
            number = *posts;
        });
        match self.fault {
            Fault::Unavailable(times) if number <= times => unavailable(&request),
            Fault::AnswersLost(times) if number <= times => {
                self.forward(request).await;
                None
            }
            Fault::Restart(after) if number > after => self.after_the_stop(request).await,
            _ => self.forward(request).await,
        }
    }

    /// Drops the first request after the stop. Later ones wait until the server is back.
    async fn after_the_stop(&self, request: Request<Bytes>) -> Answer {
        let mut upstream = self.upstream.subscribe();
        let _ = upstream
            .wait_for(|upstream| !matches!(upstream, Upstream::First(_)))
            .await;
        let mut is_first = false;
        self.unanswered.send_modify(|count| {
            is_first = *count == 0;
            *count += u64::from(is_first);
        });
        if is_first {
            return None;
        }
        self.forward(request).await
    }

    async fn forward(&self, request: Request<Bytes>) -> Answer {
        let mut upstream = self.upstream.subscribe();
        let there = upstream
            .wait_for(|upstream| *upstream != Upstream::Stopped)
            .await
            .ok()
            .map(|upstream| *upstream)?;
        match there {
            Upstream::First(address) | Upstream::Again(address) => {
                let answer = http::send(address, request).await?;
                if answer.status() == StatusCode::TOO_MANY_REQUESTS {
                    self.too_many.fetch_add(1, Ordering::Relaxed);
                }
                Some(answer)
            }
            Upstream::Stopped => None,
        }
    }
}

/// As an overloaded server answers, with what browsers need to read it.
fn unavailable(request: &Request<Bytes>) -> Answer {
    let origin = request.headers().get("origin");
    let mut response = Response::builder()
        .status(503)
        .header("retry-after", "1")
        .header("access-control-expose-headers", "retry-after")
        .header("content-type", "application/json");
    if let Some(origin) = origin {
        response = response.header("access-control-allow-origin", origin);
    }
    response
        .body(Full::new(Bytes::from_static(b"{\"code\":\"overloaded\"}")))
        .ok()
}
