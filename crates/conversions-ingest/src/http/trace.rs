//! A span, an id and two metrics for every request.
//!
//! Only the pattern of a path is recorded, never the path itself: some paths and queries hold write keys.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use uuid::Builder;
use uuid::fmt::Hyphenated;

use crate::telemetry;

/// The header of an answer with the id of the request.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request of the router.
pub(crate) async fn trace(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let route = path.map_or("other", MatchedPath::as_str).to_owned();
    let answer = |request| next.run(request);
    observe(request, &route, answer, |status, took| {
        telemetry::request(&route, status, took);
    })
    .await
}

/// Lets a request be answered inside of a span, gives the answer an id, and tells status and time.
pub(crate) async fn observe<F>(
    request: Request,
    route: &str,
    answer: impl FnOnce(Request) -> F,
    tell: impl FnOnce(StatusCode, Duration),
) -> Response
where
    F: Future<Output = Response>,
{
    let started = Instant::now();
    // An id is no secret, so a fast generator will do.
    let id = Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid();
    let mut text = [0; Hyphenated::LENGTH];
    let id: &str = id.hyphenated().encode_lower(&mut text);
    let span = tracing::debug_span!("request", id = %id, method = method(request.method()), route = %route);
    let mut response = answer(request).instrument(span.clone()).await;
    let took = started.elapsed();
    let status = response.status();
    span.in_scope(|| {
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(status = status.as_u16(), milliseconds, "answered");
    });
    tell(status, took);
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}

/// The name of a method. Senders may invent methods, so others have one name: span fields must not hold their input.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::PUT => "PUT",
        _ => "other",
    }
}
