//! Requests from pages of other origins.

use axum::body::Body;
use axum::http::Method;
use conversions_ingest::AllowedOrigins;

use crate::support::{ORDER, endpoint, plain, request};

const ORIGIN: (&str, &str) = ("origin", "https://shop.example");

#[tokio::test]
async fn a_preflight_allows_what_analytics_js_sends() {
    let endpoint = plain();
    for path in [
        "/v1/t",
        "/v1/b",
        "/v1/batch",
        "/v1/projects/WK_TEST/settings",
        "/v1/m",
        "/nowhere",
    ] {
        let headers = [
            ORIGIN,
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "authorization,x-retry-count",
            ),
        ];
        let answer = endpoint
            .send(request(Method::OPTIONS, path, &headers, Body::empty()))
            .await;
        assert!(answer.status.is_success(), "{path}");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "https://shop.example"
        );
        let allowed = answer.header("access-control-allow-headers");
        for name in ["authorization", "content-type", "x-retry-count"] {
            assert!(allowed.contains(name), "{name} in {allowed}");
        }
        assert!(
            answer
                .header("access-control-allow-methods")
                .contains("POST")
        );
        let max_age: u32 = answer
            .header("access-control-max-age")
            .parse()
            .expect("seconds");
        assert!(max_age >= 7200);
        assert!(answer.header("vary").contains("origin"));
    }
}

#[tokio::test]
async fn pages_may_read_errors_and_retry_after() {
    let endpoint = plain();
    endpoint
        .sink
        .fail(Some(conversions_ingest::SinkError::Full));
    for (path, body, expected) in [
        ("/v1/track", ORDER, "429 full"),
        ("/v1/track", "{", "400 bad_request"),
        ("/v1/nowhere", ORDER, "404 not_found"),
        (
            "/v1/projects/WK_TEST/settings",
            ORDER,
            "405 method_not_allowed",
        ),
    ] {
        let answer = endpoint.post_with(path, &[ORIGIN], body).await;
        assert_eq!(answer.verdict(), expected);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "https://shop.example",
            "{path}"
        );
        assert!(
            answer
                .header("access-control-expose-headers")
                .contains("retry-after")
        );
    }
}

#[tokio::test]
async fn with_a_list_of_origins_only_these_may_call() {
    let endpoint = endpoint(|options| {
        let list = ["https://shop.example", "https://*.shop.example"].map(str::to_owned);
        options.cors.allowed_origins = AllowedOrigins::List(list.to_vec());
        options.cors.credentials = true;
    });
    for (origin, echoed, credentials) in [
        ("https://shop.example", "https://shop.example", "true"),
        (
            "https://www.shop.example",
            "https://www.shop.example",
            "true",
        ),
        ("https://evil.example", "", ""),
        ("null", "", ""),
    ] {
        let answer = endpoint
            .post_with("/v1/track", &[("origin", origin)], ORDER)
            .await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            echoed,
            "{origin}"
        );
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            credentials,
            "{origin}"
        );
    }
}

#[tokio::test]
async fn credentials_need_a_list_of_origins() {
    let mut options = crate::support::options();
    options.cors.credentials = true;
    let refused = plain().ingest.replace(options);
    assert_eq!(
        refused,
        Err(conversions_ingest::OptionsError::CredentialsForAnyOrigin)
    );
}

#[tokio::test]
async fn no_path_redirects() {
    let endpoint = plain();
    for path in [
        "/v1/batch/",
        "/v1/batch//",
        "//v1/batch",
        "/v1",
        "/v1/",
        "/V1/batch",
        "/v1/../v1/batch",
        "/v1/%2e%2e/",
        "/v1/track;x",
        "/webhook/",
        "/v1/pixel/",
    ] {
        for method in [Method::POST, Method::GET, Method::PUT, Method::HEAD] {
            let answer = endpoint
                .send(request(method.clone(), path, &[], ORDER))
                .await;
            assert!(
                !answer.status.is_redirection(),
                "{method} {path}: {}",
                answer.status
            );
            assert_eq!(answer.header("location"), "");
        }
    }
}

#[tokio::test]
async fn metrics_of_analytics_js_are_dropped() {
    let endpoint = plain();
    let body =
        r#"{"series":[{"type":"Counter","metric":"analytics_js.invoke","value":1,"tags":{}}]}"#;
    let answer = endpoint
        .send(request(Method::POST, "/v1/m", &[ORIGIN], body))
        .await;
    assert_eq!(answer.verdict(), "200");
    assert!(endpoint.sink.taken().is_empty() && endpoint.sink.outcomes().is_empty());
}
