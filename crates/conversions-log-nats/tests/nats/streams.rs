//! What streams promise, and what happens at their limits.

use conversions_delivery::{AppendError, AppendGroup, EventLog as _};
use conversions_log_nats::{NatsLog, NatsLogOptions, OpenError, check_streams, create_streams};
use conversions_transport::NewEvent;

use crate::server::{Server, event, now, open};

#[tokio::test]
async fn a_node_refuses_streams_that_are_missing_or_weaker() {
    let Some(server) = Server::start() else {
        return;
    };
    let strict = NatsLogOptions {
        allow_weak: false,
        ..server.options()
    };
    let shop = ["shop".to_owned()];
    let missing = NatsLog::open(strict.clone(), &shop)
        .await
        .expect_err("nothing is made");
    assert!(
        missing.to_string().contains("segue log create"),
        "{missing}"
    );
    create_streams(&strict, &shop).await.expect("made");
    create_streams(&strict, &shop).await.expect("made again");
    let weak = check_streams(&strict, &shop)
        .await
        .expect_err("one replica");
    let OpenError::Weak(findings) = weak else {
        panic!("{weak}");
    };
    assert!(
        findings.iter().all(|one| one.contains("1 replicas")),
        "{findings:?}"
    );
    let allowed = NatsLogOptions {
        allow_weak: true,
        ..strict
    };
    check_streams(&allowed, &shop).await.expect("allowed");
}

#[tokio::test]
async fn a_full_stream_refuses_and_others_go_on() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = NatsLogOptions {
        max_bytes: 20_000,
        ..server.options()
    };
    let both = ["shop".to_owned(), "ads".to_owned()];
    create_streams(&options, &both).await.expect("made");
    let log = NatsLog::open(options, &both).await.expect("opened");
    let mut appended = 0;
    let refused = loop {
        let one = event(&format!("{appended}-{}", "x".repeat(900)), now().seconds());
        match log.append(AppendGroup::from(vec![one]), now()).await {
            Ok(_) => appended += 1,
            Err(error) => break error,
        }
    };
    assert!((5..25).contains(&appended), "{appended}");
    let AppendError::Full { held, limit } = refused else {
        panic!("{refused}");
    };
    assert!(held > 10_000 && limit == 20_000, "{held} of {limit}");
    let other = NewEvent::new("ads", "{}", now().seconds());
    log.append(AppendGroup::from(vec![other]), now())
        .await
        .expect("another stream");
}

#[tokio::test]
async fn no_server_is_a_sentence() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = server.options();
    let log = open(options.clone()).await;
    drop(server);
    let started = std::time::Instant::now();
    let one = AppendGroup::from(vec![event("a", now().seconds())]);
    let refused = log.append(one, now()).await.expect_err("nobody answers");
    assert!(matches!(refused, AppendError::Log(_)), "{refused}");
    assert!(started.elapsed().as_secs() < 12);
    let closed = NatsLog::open(options, &[])
        .await
        .expect_err("nobody answers");
    assert!(
        closed
            .to_string()
            .starts_with("cannot connect to NATS at nats://127.0.0.1"),
        "{closed}"
    );
}
