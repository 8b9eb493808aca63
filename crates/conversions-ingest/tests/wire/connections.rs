//! Real connections: slow ones, many at once, large requests, TLS, shutdown.

mod client;

use std::sync::Arc;
use std::time::Duration;

use conversions_ingest::{ConnectionOptions, Tls, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{Endpoint, ORDER, batch, endpoint, plain};
use client::Client;

/// A server on a free port of loopback.
struct Server {
    address: std::net::SocketAddr,
    shutdown: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn start(endpoint: &Endpoint, change: impl FnOnce(&mut ConnectionOptions)) -> Server {
    let mut options = ConnectionOptions::default();
    change(&mut options);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (shutdown, stopped) = oneshot::channel();
    let stopped = async move { drop(stopped.await) };
    let task = tokio::spawn(serve(listener, endpoint.ingest.router(), options, stopped));
    Server {
        address,
        shutdown,
        task,
    }
}

fn post(path: &str, body: &str) -> String {
    let authorization = crate::support::BASIC;
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: {authorization}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_connection_stays_open_when_options_are_replaced() {
    let endpoint = plain();
    let server = start(&endpoint, |_| {}).await;
    let mut client = Client::connect(server.address).await;
    for round in 0..3 {
        assert_eq!(
            client.ask(&post("/v1/track", ORDER)).await.status(),
            200,
            "{round}"
        );
        endpoint
            .ingest
            .replace(crate::support::options())
            .expect("fine");
    }
    // Several at once, without waiting for answers.
    client
        .write(post("/v1/track", ORDER).repeat(3).as_bytes())
        .await;
    for _ in 0..3 {
        assert_eq!(client.read().await.status(), 200);
    }
    assert_eq!(endpoint.sink.taken().len(), 6);
    drop(server.shutdown);
    server.task.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_connection_with_a_slow_head_is_closed() {
    let endpoint = plain();
    let server = start(&endpoint, |_| {}).await;
    for head in [
        "",
        "POST /v1/track HT",
        "POST /v1/track HTTP/1.1\r\nhost: a\r\nx: ",
    ] {
        let started = tokio::time::Instant::now();
        let mut client = Client::connect(server.address).await;
        client.write(head.as_bytes()).await;
        assert!(client.rest().await.len() < 200);
        assert_eq!(started.elapsed().as_secs(), 30, "{head:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_is_answered_with_408_and_the_connection_closed() {
    let endpoint = plain();
    let server = start(&endpoint, |options| {
        options.header_timeout = Duration::from_hours(1);
    })
    .await;
    let mut client = Client::connect(server.address).await;
    let whole = post("/v1/track", ORDER);
    client.write(&whole.as_bytes()[..whole.len() - 10]).await;
    let started = tokio::time::Instant::now();
    let rest = client.rest().await;
    assert!(
        rest.starts_with("HTTP/1.1 408") && rest.contains("request_timeout"),
        "{rest}"
    );
    assert_eq!(started.elapsed().as_secs(), 30);
    assert!(endpoint.sink.taken().is_empty());
}

#[tokio::test]
async fn connections_over_the_limit_wait() {
    let endpoint = plain();
    let server = start(&endpoint, |options| options.connections = 2).await;
    let (mut one, mut two) = (
        Client::connect(server.address).await,
        Client::connect(server.address).await,
    );
    assert_eq!(one.ask(&post("/v1/track", ORDER)).await.status(), 200);
    assert_eq!(two.ask(&post("/v1/track", ORDER)).await.status(), 200);
    let mut three = Client::connect(server.address).await;
    three.write(post("/v1/track", ORDER).as_bytes()).await;
    let early = tokio::time::timeout(Duration::from_millis(100), three.read()).await;
    assert!(early.is_err(), "the third has to wait");
    drop(one);
    assert_eq!(three.read().await.status(), 200);
}

#[tokio::test]
async fn hundreds_of_connections_are_served_at_once() {
    let endpoint = plain();
    let server = start(&endpoint, |_| {}).await;
    let mut clients = Vec::new();
    for _ in 0..300 {
        clients.push(Client::connect(server.address).await);
    }
    for client in &mut clients {
        client
            .write(&post("/v1/track", ORDER).as_bytes()[..40])
            .await;
    }
    for client in &mut clients {
        client
            .write(&post("/v1/track", ORDER).as_bytes()[40..])
            .await;
    }
    for client in &mut clients {
        assert_eq!(client.read().await.status(), 200);
    }
    assert_eq!(endpoint.sink.taken().len(), 300);
}

#[tokio::test]
async fn a_sender_of_too_large_a_body_can_read_the_answer() {
    let endpoint = plain();
    let server = start(&endpoint, |_| {}).await;
    let mut client = Client::connect(server.address).await;
    let answer = client.ask(&post("/v1/batch", &"x".repeat(3_000_000))).await;
    assert!(answer.0.contains("payload_too_large"), "{answer:?}");
    assert_eq!(
        client
            .ask(&post("/v1/batch", &batch(&[ORDER])))
            .await
            .status(),
        200
    );

    let waiting = post("/v1/batch", "").replace(
        "content-length: 0",
        "content-length: 3000000\r\nexpect: 100-continue",
    );
    let answer = client.ask(&waiting).await;
    assert!(
        answer.status() == 400 && answer.0.contains("payload_too_large"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn ambiguous_requests_are_refused() {
    let endpoint = plain();
    let server = start(&endpoint, |_| {}).await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    for headers in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: -1\r\n",
        "content-length: +5\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: xchunked\r\n",
        "content length: 5\r\n",
        " folded: 1\r\n",
    ] {
        let mut client = Client::connect(server.address).await;
        let asked = format!("POST /v1/m HTTP/1.1\r\nhost: a\r\n{headers}\r\n0\r\n\r\n{smuggled}");
        client.write(asked.as_bytes()).await;
        let told = client.rest().await;
        assert!(told.starts_with("HTTP/1.1 400"), "{headers}: {told}");
        assert_eq!(told.matches("HTTP/1.1").count(), 1, "{headers}: {told}");
    }
    // Of two lengths the chunks count, and nothing after them is read.
    let mut client = Client::connect(server.address).await;
    let both = "content-length: 44\r\ntransfer-encoding: chunked\r\n";
    let asked = format!("POST /v1/m HTTP/1.1\r\nhost: a\r\n{both}\r\n0\r\n\r\n{smuggled}");
    client.write(asked.as_bytes()).await;
    let told = client.rest().await;
    assert_eq!(told.matches("HTTP/1.1").count(), 1, "{told}");

    let mut client = Client::connect(server.address).await;
    let large = format!(
        "GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n",
        "x".repeat(1_000_000)
    );
    client.write_what_is_wanted(large.as_bytes()).await;
    // The rest of the head may still be on its way when the connection is closed, and then the answer is lost.
    let told = client.rest().await;
    assert!(
        told.is_empty() || told.starts_with("HTTP/1.1 431"),
        "{told}"
    );
}

#[tokio::test]
async fn shutdown_finishes_requests_under_way_and_closes_idle_connections() {
    let endpoint = plain();
    let server = start(&endpoint, |_| {}).await;
    let mut idle = Client::connect(server.address).await;
    assert_eq!(idle.ask(&post("/v1/track", ORDER)).await.status(), 200);
    let mut busy = Client::connect(server.address).await;
    let whole = post("/v1/track", ORDER);
    let (first, last) = whole.split_at(whole.len() - 10);
    busy.write(first.as_bytes()).await;
    // By the time of this answer the head of the other request has been read.
    assert_eq!(idle.ask(&post("/v1/track", ORDER)).await.status(), 200);
    drop(server.shutdown);
    assert_eq!(idle.rest().await, "");
    busy.write(last.as_bytes()).await;
    let told = busy.rest().await;
    assert!(
        told.starts_with("HTTP/1.1 200") && told.contains("connection: close"),
        "{told}"
    );
    server.task.await.expect("no panic");
    assert_eq!(endpoint.sink.taken().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_after_the_time_of_grace() {
    let endpoint = endpoint(|options| options.sink_timeout = Duration::from_hours(1));
    endpoint.sink.hang();
    let server = start(&endpoint, |options| {
        options.header_timeout = Duration::from_hours(1);
    })
    .await;
    let mut client = Client::connect(server.address).await;
    client.write(post("/v1/track", ORDER).as_bytes()).await;
    let _ = tokio::time::timeout(Duration::from_secs(1), client.read()).await;
    let started = tokio::time::Instant::now();
    drop(server.shutdown);
    server.task.await.expect("no panic");
    assert_eq!(started.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn a_new_certificate_leaves_open_connections_alone() {
    let pair = || {
        let made =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        (made.cert.pem(), made.signing_key.serialize_pem())
    };
    let ((cert, key), (new_cert, new_key)) = (pair(), pair());
    let tls = Tls::from_pem(cert.as_bytes(), key.as_bytes()).expect("a pair");
    let endpoint = Arc::new(plain());
    let server = start(&endpoint, |options| options.tls = Some(tls.clone())).await;
    let mut old = Client::connect_tls(server.address, &cert)
        .await
        .expect("trusted");
    assert_eq!(old.ask(&post("/v1/track", ORDER)).await.status(), 200);

    tls.reload(new_cert.as_bytes(), new_key.as_bytes())
        .expect("a pair");
    assert_eq!(old.ask(&post("/v1/track", ORDER)).await.status(), 200);
    assert!(Client::connect_tls(server.address, &cert).await.is_err());
    let mut new = Client::connect_tls(server.address, &new_cert)
        .await
        .expect("trusted");
    let settings = new
        .ask("GET /v1/projects/WK_TEST/settings HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    assert!(settings.0.contains(r#""protocol":"https""#), "{settings:?}");

    let mut plain = Client::connect(server.address).await;
    plain.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(!plain.rest().await.contains("HTTP/1.1 200"));
}
