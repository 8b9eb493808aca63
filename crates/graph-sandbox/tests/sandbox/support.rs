//! Events, and two ways to send them: to the router, and over a socket.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, UNIX_EPOCH},
};

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use graph_sandbox::{Builder, GraphEdge, Sandbox};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tower::ServiceExt;

pub(crate) const NOW: u64 = 1_790_000_000;
pub(crate) const PATH: &str = "/v26.0/1234/events";

pub(crate) fn sandbox() -> Builder {
    Sandbox::builder().now(|| UNIX_EPOCH + Duration::from_secs(NOW))
}

pub(crate) fn lead(id: &str) -> Value {
    json!({
        "event_name": "Lead", "event_time": NOW, "event_id": id, "action_source": "website",
        "user_data": {"external_id": format!("user of {id}")},
    })
}

/// A body with one such event for each id.
pub(crate) fn leads(ids: &[&str]) -> String {
    let data: Vec<Value> = ids.iter().map(|id| lead(id)).collect();
    json!({"access_token": "t", "data": data}).to_string()
}

/// Status, name of the fault, and body as JSON.
pub(crate) type Answer = (StatusCode, Option<String>, Value);

pub(crate) async fn call(edge: &GraphEdge, request: Request<Body>) -> Answer {
    let answer = edge.router().oneshot(request).await.unwrap();
    let status = answer.status();
    let fault = answer
        .headers()
        .get("x-sandbox-fault")
        .map(|name| name.to_str().unwrap().to_owned());
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (
        status,
        fault,
        serde_json::from_slice(&body).unwrap_or(Value::Null),
    )
}

pub(crate) async fn post(edge: &GraphEdge, path: &str, media_type: &str, body: &str) -> Answer {
    let request = Request::post(path)
        .header("content-type", media_type)
        .body(Body::from(body.to_owned()))
        .unwrap();
    call(edge, request).await
}

pub(crate) async fn accept(edge: &GraphEdge, events: &[Value]) -> Value {
    let body = json!({"access_token": "token", "data": events}).to_string();
    let (status, _, answer) = post(edge, PATH, "application/json", &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

/// What a client got before the connection ended, and how it ended.
pub(crate) struct Got {
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) end: io::Result<()>,
}

impl Got {
    pub(crate) fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or("none")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.split_once(": ").filter(|(n, _)| *n == name))
            .map(|(_, v)| v)
    }
}

pub(crate) async fn call_socket(address: SocketAddr, method: &str, path: &str, body: &str) -> Got {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len(),
    );
    let mut answer = Vec::new();
    let end = match stream.write_all(request.as_bytes()).await {
        Ok(()) => stream.read_to_end(&mut answer).await.map(drop),
        Err(error) => Err(error),
    };
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Got {
        head: head.to_owned(),
        body: body.to_owned(),
        end,
    }
}

pub(crate) async fn send(sandbox: &Sandbox, ids: &[&str]) -> Got {
    call_socket(sandbox.address(), "POST", PATH, &leads(ids)).await
}
