//! Paths and methods, and how answers are written.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::to_bytes,
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::json;

use crate::{
    edge::{Edge, EventsRequest, Refusal},
    graph_error::{self as faults, GraphError, RequestFault},
    listing, page,
};

/// The version that answers name, as Graph does, when the request's is unreadable.
const CURRENT_VERSION: &str = "v26.0";

/// All paths of the sandbox.
pub(crate) fn router(edge: Arc<Edge>) -> Router {
    let events = post(post_events).get(unsupported_get);
    Router::new()
        .route("/", get(page::page))
        .route("/events", get(listing::events))
        .route("/browser-events/{pixel_id}", post(post_browser_events))
        .route("/{api_version}/{pixel_id}/events", events)
        .fallback(unknown_path)
        .method_not_allowed_fallback(unsupported_method)
        .with_state(edge)
}

async fn post_events(
    State(edge): State<Arc<Edge>>,
    Path((api_version, pixel_id)): Path<(String, String)>,
    request: Request,
) -> Response {
    edge.count_request();
    if !is_api_version(&api_version) {
        return refuse(&edge, faults::UNKNOWN_PATH.into());
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, edge.settings.body_limit).await else {
        return too_large(&edge);
    };
    let answer = match edge
        .post_events(events_request(&pixel_id, &parts, body))
        .await
    {
        Ok(count) => received(&edge, count),
        Err(refusal) => refuse(&edge, refusal),
    };
    with_version(answer, &api_version)
}

async fn post_browser_events(
    State(edge): State<Arc<Edge>>,
    Path(pixel_id): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, edge.settings.body_limit).await else {
        return too_large(&edge);
    };
    match edge
        .post_browser_events(events_request(&pixel_id, &parts, body))
        .await
    {
        Ok(count) => received(&edge, count),
        Err(refusal) => refusal_answer(&edge, refusal),
    }
}

fn events_request<'a>(pixel_id: &'a str, parts: &'a Parts, body: Bytes) -> EventsRequest<'a> {
    EventsRequest {
        pixel_id,
        query: parts.uri.query(),
        headers: &parts.headers,
        body,
    }
}

async fn unsupported_get(State(edge): State<Arc<Edge>>) -> Response {
    plain_refusal(&edge, faults::UNSUPPORTED_GET)
}

async fn unsupported_method(State(edge): State<Arc<Edge>>) -> Response {
    plain_refusal(&edge, faults::UNSUPPORTED_METHOD)
}

async fn unknown_path(State(edge): State<Arc<Edge>>) -> Response {
    plain_refusal(&edge, faults::UNKNOWN_PATH)
}

/// `v` and two numbers: `v26.0`.
fn is_api_version(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix('v')
        .and_then(|version| version.split_once('.'))
        .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

fn received(edge: &Edge, count: usize) -> Response {
    let fbtrace_id = edge.next_trace();
    Json(json!({"events_received": count, "messages": [], "fbtrace_id": fbtrace_id}))
        .into_response()
}

/// Answers a refused request to the events edge, and counts it.
fn refuse(edge: &Edge, refusal: Refusal) -> Response {
    edge.count_refusal(refusal.fault(), &code_name(&refusal.error()));
    refusal_answer(edge, refusal)
}

/// What stands before the edge refuses a large body before Graph sees it, in HTML.
fn too_large(edge: &Edge) -> Response {
    edge.count_refusal("body_too_large", "413");
    let page = "<html><head><title>413 Request Entity Too Large</title></head></html>\n";
    let html = [(header::CONTENT_TYPE, "text/html")];
    (StatusCode::PAYLOAD_TOO_LARGE, html, page).into_response()
}

fn plain_refusal(edge: &Edge, fault: RequestFault) -> Response {
    refusal_answer(edge, fault.into())
}

fn refusal_answer(edge: &Edge, refusal: Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut answer = error_answer(edge, status, refusal.error());
    answer.headers_mut().insert(
        HeaderName::from_static("x-sandbox-fault"),
        HeaderValue::from_static(refusal.fault()),
    );
    answer
}

fn error_answer(edge: &Edge, status: StatusCode, error: GraphError) -> Response {
    let error = GraphError {
        fbtrace_id: edge.next_trace(),
        ..error
    };
    (status, Json(json!({"error": error}))).into_response()
}

/// `190`, or with a subcode `100/2804050`.
fn code_name(error: &GraphError) -> String {
    match error.error_subcode {
        Some(subcode) => format!("{}/{subcode}", error.code),
        None => error.code.to_string(),
    }
}

fn with_version(mut answer: Response, api_version: &str) -> Response {
    let version =
        HeaderValue::from_str(api_version).unwrap_or(HeaderValue::from_static(CURRENT_VERSION));
    answer
        .headers_mut()
        .insert(HeaderName::from_static("facebook-api-version"), version);
    answer
}
