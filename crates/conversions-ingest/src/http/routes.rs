//! Paths and methods.
//!
//! No path ever redirects: clients follow a redirect of POST with GET, and take that for a delivery.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use crate::auth::signature;
use crate::auth::write_key::write_key;
use crate::compiled_options::CompiledOptions;
use crate::http::receive::{Trust, receive};
use crate::http::{answer, body, cors, scripts, settings_document, trace};
use crate::options::Compat;
use crate::refusal::{Refusal, Refused};
use crate::request::sender::Sender;
use crate::request::{self, Call, pixel};
use crate::state::IngestState;

/// Paths of single calls, and the type that each gives its message.
#[rustfmt::skip]
const SINGLE_PATHS: [(&str, &str); 12] = [
    ("/v1/track",    "track"),    ("/v1/t", "track"),
    ("/v1/identify", "identify"), ("/v1/i", "identify"),
    ("/v1/page",     "page"),     ("/v1/p", "page"),
    ("/v1/screen",   "screen"),   ("/v1/s", "screen"),
    ("/v1/group",    "group"),    ("/v1/g", "group"),
    ("/v1/alias",    "alias"),    ("/v1/a", "alias"),
];

/// Paths of batches.
const BATCH_PATHS: [&str; 4] = ["/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"];

/// Paths of pixels: a message in the query of an image's address.
const PIXEL_PATHS: [&str; 2] = ["/v1/pixel/{kind}", "/pixel/v1/{kind}"];

/// All routes.
pub(crate) fn router(state: &Arc<IngestState>) -> Router {
    let mut router = Router::new()
        .route("/", get(health))
        .route("/health", get(health));
    for (path, kind) in SINGLE_PATHS {
        router = with_and_without_slash(router, path, || {
            post(move |state, request| single(state, request, kind))
        });
    }
    for path in BATCH_PATHS {
        router = with_and_without_slash(router, path, || post(batch));
    }
    for path in PIXEL_PATHS {
        router = with_and_without_slash(router, path, || get(pixel));
    }
    router = with_and_without_slash(router, "/v1/m", || post(client_metrics));
    router = with_and_without_slash(router, "/v1/projects/{write_key}/settings", || {
        get(settings)
    });
    for file in ["analytics.min.js", "analytics.js"] {
        router = router.route(
            &format!("/analytics.js/v1/{{write_key}}/{file}"),
            get(script),
        );
    }
    router = router.route("/analytics-next/bundles/{file}", get(chunk));
    router = with_and_without_slash(router, "/webhook/{source}", || {
        post(webhook).put(webhook).patch(webhook)
    });
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(axum::middleware::from_fn(trace::trace))
        .layer(cors::layer(state))
        .with_state(Arc::clone(state))
}

fn with_and_without_slash(
    router: Router<Arc<IngestState>>,
    path: &str,
    method: impl Fn() -> MethodRouter<Arc<IngestState>>,
) -> Router<Arc<IngestState>> {
    router
        .route(path, method())
        .route(&format!("{path}/"), method())
}

async fn health(State(state): State<Arc<IngestState>>) -> Response {
    if state.is_stopping() {
        return answer::refusal(Refusal::ShuttingDown, state.compiled().options.retry_after);
    }
    answer::json(StatusCode::OK, r#"{"status":"ok"}"#.to_owned())
}

async fn single(
    State(state): State<Arc<IngestState>>,
    request: Request,
    kind: &'static str,
) -> Response {
    let compiled = state.compiled();
    let call = Call::single(Some(kind), &compiled.options.limits);
    track(&state, &compiled, request, call, None).await
}

async fn batch(State(state): State<Arc<IngestState>>, request: Request) -> Response {
    let compiled = state.compiled();
    let call = Call::batch(&compiled.options.limits);
    // Only beacons have a write key in the query: a browser that leaves a page cannot send headers.
    let is_beacon = request.uri().path().starts_with("/beacon/");
    let query = request.uri().query().filter(|_| is_beacon);
    let key = query.and_then(|query| pixel::query_value(query, "writeKey"));
    track(&state, &compiled, request, call, key).await
}

/// The image is sent whatever happens: a mail program could do nothing with an error.
async fn pixel(
    State(state): State<Arc<IngestState>>,
    kind: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let compiled = state.compiled();
    let kind = path_segment(kind);
    let kind = SINGLE_PATHS
        .iter()
        .map(|(_, known)| *known)
        .find(|known| *known == kind);
    let query = request.uri().query().unwrap_or_default();
    match pixel::message(query) {
        Some(message) => {
            let call = Call::single(kind, &compiled.options.limits);
            let key = pixel::query_value(query, "writeKey");
            let request = request.map(|_| Body::from(message));
            track(&state, &compiled, request, call, key).await;
        }
        None => state.count_refusal(Refusal::BadRequest),
    }
    answer::gif()
}

/// Takes a call of the Tracking API. `query_key` is the write key in its query.
async fn track(
    state: &IngestState,
    compiled: &CompiledOptions,
    request: Request,
    call: Call,
    query_key: Option<String>,
) -> Response {
    let header_key = write_key(request.headers());
    let is_known = header_key.is_some_and(|key| compiled.keys.find(&key).is_some());
    let trust = if is_known { Trust::Key } else { Trust::None };
    let result = receive(
        state,
        compiled,
        request,
        call.max_body_bytes,
        trust,
        |parts, body, share| {
            let (sender, arrival) = (sender(&parts), state.arrival());
            request::track(compiled, call, &sender, query_key, body, arrival, share)
        },
    );
    match result.await {
        Ok(rejected) => answer::success(&rejected),
        Err(Refused {
            refusal: Refusal::UnknownWriteKey | Refusal::MissingWriteKey,
            ..
        }) if compiled.options.compat == Compat::Segment => {
            state.count_refusal(Refusal::UnknownWriteKey);
            answer::success(&[])
        }
        Err(refused) => refuse(state, compiled, refused),
    }
}

async fn webhook(
    State(state): State<Arc<IngestState>>,
    source: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let compiled = state.compiled();
    if !signature::is_present(request.headers()) {
        // No body can make up for it.
        body::discard(request.into_body(), compiled.options.body_timeout).await;
        return refuse(&state, &compiled, Refusal::InvalidSignature);
    }
    let source = path_segment(source);
    let result = receive(
        &state,
        &compiled,
        request,
        compiled.options.limits.webhook_bytes,
        Trust::None,
        |parts, body, share| {
            let arrival = state.arrival();
            request::webhook(&compiled, &source, &parts.headers, body, arrival, share)
        },
    );
    match result.await {
        Ok(rejected) => answer::success(&rejected),
        Err(refused) => refuse(&state, &compiled, refused),
    }
}

fn refuse(
    state: &IngestState,
    compiled: &CompiledOptions,
    refused: impl Into<Refused>,
) -> Response {
    let refused = refused.into();
    state.count_refusal(refused.refusal);
    answer::refusal(refused, compiled.options.retry_after)
}

/// Takes what analytics.js reports about itself, and forgets it: an error would show in the visitor's console.
async fn client_metrics(State(state): State<Arc<IngestState>>, request: Request) -> Response {
    body::discard(request.into_body(), state.compiled().options.body_timeout).await;
    answer::success(&[])
}

async fn settings(
    State(state): State<Arc<IngestState>>,
    write_key: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let compiled = state.compiled();
    let write_key = path_segment(write_key);
    let is_known = compiled.keys.find(&write_key).is_some();
    if !is_known && compiled.options.compat == Compat::Strict {
        return refuse(&state, &compiled, Refusal::UnknownWriteKey);
    }
    let (parts, _) = request.into_parts();
    let peer = sender(&parts).peer;
    let document = settings_document::document(&compiled, &write_key, &parts, peer);
    answer::json(StatusCode::OK, document)
}

/// analytics.js itself. It learns its write key from the address.
async fn script(
    State(state): State<Arc<IngestState>>,
    write_key: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let compiled = state.compiled();
    let Some(bundle) = &compiled.options.browser_bundle else {
        return refuse(&state, &compiled, Refusal::NotFound);
    };
    let is_known = compiled.keys.find(&path_segment(write_key)).is_some();
    if !is_known && compiled.options.compat == Compat::Strict {
        return refuse(&state, &compiled, Refusal::UnknownWriteKey);
    }
    scripts::answer(&bundle.main, &headers)
}

/// A part of analytics.js that it loads when it needs it.
async fn chunk(
    State(state): State<Arc<IngestState>>,
    file: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let compiled = state.compiled();
    let bundle = compiled.options.browser_bundle.as_ref();
    match bundle.and_then(|bundle| bundle.chunks.get(&path_segment(file))) {
        Some(script) => scripts::answer(script, &headers),
        None => refuse(&state, &compiled, Refusal::NotFound),
    }
}

/// The part of a path that has a name; empty if it is not UTF-8, which no key and no source is.
fn path_segment(part: Result<Path<String>, PathRejection>) -> String {
    part.map(|Path(text)| text).unwrap_or_default()
}

async fn not_found(State(state): State<Arc<IngestState>>) -> Response {
    refuse(&state, &state.compiled(), Refusal::NotFound)
}

async fn method_not_allowed(State(state): State<Arc<IngestState>>) -> Response {
    refuse(&state, &state.compiled(), Refusal::MethodNotAllowed)
}

fn sender(parts: &Parts) -> Sender<'_> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    Sender {
        peer: peer.map(|ConnectInfo(address)| address.ip()),
        headers: &parts.headers,
    }
}
