//! Segment's webhook: what its signature covers, and what it does not.

use axum::http::Method;
use conversions_ingest::{Source, Webhook};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::support::{Answer, Endpoint, ORDER, destination, endpoint, request};

fn signature(secret: &str, signed: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn webhook(webhook: Webhook) -> Endpoint {
    endpoint(|options| {
        let source = Source::new("segment", vec![destination("shop")]).with_webhook(webhook);
        options.sources.push(source);
    })
}

async fn post(endpoint: &Endpoint, path: &str, signature: &str, body: &str) -> Answer {
    let headers = [("x-signature", signature), ("user-agent", "Segment.io/1.0")];
    endpoint
        .send(request(Method::POST, path, &headers, body.to_owned()))
        .await
}

fn forwarded() -> String {
    ORDER.replacen(
        '{',
        r#"{"type":"track","timestamp":"2026-11-22T10:00:00Z","sentAt":"2026-11-22T09:00:00Z","#,
        1,
    )
}

#[tokio::test]
async fn a_signed_message_is_accepted_and_keeps_its_times() {
    let endpoint = webhook(Webhook::new("s3cret"));
    let body = forwarded();
    let answer = post(
        &endpoint,
        "/webhook/segment",
        &signature("s3cret", &body),
        &body,
    )
    .await;
    assert_eq!(answer.verdict(), "200");
    let taken = endpoint.sink.taken().pop().expect("an event");
    assert_eq!(
        (taken.source(), taken.facts().event_time),
        (Some("segment"), 1_795_341_600)
    );
}

#[tokio::test]
async fn the_signature_of_a_list_covers_the_bytes_of_its_first_message() {
    let endpoint = webhook(Webhook::new("s3cret"));
    let (first, second) = (forwarded(), r#"{"type":"delete","userId":"u"}"#);
    // Half a surrogate pair is repaired for reading, but the signature covers the bytes as sent.
    let first = first.replace("\"u1\"", r#""half \ud83d""#);
    let body = format!(" [ {first} , {second} ]\n");
    let answer = post(
        &endpoint,
        "/webhook/segment",
        &signature("s3cret", &first),
        &body,
    )
    .await;
    assert_eq!(answer.verdict(), "200");
    let outcomes = [
        ("accepted".to_owned(), 1),
        ("skipped: not_track".to_owned(), 1),
    ];
    assert_eq!(endpoint.sink.outcomes(), outcomes);
    let whole = post(
        &endpoint,
        "/webhook/segment",
        &signature("s3cret", &body),
        &body,
    )
    .await;
    assert_eq!(whole.verdict(), "401 invalid_signature");
}

#[tokio::test]
async fn unsigned_requests_are_refused_alike_for_known_and_unknown_sources() {
    let endpoint = webhook(Webhook::new("s3cret"));
    let body = forwarded();
    let right = signature("s3cret", &body);
    let wrong = signature("secret", &body);
    for (path, signature) in [
        ("/webhook/segment", ""),
        ("/webhook/segment", wrong.as_str()),
        ("/webhook/segment", &right[1..]),
        ("/webhook/web", right.as_str()),
        ("/webhook/nobody", right.as_str()),
    ] {
        let answer = post(&endpoint, path, signature, &body).await;
        assert_eq!(
            answer.verdict(),
            "401 invalid_signature",
            "{path} {signature}"
        );
    }
    let changed = body.replace("19.90", "99.90");
    assert_eq!(
        post(&endpoint, "/webhook/segment", &right, &changed)
            .await
            .verdict(),
        "401 invalid_signature"
    );
    assert!(endpoint.sink.taken().is_empty());
}

#[tokio::test]
async fn a_shared_secret_keeps_attackers_from_extending_a_signed_batch() {
    let (genuine, forged) = (forwarded(), forwarded().replace("m1", "forged"));
    let body = format!("[{genuine},{forged}]");
    let replayed = signature("s3cret", &genuine);

    let weak = webhook(Webhook::new("s3cret"));
    assert_eq!(
        post(&weak, "/webhook/segment", &replayed, &body)
            .await
            .verdict(),
        "200"
    );
    assert_eq!(weak.sink.taken().len(), 2, "as Segment documents");

    let strong = webhook(Webhook::new("s3cret").with_shared_secret("X-Hook-Secret", "hush"));
    assert_eq!(
        post(&strong, "/webhook/segment", &replayed, &body)
            .await
            .verdict(),
        "401 invalid_signature"
    );
    let headers = [
        ("x-signature", replayed.as_str()),
        ("x-hook-secret", "hush"),
    ];
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let answer = strong
            .send(request(method, "/webhook/segment", &headers, body.clone()))
            .await;
        assert_eq!(answer.verdict(), "200");
    }
}

#[tokio::test]
async fn a_webhook_has_its_own_limits() {
    let endpoint = webhook(Webhook::new("s3cret"));
    let first = forwarded();
    let many = |count: usize| format!("[{}]", vec![first.as_str(); count].join(","));
    let signature = signature("s3cret", &first);
    let answer = post(&endpoint, "/webhook/segment", &signature, &many(4000)).await;
    assert_eq!(answer.verdict(), "200");
    assert_eq!(endpoint.sink.taken().len(), 4000);
    let answer = post(&endpoint, "/webhook/segment", &signature, &many(4001)).await;
    assert_eq!(answer.verdict(), "400 too_many_messages");
}
