//! A request is acknowledged only after its events are stored.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use conversions_ingest::SinkError;

use crate::support::{End, ORDER, Pieces, batch, endpoint, plain, request};

const ORIGIN: (&str, &str) = ("origin", "https://shop.example");

#[tokio::test]
async fn a_failing_sink_is_never_answered_with_success() {
    let endpoint = endpoint(|options| options.retry_after = Duration::from_secs(7));
    for (error, expected) in [
        (SinkError::Full, "429 full"),
        (SinkError::Unavailable, "503 unavailable"),
        (SinkError::ShuttingDown, "503 shutting_down"),
    ] {
        endpoint.sink.fail(Some(error));
        let answer = endpoint
            .post_with("/v1/batch", &[ORIGIN], batch(&[ORDER]))
            .await;
        assert_eq!(answer.verdict(), expected);
        assert_eq!(answer.header("retry-after"), "7");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "https://shop.example"
        );
        assert!(
            answer
                .header("access-control-expose-headers")
                .contains("retry-after")
        );
    }
    assert!(
        endpoint.sink.outcomes().is_empty(),
        "what is not safe is not counted"
    );
    endpoint.sink.fail(None);
    assert_eq!(
        endpoint.post("/v1/batch", batch(&[ORDER])).await.verdict(),
        "200"
    );
}

#[tokio::test]
async fn a_request_without_events_does_not_call_the_sink() {
    let endpoint = plain();
    endpoint.sink.fail(Some(SinkError::Full));
    let answer = endpoint.post("/v1/identify", r#"{"userId":"u"}"#).await;
    assert_eq!(answer.verdict(), "200");
}

#[tokio::test(start_paused = true)]
async fn a_hanging_sink_times_out() {
    let endpoint = plain();
    endpoint.sink.hang();
    let started = tokio::time::Instant::now();
    let answer = endpoint.post("/v1/track", ORDER).await;
    assert_eq!(answer.verdict(), "503 unavailable");
    assert_eq!(started.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn a_stopping_server_answers_everyone_with_503() {
    let endpoint = plain();
    assert_eq!(endpoint.get("/health").await.verdict(), "200");
    assert_eq!(endpoint.get("/").await.verdict(), "200");
    endpoint.ingest.stop();
    let answer = endpoint.post("/v1/track", ORDER).await;
    assert_eq!(
        (answer.verdict().as_str(), answer.header("retry-after")),
        ("503 shutting_down", "5")
    );
    assert_eq!(endpoint.get("/health").await.verdict(), "503 shutting_down");
    assert!(endpoint.sink.taken().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_times_out() {
    let endpoint = plain();
    let body = Pieces::body(vec![b"{".to_vec()], End::Never);
    let started = tokio::time::Instant::now();
    let answer = endpoint.post("/v1/track", body).await;
    assert_eq!(answer.verdict(), "408 request_timeout");
    assert_eq!(
        (answer.header("retry-after"), answer.header("connection")),
        ("1", "close")
    );
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn requests_in_flight_are_capped() {
    let endpoint = Arc::new(endpoint(|options| options.limits.in_flight = 2));
    endpoint.sink.hang();
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let endpoint = endpoint.clone();
            tokio::spawn(async move { endpoint.post("/v1/track", ORDER).await.verdict() })
        })
        .collect();
    tokio::task::yield_now().await;
    let answer = endpoint.post("/v1/track", ORDER).await;
    assert_eq!(
        (answer.verdict().as_str(), answer.header("retry-after")),
        ("503 overloaded", "1")
    );
    for one in waiting {
        assert_eq!(
            one.await.expect("no panic"),
            "503 unavailable",
            "given up after a while"
        );
    }
    let identify = endpoint.post("/v1/identify", r#"{"userId":"u"}"#).await;
    assert_eq!(identify.verdict(), "200", "the places are free again");
}

#[tokio::test]
async fn bytes_in_flight_are_capped() {
    let endpoint = endpoint(|options| options.limits.in_flight_bytes = 10_000);
    let large = |bytes| format!("{{\"userId\":\"u\",\"a\":\"{}\"}}", "x".repeat(bytes));
    assert_eq!(
        endpoint.post("/v1/track", large(10_000)).await.verdict(),
        "503 overloaded"
    );
    // Requests without a key in a header get half of it.
    let request = request(Method::POST, "/v1/track", &[], large(6000));
    assert_eq!(endpoint.send(request).await.verdict(), "503 overloaded");
    assert_eq!(
        endpoint.post("/v1/identify", large(6000)).await.verdict(),
        "200"
    );
    assert_eq!(endpoint.post("/v1/track", ORDER).await.verdict(), "200");
}

#[tokio::test]
async fn a_small_batch_that_would_become_huge_is_refused() {
    let endpoint = endpoint(|options| options.limits.completed_bytes = 100_000);
    let page = "q".repeat(3000);
    let batch = |messages: usize| {
        let messages = vec![r#"{"type":"track","userId":"u","event":"E"}"#; messages].join(",");
        format!(
            r#"{{"batch":[{messages}],"context":{{"page":{{"url":"https://shop.example/?{page}"}}}}}}"#
        )
    };
    let verdict = |text| async { endpoint.post("/v1/batch", text).await.verdict() };
    assert_eq!(verdict(batch(40)).await, "400 payload_too_large");
    assert!(endpoint.sink.taken().is_empty());
    assert_eq!(verdict(batch(20)).await, "200");
}

#[tokio::test]
async fn events_count_for_the_bytes_in_flight() {
    let endpoint = endpoint(|options| options.limits.in_flight_bytes = 40_000);
    let page = "q".repeat(3000);
    let batch = format!(
        r#"{{"batch":[{}],"context":{{"page":{{"url":"https://shop.example/?{page}"}}}}}}"#,
        vec![r#"{"type":"track","userId":"u","event":"E"}"#; 20].join(",")
    );
    assert_eq!(
        endpoint.post("/v1/batch", batch).await.verdict(),
        "503 overloaded"
    );
}

#[tokio::test]
async fn an_incomplete_body_is_refused() {
    let endpoint = plain();
    let body = Pieces::body(vec![ORDER.as_bytes().to_vec()], End::Broken);
    assert_eq!(
        endpoint.post("/v1/track", body).await.verdict(),
        "400 broken_body"
    );
}
