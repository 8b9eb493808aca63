//! Replies, and how they are classified.

use std::time::Duration;

use conversions_transport::{SendError, Transport as _};
use facebook_conversions::error_table::{Disposition, HoldReason};
use facebook_conversions::reply::{EventsReceived, UnreadableKind};
use facebook_conversions::usage::Pressure;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{TOKEN, events, transport};

async fn answered(answer: ResponseTemplate) -> Result<EventsReceived, SendError> {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    transport(&server.uri()).send(&events(3)).await
}

async fn answered_json(status: u16, body: Value) -> Result<EventsReceived, SendError> {
    answered(ResponseTemplate::new(status).set_body_json(body)).await
}

async fn answered_text(status: u16, body: &str) -> SendError {
    answered(ResponseTemplate::new(status).set_body_string(body))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_receipt_is_read() {
    let body = json!({"events_received": 3, "messages": [], "fbtrace_id": "AbC"});
    let receipt = answered_json(200, body).await.unwrap();
    assert_eq!(
        (receipt.events_received, receipt.fbtrace_id.as_deref()),
        (Some(3), Some("AbC"))
    );
    assert!(receipt.messages.is_empty());
}

#[tokio::test]
async fn messages_usage_and_version_warning_of_a_receipt_are_read() {
    let answer = ResponseTemplate::new(200)
        .set_body_json(json!({"events_received": 2, "messages": ["event_time is in the future"]}))
        .insert_header(
            "X-App-Usage",
            r#"{"call_count":81,"total_time":25,"total_cputime":25}"#,
        )
        .insert_header(
            "X-Ad-Api-Version-Warning",
            "The call has been auto-upgraded to v27.0",
        );
    let receipt = answered(answer).await.unwrap();
    assert_eq!(receipt.messages, ["event_time is in the future"]);
    assert_eq!(receipt.headers.usage.pressure(), Pressure::SlowDown);
    assert_eq!(
        receipt.headers.version_warning.as_deref(),
        Some("The call has been auto-upgraded to v27.0")
    );
}

#[tokio::test]
async fn each_class_of_graph_error_has_its_disposition() {
    use Disposition::{
        Expired, Hold, Retry, RetryFew, RetrySlow, Split, SplitOnce, Throttled, TooLarge,
    };
    use HoldReason::{Authentication, Configuration, Permission};
    let cases = [
        (
            400,
            json!({"code": 100, "error_subcode": 2_804_050, "is_transient": false}),
            Split,
        ),
        (
            400,
            json!({"code": 100, "error_subcode": 2_804_003}),
            Expired,
        ),
        (
            400,
            json!({"code": 100, "error_subcode": 33}),
            Hold(Configuration),
        ),
        (401, json!({"code": 190}), Hold(Authentication)),
        (
            500,
            json!({"code": 190, "error_subcode": 463}),
            Hold(Authentication),
        ),
        (403, json!({"code": 200}), Hold(Permission)),
        (400, json!({"code": 4}), Throttled),
        (
            500,
            json!({"code": 17, "error_subcode": 2_446_079}),
            Throttled,
        ),
        (400, json!({"code": 80004}), Throttled),
        (400, json!({"code": 368}), RetrySlow),
        (500, json!({"code": 1}), RetryFew),
        (503, json!({"code": 2, "is_transient": true}), Retry),
        (200, json!({"code": 2}), Retry),
        (400, json!({"code": 105}), TooLarge),
        (400, json!({"code": 424_242}), SplitOnce),
        (400, json!({"code": 100, "is_transient": true}), Retry),
    ];
    for (status, error, disposition) in cases {
        let failure = answered_json(status, json!({"error": error}))
            .await
            .unwrap_err();
        assert_eq!(failure.disposition(), disposition, "{status} {error}");
        assert_eq!(failure.status(), Some(status));
        assert!(!failure.may_have_been_processed());
    }
}

#[tokio::test]
async fn metas_texts_are_kept_without_the_token() {
    let error = json!({"error": {
        "message": format!("Malformed access token {TOKEN}"), "type": "OAuthException", "code": 190,
        "error_user_title": "Titel", "error_user_msg": "Bitte", "fbtrace_id": "Axyz",
    }});
    let failure = answered_json(401, error).await.unwrap_err();
    let error = failure.graph_error().unwrap();
    assert_eq!(error.message(), Some("Malformed access token [redacted]"));
    assert_eq!(
        (error.error_user_title(), error.error_user_msg()),
        (Some("Titel"), Some("Bitte"))
    );
    assert_eq!(error.fbtrace_id(), Some("Axyz"));
}

#[tokio::test]
async fn throttling_with_headers_says_how_long_to_wait() {
    let answer = ResponseTemplate::new(429)
        .set_body_json(json!({"error": {"code": 80004, "error_subcode": 2_446_079}}))
        .insert_header("Retry-After", "30")
        .insert_header("X-Ad-Account-Usage", r#"{"acc_id_util_pct":100,"reset_time_duration":90}"#)
        .insert_header(
            "X-Business-Use-Case-Usage",
            r#"{"1":[{"type":"ads_management","call_count":101,"estimated_time_to_regain_access":2}]}"#,
        );
    let failure = answered(answer).await.unwrap_err();
    assert_eq!(failure.disposition(), Disposition::Throttled);
    assert_eq!(failure.wait(), Some(Duration::from_mins(2)));
    let usage = failure.headers().unwrap().usage;
    assert_eq!(
        (usage.highest_percent(), usage.pressure()),
        (Some(101.0), Pressure::Pause)
    );
}

#[tokio::test]
async fn throttling_without_a_body_says_how_long_to_wait() {
    let failure = answered(ResponseTemplate::new(429).insert_header("Retry-After", "7"))
        .await
        .unwrap_err();
    assert_eq!(failure.disposition(), Disposition::Throttled);
    assert_eq!(failure.wait(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn replies_that_are_not_graph_s_are_unreadable() {
    use UnreadableKind::{Empty, Html, NotJson, Truncated, WrongJson};
    let cases = [
        (
            502,
            "<html><body>Bad Gateway: jo@example.com</body></html>",
            Html,
            true,
        ),
        (
            200,
            "<!doctype html><title>Welcome to our WiFi</title>",
            Html,
            true,
        ),
        (500, "", Empty, true),
        (200, "", Empty, true),
        (400, "", Empty, false),
        (503, "upstream connect error", NotJson, true),
        (200, r#"{"events_received":3,"mess"#, Truncated, true),
        (200, r#"{"success":true}"#, WrongJson, true),
        (200, r#"[{"events_received":3}]"#, WrongJson, true),
        (400, r#"{"message":"jo@example.com"}"#, WrongJson, false),
    ];
    for (status, body, expected, ambiguous) in cases {
        let failure = answered_text(status, body).await;
        assert_eq!(
            failure.may_have_been_processed(),
            ambiguous,
            "{status} {body}"
        );
        assert!(
            !format!("{failure} {failure:?}").contains("jo@"),
            "a body is not shown"
        );
        match failure {
            SendError::Unreadable {
                status: read, kind, ..
            } => assert_eq!((read, kind), (status, expected)),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_reply_over_the_limit_is_not_read_further() {
    let failure = answered_text(200, &" ".repeat(1_000_000)).await;
    assert!(
        matches!(
            failure,
            SendError::Unreadable {
                kind: UnreadableKind::TooLong,
                ..
            }
        ),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_413_page_means_that_the_request_is_too_large() {
    let html = "<html><head><title>413 Request Entity Too Large</title></head></html>";
    assert_eq!(
        answered_text(413, html).await.disposition(),
        Disposition::TooLarge
    );
}
