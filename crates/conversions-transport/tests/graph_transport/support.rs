//! Helpers for the tests of all topics.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use conversions_transport::{AccessToken, EventsRequest, GraphTransport, GraphTransportBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The token of every test. No test may find it anywhere but in the `Authorization` header.
pub(crate) const TOKEN: &str = "EAABtestTokenThatMustNotLeak";

/// Long enough for a loaded machine, short enough for a test that waits for it on purpose.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// Starts building a transport to a base address.
pub(crate) fn builder(base_url: &str) -> GraphTransportBuilder {
    GraphTransport::builder(
        "424242".parse().unwrap(),
        AccessToken::parse(TOKEN).unwrap(),
    )
    .base_url(base_url.parse().unwrap())
}

/// A transport to a base address.
pub(crate) fn transport(base_url: &str) -> GraphTransport {
    builder(base_url).build().unwrap()
}

/// A request of this many small events.
pub(crate) fn events(count: usize) -> EventsRequest {
    let event = |index| format!(r#"{{"event_name":"Purchase","event_id":"{index}"}}"#).into();
    EventsRequest::new((0..count).map(event).collect::<Vec<_>>())
}

/// A TCP server that does the same thing with every connection; its base address.
pub(crate) async fn tcp_server<F, R>(serve: F) -> String
where
    F: Fn(TcpStream) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    base_url(address)
}

/// The base address of a server on this machine.
pub(crate) fn base_url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Reads a whole request: up to the last bracket of a body that has no other way to end.
pub(crate) async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\"}") {
        let read = stream.read_buf(&mut request).await.unwrap();
        assert!(read > 0, "the request ends early");
    }
    String::from_utf8(request).unwrap()
}

/// Writes text as it is.
pub(crate) async fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Ends the connection with a reset instead of an orderly end.
pub(crate) fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}

/// Keeps the connection open and silent until the test is over.
pub(crate) async fn hang(stream: TcpStream) {
    std::future::pending::<()>().await;
    drop(stream);
}
