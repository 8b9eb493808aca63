//! NATS in a few lines: one request, one answer.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(10);

/// Asks `JetStream`, at a server without TLS and without users.
pub(crate) async fn request(port: u16, subject: &str, body: &Value) -> Value {
    let asked = tokio::time::timeout(PATIENCE, exchange(port, subject, body.to_string()));
    let answer = asked.await.ok().flatten();
    answer.unwrap_or_else(|| panic!("no answer to {subject}"))
}

async fn exchange(port: u16, subject: &str, body: String) -> Option<Value> {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.ok()?);
    let text = format!(
        "CONNECT {}\r\nSUB answers 1\r\nPUB $JS.API.{subject} answers {}\r\n{body}\r\n",
        json!({ "verbose": false, "pedantic": false }),
        body.len()
    );
    stream.write_all(text.as_bytes()).await.ok()?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        if line.starts_with("PING") {
            stream.write_all(b"PONG\r\n").await.ok()?;
        }
        if line.starts_with("MSG") {
            let length = line.trim_end().rsplit(' ').next()?.parse().ok()?;
            let mut answer = vec![0; length];
            stream.read_exact(&mut answer).await.ok()?;
            return serde_json::from_slice(&answer).ok();
        }
        if line.is_empty() {
            return None;
        }
    }
}

/// Changes the configuration of a stream whose name contains this.
pub(crate) async fn change_stream(port: u16, part: &str, change: impl FnOnce(&mut Value)) {
    let listed = request(port, "STREAM.LIST", &json!({})).await;
    let streams = listed["streams"].as_array().cloned().unwrap_or_default();
    let mut configs = streams
        .into_iter()
        .map(|mut stream| stream["config"].take());
    let name = |config: &Value| config["name"].as_str().unwrap_or_default().to_owned();
    let mut config = configs
        .find(|config| name(config).contains(part))
        .expect("the stream");
    change(&mut config);
    let changed = request(port, &format!("STREAM.UPDATE.{}", name(&config)), &config).await;
    assert!(changed["error"].is_null(), "{changed}");
}
