//! What browsers need to hear before they let a page of another origin call.
//!
//! analytics.js sends `Authorization` with every event, so browsers ask first, for every path and again whenever the
//! permission runs out.

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{
    AllowCredentials, AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders, MaxAge,
};

use crate::ingest::Ingest;

/// Header of analytics.js and others: how often this has been tried.
const X_RETRY_COUNT: HeaderName = HeaderName::from_static("x-retry-count");
/// Header of RudderStack's library for browsers.
const ANONYMOUS_ID: HeaderName = HeaderName::from_static("anonymousid");

/// Answers preflights, and says in every answer, errors too, who may read it.
pub(crate) fn layer(ingest: &Ingest) -> CorsLayer {
    let (for_origin, for_credentials, for_max_age) =
        (ingest.clone(), ingest.clone(), ingest.clone());
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| {
            for_origin.ready().origins.allow(origin)
        }))
        .allow_credentials(AllowCredentials::predicate(
            move |origin: &HeaderValue, _| {
                let ready = for_credentials.ready();
                ready.options.cors.credentials && ready.origins.allow(origin)
            },
        ))
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        // A wildcard would not cover `Authorization`.
        .allow_headers(AllowHeaders::list([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            X_RETRY_COUNT,
            ANONYMOUS_ID,
        ]))
        .expose_headers(ExposeHeaders::list([
            header::RETRY_AFTER,
            crate::http::trace::X_REQUEST_ID,
        ]))
        .max_age(MaxAge::dynamic(move |_, _| {
            for_max_age.ready().options.cors.max_age
        }))
}
