//! Write keys: where they are found, several of a source, rate limits.

use std::num::NonZeroU32;

use axum::body::Body;
use axum::http::Method;
use conversions_ingest::{Compat, RateLimit, Source};
use serde_json::json;

use crate::support::{KEY, ORDER, batch, destination, endpoint, plain, request};

#[tokio::test]
async fn a_key_is_found_in_the_header_the_body_or_the_first_message() {
    let endpoint = plain();
    for authorization in ["Basic V0tfVEVTVDo=", "Basic V0tfVEVTVA", "Bearer WK_TEST"] {
        let headers = [("authorization", authorization)];
        let answer = endpoint
            .send(request(Method::POST, "/v1/track", &headers, ORDER))
            .await;
        assert_eq!(answer.verdict(), "200", "{authorization}");
    }
    let with_key = ORDER.replacen('{', r#"{"writeKey":"WK_TEST","#, 1);
    assert_eq!(
        endpoint
            .post_bare("/v1/track", with_key.clone())
            .await
            .verdict(),
        "200"
    );
    let beside = batch(&[ORDER]).replacen('{', r#"{"writeKey":"WK_TEST","#, 1);
    assert_eq!(
        endpoint.post_bare("/v1/batch", beside).await.verdict(),
        "200"
    );
    assert_eq!(
        endpoint
            .post_bare("/v1/batch", batch(&[&with_key]))
            .await
            .verdict(),
        "200"
    );
    let second = batch(&[ORDER, &with_key]);
    assert_eq!(
        endpoint.post_bare("/v1/batch", second).await.verdict(),
        "401 missing_write_key"
    );
    assert_eq!(endpoint.sink.taken().len(), 6);
}

#[tokio::test]
async fn the_first_known_key_counts() {
    let endpoint = plain();
    let with_key = ORDER.replacen('{', r#"{"writeKey":"WK_TEST","#, 1);
    let token = [("authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.sig")];
    let answer = endpoint
        .send(request(Method::POST, "/v1/track", &token, with_key))
        .await;
    assert_eq!(answer.verdict(), "200");
}

#[tokio::test]
async fn an_unknown_key_is_answered_with_401_and_nothing_is_accepted() {
    let endpoint = plain();
    for authorization in [
        "Basic bm9ib2R5Og==",
        "Basic V0tfVEVTVFQ6",
        "Bearer WK_TES",
        "Basic OldLX1RFU1Q=",
    ] {
        let headers = [("authorization", authorization)];
        let answer = endpoint
            .send(request(Method::POST, "/v1/track", &headers, ORDER))
            .await;
        let missing = authorization.ends_with("Q=");
        let expected = if missing {
            "401 missing_write_key"
        } else {
            "401 unknown_write_key"
        };
        assert_eq!(answer.verdict(), expected, "{authorization}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(
            answer.header("www-authenticate"),
            "",
            "no browser shall ask for a password"
        );
    }
    // A key in the query would end up in access logs.
    let query = endpoint
        .post_bare("/v1/track?writeKey=WK_TEST", ORDER)
        .await;
    assert_eq!(query.verdict(), "401 missing_write_key");
    assert!(endpoint.sink.taken().is_empty());
}

#[tokio::test]
async fn the_key_of_a_beacon_is_found_in_the_query() {
    let endpoint = plain();
    let answer = endpoint
        .post_bare("/beacon/v1/batch?writeKey=WK_TEST", batch(&[ORDER]))
        .await;
    assert_eq!(answer.verdict(), "200");
}

#[tokio::test]
async fn in_segment_compatibility_an_unknown_key_is_answered_with_200_and_dropped() {
    let endpoint = endpoint(|options| options.compat = Compat::Segment);
    let answer = endpoint.post_bare("/v1/track", ORDER).await;
    assert_eq!(
        (answer.verdict().as_str(), answer.json()),
        ("200", json!({"success": true}))
    );
    let unknown = [("authorization", "Basic bm9ib2R5Og==")];
    let answer = endpoint
        .send(request(Method::POST, "/v1/track", &unknown, ORDER))
        .await;
    assert_eq!(answer.verdict(), "200");
    assert!(endpoint.sink.taken().is_empty());
    assert_eq!(
        endpoint.post("/v1/track", "{").await.verdict(),
        "400 bad_request"
    );
}

#[tokio::test]
async fn every_key_of_a_source_leads_to_that_source() {
    let endpoint = endpoint(|options| {
        options.sources[0] = options.sources[0].clone().with_write_key("WK_NEXT");
        let app = Source::new("app", vec![destination("shop")]).with_write_key("WK_APP");
        options.sources.push(app);
    });
    for (key, source) in [(KEY, "web"), ("WK_NEXT", "web"), ("WK_APP", "app")] {
        let headers = [("authorization", &*format!("Bearer {key}"))];
        endpoint
            .send(request(Method::POST, "/v1/track", &headers, ORDER))
            .await;
        assert_eq!(endpoint.sink.taken()[0].source(), Some(source));
    }
}

#[tokio::test]
async fn each_key_has_its_own_rate_limit() {
    let endpoint = endpoint(|options| {
        options.sources[0] = options.sources[0].clone().with_write_key("WK_NEXT");
        options.rate_limit = Some(RateLimit {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::new(3).expect("positive"),
        });
    });
    assert_eq!(
        endpoint
            .post("/v1/batch", batch(&[ORDER, ORDER]))
            .await
            .verdict(),
        "200"
    );
    let headers = [("origin", "https://shop.example")];
    let answer = endpoint
        .post_with("/v1/batch", &headers, batch(&[ORDER, ORDER]))
        .await;
    assert_eq!(answer.verdict(), "429 rate_limited");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://shop.example"
    );
    assert_eq!(
        endpoint.post("/v1/track", ORDER).await.verdict(),
        "200",
        "one is left"
    );
    let other = [("authorization", "Bearer WK_NEXT")];
    let answer = endpoint
        .send(request(Method::POST, "/v1/track", &other, ORDER))
        .await;
    assert_eq!(answer.verdict(), "200");
    // Replacing the options does not reset the rate limit.
    let mut options = crate::support::options();
    options.rate_limit = Some(RateLimit {
        per_second: NonZeroU32::MIN,
        burst: NonZeroU32::new(3).expect("positive"),
    });
    endpoint.ingest.replace(options).expect("fine");
    assert_eq!(
        endpoint.post("/v1/track", ORDER).await.verdict(),
        "429 rate_limited"
    );
}

#[tokio::test]
async fn settings_tell_analytics_js_where_to_send() {
    let endpoint = plain();
    let host = [("host", "events.example:8080")];
    let path = "/v1/projects/WK_TEST/settings";
    let answer = endpoint
        .send(request(Method::GET, path, &host, Body::empty()))
        .await;
    let expected =
        json!({"apiKey": "WK_TEST", "apiHost": "events.example:8080/v1", "protocol": "http"});
    assert_eq!(answer.json()["integrations"]["Segment.io"], expected);
    assert_eq!(answer.json()["metrics"]["sampleRate"], 0);
    let unknown = endpoint.get("/v1/projects/nobody/settings").await;
    assert_eq!(unknown.verdict(), "401 unknown_write_key");
}

#[tokio::test]
async fn settings_name_the_address_that_the_browser_called_unless_there_is_a_public_one() {
    let proxied = endpoint(|options| {
        options.enrichment.trusted_proxies = vec!["203.0.113.7/32".parse().expect("a network")];
    });
    let headers = [("host", "events.example"), ("x-forwarded-proto", "https")];
    let path = "/v1/projects/WK_TEST/settings/";
    let answer = proxied
        .send(request(Method::GET, path, &headers, Body::empty()))
        .await;
    assert_eq!(
        answer.json()["integrations"]["Segment.io"]["protocol"],
        "https"
    );
    let answer = plain()
        .send(request(Method::GET, path, &headers, Body::empty()))
        .await;
    assert_eq!(
        answer.json()["integrations"]["Segment.io"]["protocol"],
        "http",
        "not trusted"
    );

    let nested = axum::Router::new().nest("/events", plain().ingest.router());
    let asked = request(
        Method::GET,
        "/events/v1/projects/WK_TEST/settings",
        &headers,
        Body::empty(),
    );
    let response = tower::ServiceExt::oneshot(nested, asked)
        .await
        .expect("infallible");
    let body = http_body_util::BodyExt::collect(response.into_body())
        .await
        .expect("a body");
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    assert!(
        text.contains(r#""apiHost":"events.example/events/v1""#),
        "{text}"
    );

    let public = endpoint(|options| options.public_url = Some("https://e.example/x/v1/".into()));
    let answer = public.get("/v1/projects/WK_TEST/settings").await;
    let own = &answer.json()["integrations"]["Segment.io"];
    assert_eq!(
        (&own["protocol"], &own["apiHost"]),
        (&json!("https"), &json!("e.example/x/v1"))
    );
}
