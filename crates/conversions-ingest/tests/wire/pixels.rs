//! Pixels: the answer is always an image, and a valid message becomes an event.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use conversions_ingest::SinkError;

use crate::support::{endpoint, plain, request};

const MESSAGE: &str =
    r#"{"writeKey":"WK_TEST","userId":"u1","event":"Email Opened","properties":{"subject":"?>~"}}"#;

#[tokio::test]
async fn a_message_in_the_address_of_a_pixel_becomes_an_event() {
    let endpoint = plain();
    for path in [
        format!("/v1/pixel/track?data={}", URL_SAFE_NO_PAD.encode(MESSAGE)),
        format!("/v1/pixel/track?data={}", STANDARD.encode(MESSAGE)),
        "/v1/pixel/track?writeKey=WK_TEST&userId=u1&event=Email+Opened&properties.subject=%3F%3E~".to_owned(),
        "/pixel/v1/track/?writeKey=WK_TEST&userId=u1&event=Email%20Opened&properties.subject=%3F%3E~".to_owned(),
    ] {
        let answer = endpoint.get(&path).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/gif"));
        assert_eq!(answer.header("cache-control"), "no-store");
        let event = endpoint.sink.events().pop().expect("an event");
        assert_eq!(event["event_name"], "Email Opened", "{path}");
        assert_eq!(event["custom_data"]["subject"], "?>~", "{path}");
        assert_eq!(event["user_data"]["external_id"], "u1");
    }
}

#[tokio::test]
async fn a_pixel_is_answered_with_an_image_even_if_its_message_is_refused() {
    let endpoint = endpoint(|options| options.limits.message_bytes = 100);
    let good = "/v1/pixel/track?writeKey=WK_TEST&userId=u1&event=A";
    for path in [
        "/v1/pixel/track",
        "/v1/pixel/nothing?a=b",
        "/v1/pixel/track?data=%%%",
        "/v1/pixel/track?writeKey=nobody&userId=u1&event=A",
        "/v1/pixel/track?writeKey=WK_TEST&event=A",
        &format!("{good}&properties.p={}", "x".repeat(200)),
    ] {
        let answer = endpoint.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body[..6]),
            (200, &b"GIF89a"[..]),
            "{path}"
        );
        assert!(endpoint.sink.taken().is_empty(), "{path}");
    }
    endpoint.sink.fail(Some(SinkError::Full));
    let answer = endpoint.get(good).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body[..6]),
        (200, &b"GIF89a"[..])
    );
    let posted = endpoint.send(request(Method::POST, good, &[], "")).await;
    assert_eq!(posted.verdict(), "405 method_not_allowed");
}

#[tokio::test]
async fn the_path_of_a_pixel_gives_the_type() {
    let endpoint = plain();
    endpoint
        .get("/v1/pixel/page?writeKey=WK_TEST&userId=u1&name=Home")
        .await;
    assert_eq!(
        endpoint.sink.outcomes(),
        [("skipped: not_track".to_owned(), 1)]
    );
}
