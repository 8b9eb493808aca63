//! Cross-origin requests: which pages may call, and what they may read.
//!
//! analytics.js sends `Authorization` with every event, so browsers send a preflight for every path, and again each
//! time the permission expires.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{
    AllowCredentials, AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders, MaxAge,
};

use crate::state::IngestState;

/// Header of analytics.js and others: how many attempts came before.
const X_RETRY_COUNT: HeaderName = HeaderName::from_static("x-retry-count");
/// Header of RudderStack's library for browsers.
const ANONYMOUS_ID: HeaderName = HeaderName::from_static("anonymousid");

/// Answers preflights, and says in every answer, errors included, which pages may read it. The options are looked up
/// for each request, since they can be replaced.
pub(crate) fn layer(state: &Arc<IngestState>) -> CorsLayer {
    let [for_origin, for_credentials, for_max_age] = [(); 3].map(|()| Arc::clone(state));
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| {
            for_origin.compiled().origins.allow(origin)
        }))
        .allow_credentials(AllowCredentials::predicate(
            move |origin: &HeaderValue, _| {
                let compiled = for_credentials.compiled();
                compiled.options.cors.credentials && compiled.origins.allow(origin)
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
            for_max_age.compiled().options.cors.max_age
        }))
}
