//! An axum server with a page of its own and, beside it, an endpoint for Segment's libraries.
//!
//! The events end in a list. Yours may append them to the engine of `conversions-delivery`, or to a queue: what counts is that
//! they are stored when `accept` returns, because the sender is answered then.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::routing::get;
use conversions_ingest::{DestinationMapping, EventSink, Ingest, IngestOptions, SinkError, Source};
use conversions_mapping::{Mapping, Settings};
use conversions_transport::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Default)]
struct Stored(Mutex<Vec<Frame>>);

#[async_trait::async_trait]
impl EventSink for Stored {
    async fn accept(&self, frames: Vec<Frame>) -> Result<(), SinkError> {
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stored.extend(frames);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mapping = Mapping::new(Settings::default())?;
    let shop = Arc::new(DestinationMapping::new("shop", mapping));
    let source = Source::new("web", vec![shop]).with_write_key("a-long-random-key");
    let stored = Arc::new(Stored::default());
    let ingest = Ingest::new(IngestOptions::new(vec![source]), stored.clone())?;

    let app = Router::new()
        .route("/about", get(|| async { "our own page" }))
        .merge(ingest.router())
        .into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    println!("{}", ask(address, "GET /about", "").await?);
    // Its time and its id are left out: the endpoint adds them.
    let message = r#"{"writeKey":"a-long-random-key","event":"Lead","userId":"u-1"}"#;
    println!("{}", ask(address, "POST /v1/track", message).await?);

    let frames = stored.0.lock().unwrap_or_else(PoisonError::into_inner);
    for frame in frames.iter() {
        println!("{} event for {}", frame.len(), frame.destination());
    }
    server.abort();
    Ok(())
}

/// A request in a few lines, so that the example needs no HTTP client: the status line and the body of the answer.
async fn ask(address: SocketAddr, request: &str, body: &str) -> Result<String, Box<dyn Error>> {
    let length = body.len();
    let head = "host: localhost\r\nconnection: close\r\ncontent-type: application/json";
    let text = format!("{request} HTTP/1.1\r\n{head}\r\ncontent-length: {length}\r\n\r\n{body}");
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(text.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    Ok(format!("{status}: {body}"))
}
