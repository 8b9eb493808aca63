//! HTTP/1.1 in a few lines: one request a connection.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// No answer takes longer: a node gives up on its cluster after eight seconds.
const PATIENCE: Duration = Duration::from_secs(15);

/// Posts JSON. The status, or nothing when the connection failed.
pub(crate) async fn post(port: u16, path: &str, user: &str, body: &str) -> Option<u16> {
    let authorization = STANDARD.encode(format!("{user}:"));
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Basic {authorization}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (status, _) = exchange(port, &request).await?;
    Some(status)
}

/// The JSON at a path.
pub(crate) async fn get(port: u16, path: &str) -> Option<Value> {
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
    let (_, body) = exchange(port, &request).await?;
    serde_json::from_str(&body).ok()
}

/// The text at a path.
pub(crate) async fn text(port: u16, path: &str) -> Option<String> {
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
    exchange(port, &request).await.map(|(_, body)| body)
}

async fn exchange(port: u16, request: &str) -> Option<(u16, String)> {
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        Some((status, body.to_owned()))
    };
    tokio::time::timeout(PATIENCE, exchange).await.ok()?
}
