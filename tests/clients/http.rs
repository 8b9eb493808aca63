//! HTTP/1.1 in a few lines: a server that may hang up instead of answering, and a request.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a server says; `None` closes the connection without a word.
pub(crate) type Answer = Option<Response<Full<Bytes>>>;

/// A server that ends when this is dropped.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Listens on a free port of this machine and answers every request by `answer`.
pub(crate) async fn listen<F, A>(answer: F) -> Listening
where
    F: Fn(Request<Bytes>) -> A + Send + Sync + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = Arc::new(answer);
    let accepting = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer.clone();
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.map_err(|_| HungUp)?.to_bytes();
                    answer(Request::from_parts(parts, body)).await.ok_or(HungUp)
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    Listening { address, accepting }
}

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("hung up")]
struct HungUp;

/// Sends one request over a connection of its own; `None` when there is no answer.
pub(crate) async fn send(to: SocketAddr, request: Request<Bytes>) -> Answer {
    let stream = TcpStream::connect(to).await.ok()?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream))
            .await
            .ok()?;
    tokio::spawn(connection);
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts, Full::new(body));
    let (parts, body) = sender.send_request(request).await.ok()?.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    Some(Response::from_parts(parts, Full::new(body)))
}

/// The JSON at an address such as `http://127.0.0.1:8787` and a path.
pub(crate) async fn get_json(base: &str, path: &str) -> Option<Value> {
    let authority = base.strip_prefix("http://")?;
    let request = Request::get(path)
        .header("host", authority)
        .body(Bytes::new())
        .ok()?;
    let body = send(authority.parse().ok()?, request).await?.into_body();
    let Ok(body) = body.collect().await.map_err(|never: Infallible| never);
    serde_json::from_slice(&body.to_bytes()).ok()
}

/// An answer with a body of a type.
pub(crate) fn answer(status: u16, content_type: &str, body: impl Into<Bytes>) -> Answer {
    let response = Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(Full::new(body.into()));
    response.ok()
}
