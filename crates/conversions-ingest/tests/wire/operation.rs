//! Replacing options, the operators' routes, the `OpenAPI` description.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use conversions_ingest::{BrowserBundle, OPENAPI, Operators, OptionsError, Refusal, Source};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::support::{ORDER, batch, destination, endpoint, options, plain, request};

#[tokio::test]
async fn options_are_replaced_under_a_running_router() {
    let endpoint = plain();
    let router = endpoint.ingest.router();
    let mut changed = options();
    changed.sources = vec![Source::new("web", vec![destination("shop")]).with_write_key("NEW")];
    endpoint.ingest.replace(changed).expect("fine");
    for (key, status) in [("WK_TEST", 401), ("NEW", 200)] {
        let headers = [("authorization", &*format!("Bearer {key}"))];
        let asked = request(Method::POST, "/v1/track", &headers, ORDER);
        let response = router.clone().oneshot(asked).await.expect("infallible");
        assert_eq!(response.status().as_u16(), status, "{key}");
    }
}

#[tokio::test]
async fn contradictory_options_are_refused_and_the_old_ones_stay() {
    let endpoint = plain();
    let web = || Source::new("web", vec![destination("shop")]).with_write_key("K");
    for (sources, error) in [
        (
            vec![web(), web()],
            OptionsError::DuplicateSource("web".into()),
        ),
        (
            vec![
                web(),
                Source::new("app", vec![destination("shop")]).with_write_key("K"),
            ],
            OptionsError::SharedWriteKey("web".into(), "app".into()),
        ),
        (
            vec![web().with_write_key(" ")],
            OptionsError::EmptyWriteKey("web".into()),
        ),
        (
            vec![Source::new("web", vec![])],
            OptionsError::NoDestination("web".into()),
        ),
        (
            vec![Source::new("web", vec![destination("a"), destination("a")])],
            OptionsError::DuplicateDestination("web".into(), "a".into()),
        ),
        (
            vec![web().with_webhook(conversions_ingest::Webhook::new(""))],
            OptionsError::EmptyWebhookSecret("web".into()),
        ),
        (
            vec![web().with_webhook(
                conversions_ingest::Webhook::new("s").with_shared_secret("a b", "c"),
            )],
            OptionsError::InvalidHeader("a b".into()),
        ),
    ] {
        let mut changed = options();
        changed.sources = sources;
        assert_eq!(endpoint.ingest.replace(changed), Err(error));
    }
    let mut changed = options();
    changed.limits.batch_bytes = 5_000_000;
    assert!(matches!(
        endpoint.ingest.replace(changed),
        Err(OptionsError::OutOfRange { .. })
    ));
    assert_eq!(
        endpoint.post("/v1/batch", batch(&[ORDER])).await.verdict(),
        "200"
    );
}

async fn ask(operators: &Operators, path: &str) -> (u16, String) {
    let asked = Request::builder()
        .uri(path)
        .body(Body::empty())
        .expect("a request");
    let response = operators
        .clone()
        .router()
        .oneshot(asked)
        .await
        .expect("infallible");
    let status = response.status().as_u16();
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn operators_see_health_readiness_and_metrics() {
    let operators = Operators::new();
    assert_eq!(ask(&operators, "/healthz").await, (200, "ok\n".into()));
    assert_eq!(ask(&operators, "/readyz").await, (200, "ready\n".into()));
    let operators = operators
        .with_readiness(|| Err("the event log is full".into()))
        .with_metrics(|| "segue_backlog_events 7\n".into());
    assert_eq!(
        ask(&operators, "/readyz").await,
        (503, "the event log is full\n".into())
    );
    assert_eq!(
        ask(&operators, "/metrics").await,
        (200, "segue_backlog_events 7\n".into())
    );
    assert_eq!(
        ask(&operators, "/openapi.json").await,
        (200, OPENAPI.into())
    );
}

/// The description names every route, and every route that it names exists.
#[tokio::test]
async fn the_openapi_description_matches_the_routes() {
    let description: Value = serde_json::from_str(OPENAPI).expect("JSON");
    assert_eq!(description["openapi"], "3.1.0");
    let endpoint = endpoint(|options| {
        let bundle = BrowserBundle::new(Vec::new()).with_chunk("chunk.js", Vec::new());
        options.browser_bundle = Some(Arc::new(bundle));
    });
    let paths = description["paths"].as_object().expect("paths");
    for (path, methods) in paths {
        let filled = path
            .replace("{writeKey}", "WK_TEST")
            .replace("{source}", "web")
            .replace("{file}", "chunk.js")
            .replace("{type}", "track");
        let described: BTreeSet<_> = methods
            .as_object()
            .expect("methods")
            .keys()
            .cloned()
            .collect();
        for name in ["get", "post", "put", "patch", "delete"] {
            let method: Method = name.to_uppercase().parse().expect("a method");
            let status = endpoint
                .send(request(method, &filled, &[], ""))
                .await
                .status
                .as_u16();
            assert_ne!(status, 404, "{path}");
            assert_eq!(status != 405, described.contains(name), "{name} {path}");
        }
    }
    for path in [
        "/v1/track",
        "/v1/t",
        "/v1/batch",
        "/v1/b",
        "/v1/import",
        "/v1/m",
        "/webhook/{source}",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    let codes: BTreeSet<_> = description["components"]["schemas"]["Refusal"]["properties"]["code"]
        ["enum"]
        .as_array()
        .expect("codes")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(codes, Refusal::all().map(Refusal::code).collect());
}
