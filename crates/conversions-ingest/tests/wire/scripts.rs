//! analytics.js, where Segment's snippet looks for it.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Method;
use conversions_ingest::{BrowserBundle, Compat};

use crate::support::{Endpoint, endpoint, gzip, plain, request};

const SCRIPT: &str = "window.analytics = 'loaded from the endpoint, with its own bundle';";
const PATH: &str = "/analytics.js/v1/WK_TEST/analytics.min.js";

fn with_bundle() -> Endpoint {
    endpoint(|options| {
        let bundle = BrowserBundle::new(SCRIPT.into()).with_chunk("870.bundle.js", b"1".to_vec());
        options.browser_bundle = Some(Arc::new(bundle));
    })
}

#[tokio::test]
async fn the_bundle_is_served_for_keys_that_are_known() {
    let endpoint = with_bundle();
    for path in [PATH, "/analytics.js/v1/WK_TEST/analytics.js"] {
        let answer = endpoint.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.body, SCRIPT.as_bytes(), "{path}");
        assert_eq!(
            answer.header("content-type"),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
    }
    let unknown = "/analytics.js/v1/nobody/analytics.min.js";
    assert_eq!(
        endpoint.get(unknown).await.verdict(),
        "401 unknown_write_key"
    );
    let lenient = crate::support::endpoint(|options| {
        options.compat = Compat::Segment;
        options.browser_bundle = Some(Arc::new(BrowserBundle::new(SCRIPT.into())));
    });
    assert_eq!(lenient.get(unknown).await.status, 200);
}

#[tokio::test]
async fn only_scripts_of_the_bundle_are_served() {
    let endpoint = with_bundle();
    let chunk = endpoint.get("/analytics-next/bundles/870.bundle.js").await;
    assert_eq!((chunk.status.as_u16(), chunk.body), (200, b"1".to_vec()));
    for path in [
        "/analytics-next/bundles/other.js",
        "/analytics-next/bundles/..%2Fsegue.toml",
        "/analytics-next/bundles/%2e%2e%2f870.bundle.js",
        "/analytics.js/v1/WK_TEST/segue.toml",
    ] {
        assert_eq!(
            endpoint.get(path).await.verdict(),
            "404 not_found",
            "{path}"
        );
    }
    let without = plain();
    assert_eq!(without.get(PATH).await.verdict(), "404 not_found");
}

#[tokio::test]
async fn browsers_get_it_compressed_and_once() {
    let endpoint = with_bundle();
    let ask = |headers: &[(&str, &str)]| request(Method::GET, PATH, headers, Body::empty());
    let answer = endpoint.send(ask(&[("accept-encoding", "gzip, br")])).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert_eq!(answer.body, gzip(SCRIPT.as_bytes()));
    let etag = answer.header("etag").to_owned();
    let again = endpoint.send(ask(&[("if-none-match", &etag)])).await;
    assert_eq!((again.status.as_u16(), again.body), (304, Vec::new()));
}
