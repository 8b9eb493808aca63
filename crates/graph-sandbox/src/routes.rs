//! Paths and methods.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::json;

use crate::{
    answer,
    edge::Edge,
    graph_error as faults, listing, page,
    request_handler::{post_browser_events, post_events},
    script::Script,
};

/// All paths of the sandbox.
pub(crate) fn router(edge: Arc<Edge>) -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/events", get(listing::events))
        .route("/stats", get(statistics))
        .route("/event-ids", get(event_ids))
        .route(
            "/faults",
            get(get_script).put(put_script).delete(delete_script),
        )
        .route("/browser-events/{pixel_id}", post(post_browser_events))
        .route(
            "/{api_version}/{pixel_id}/events",
            post(post_events).get(unsupported_get),
        )
        .fallback(unknown_path)
        .method_not_allowed_fallback(unsupported_method)
        .with_state(edge)
}

async fn statistics(State(edge): State<Arc<Edge>>) -> Response {
    Json(edge.statistics()).into_response()
}

/// One line for each accepted `event_id`, since there may be many.
async fn event_ids(State(edge): State<Arc<Edge>>) -> Response {
    let mut lines = String::new();
    for id in edge.accepted_ids() {
        lines.push_str(&serde_json::to_string(&id).unwrap_or_default());
        lines.push('\n');
    }
    ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
}

/// `GET /faults`: what is left of the script.
async fn get_script(State(edge): State<Arc<Edge>>) -> Response {
    Json(edge.fault_switch.get()).into_response()
}

/// `PUT /faults`: replaces the script.
async fn put_script(State(edge): State<Arc<Edge>>, body: Bytes) -> Response {
    let set = serde_json::from_slice::<Script>(&body)
        .map_err(|error| error.to_string())
        .and_then(|script| {
            edge.fault_switch
                .set(script)
                .map_err(|error| error.to_string())
        });
    match set {
        Ok(()) => Json(edge.fault_switch.get()).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response(),
    }
}

/// `DELETE /faults`: ends all misbehaviour.
async fn delete_script(State(edge): State<Arc<Edge>>) -> Response {
    match edge.fault_switch.set(Script::default()) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn unsupported_get(State(edge): State<Arc<Edge>>) -> Response {
    answer::refusal(&edge, &faults::UNSUPPORTED_GET.into())
}

async fn unsupported_method(State(edge): State<Arc<Edge>>) -> Response {
    answer::refusal(&edge, &faults::UNSUPPORTED_METHOD.into())
}

async fn unknown_path(State(edge): State<Arc<Edge>>) -> Response {
    answer::refusal(&edge, &faults::UNKNOWN_PATH.into())
}
