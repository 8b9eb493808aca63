//! Accepts connections, within limits of number and time, and closes them gracefully.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt as _;

use crate::http::tls::{IsEncrypted, Tls};
use crate::telemetry;

/// Limits and encryption of connections.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// Open connections at most; further ones wait in the kernel's queue until one is closed.
    pub connections: usize,
    /// How long the head of a request may take to arrive, and how long a connection may idle between two requests.
    pub header_timeout: Duration,
    /// Bytes of the read buffer of a connection, 8192 at least: roughly the largest head of a request.
    pub header_bytes: usize,
    /// How long the TLS handshake may take.
    pub handshake_timeout: Duration,
    /// How long requests under way may take once the server is to stop.
    pub grace: Duration,
    /// Certificate and key, if connections are to be encrypted.
    pub tls: Option<Tls>,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self {
            connections: 10_000,
            header_timeout: Duration::from_secs(30),
            header_bytes: 32 * 1024,
            handshake_timeout: Duration::from_secs(10),
            grace: Duration::from_secs(10),
            tls: None,
        }
    }
}

/// How long to wait after a connection could not be accepted. A lack of file descriptors, for instance, does not go
/// away at once, and trying in a loop would use a whole core.
const ACCEPT_RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Serves a router over HTTP/1.1 until `shutdown` completes. Then it accepts no more connections, closes idle ones, and
/// gives requests under way their time of grace. A program that stops this first, and the sink afterwards, loses no
/// request.
///
/// Handlers find [`ConnectInfo`] of the peer's [`SocketAddr`]. Failures to accept a connection are logged and retried.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ConnectionOptions,
    shutdown: impl Future<Output = ()> + Send,
) {
    let slots = Arc::new(Semaphore::new(
        options.connections.clamp(1, Semaphore::MAX_PERMITS),
    ));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        // A sender that is done may close its half. Else the end of a connection would be looked for during each request,
        // which takes another buffer, and the events of a sender that left would be half handled.
        .half_close(true)
        .max_buf_size(options.header_bytes.max(8192));
    let server = Server {
        builder,
        router,
        tls: options.tls,
        handshake_timeout: options.handshake_timeout,
        graceful: GracefulShutdown::new(),
    };
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer, slot)) => server.spawn(stream, peer, ConnectionSlot::new(slot)),
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "cannot accept a connection");
                tokio::time::sleep(ACCEPT_RETRY_PAUSE).await;
            }
        }
    }
    drop(listener);
    let closed = tokio::time::timeout(options.grace, server.graceful.shutdown()).await;
    if closed.is_err() {
        tracing::warn!("closed connections with requests under way: the time of grace is over");
    }
}

/// Waits for a free slot first, then for a connection.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, slot))
}

struct Server {
    builder: http1::Builder,
    router: Router,
    tls: Option<Tls>,
    handshake_timeout: Duration,
    graceful: GracefulShutdown,
}

impl Server {
    /// Serves a connection in a task of its own.
    fn spawn(&self, stream: TcpStream, peer: SocketAddr, slot: ConnectionSlot) {
        // Answers are small: without this, Nagle's algorithm would delay them.
        drop(stream.set_nodelay(true));
        let (builder, router) = (self.builder.clone(), self.router.clone());
        let watcher = self.graceful.watcher();
        let Some(tls) = &self.tls else {
            tokio::spawn(async move {
                let connection = connection(&builder, stream, router, peer, false);
                finish(watcher.watch(connection).await, slot);
            });
            return;
        };
        let handshake = tls.acceptor().accept(stream);
        let handshake = tokio::time::timeout(self.handshake_timeout, handshake);
        tokio::spawn(async move {
            let Ok(Ok(stream)) = handshake.await else {
                tracing::debug!("the TLS handshake failed");
                return drop(slot);
            };
            let connection = connection(&builder, stream, router, peer, true);
            finish(watcher.watch(connection).await, slot);
        });
    }
}

/// Answers the requests of one connection.
fn connection<S>(
    builder: &http1::Builder,
    stream: S,
    router: Router,
    peer: SocketAddr,
    is_encrypted: bool,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        if is_encrypted {
            request.extensions_mut().insert(IsEncrypted);
        }
        router.clone().oneshot(request)
    });
    builder.serve_connection(TokioIo::new(stream), service)
}

fn finish(result: Result<(), hyper::Error>, slot: ConnectionSlot) {
    if let Err(error) = result {
        tracing::debug!(
            timeout = error.is_timeout(),
            cut_off = error.is_incomplete_message(),
            "a connection ended early"
        );
    }
    drop(slot);
}

/// One of the connections that may be open. Frees its slot when dropped.
struct ConnectionSlot {
    _slot: OwnedSemaphorePermit,
}

impl ConnectionSlot {
    fn new(slot: OwnedSemaphorePermit) -> Self {
        metrics::gauge!(telemetry::CONNECTIONS).increment(1.0);
        Self { _slot: slot }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        metrics::gauge!(telemetry::CONNECTIONS).decrement(1.0);
    }
}
