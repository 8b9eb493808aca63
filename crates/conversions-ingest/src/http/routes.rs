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
use crate::http::{answer, body, calls, scripts, settings_document, trace};
use crate::options::Compat;
use crate::refusal::{Refusal, Refused};
use crate::request::sender::Sender;
use crate::request::{self, Call, PresentedKeys, pixel};
use crate::state::IngestState;

/// A path that does not take calls of the Tracking API, and what answers it.
pub(super) struct Route {
    /// A part in braces stands for any other.
    pub(super) pattern: &'static str,
    /// Whether a slash may follow.
    takes_slash: bool,
    methods: fn() -> MethodRouter<Arc<IngestState>>,
}

/// All routes but those of [calls](crate::http::calls).
#[rustfmt::skip]
pub(super) static ROUTES: [Route; 10] = [
    Route::exact("/",                                              || get(health)),
    Route::exact("/health",                                        || get(health)),
    // A message in the query of an image's address.
    Route::with_slash("/v1/pixel/{kind}",                          || get(pixel)),
    Route::with_slash("/pixel/v1/{kind}",                          || get(pixel)),
    Route::with_slash("/v1/m",                                     || post(client_metrics)),
    Route::with_slash("/v1/projects/{write_key}/settings",         || get(settings)),
    Route::exact("/analytics.js/v1/{write_key}/analytics.min.js",  || get(script)),
    Route::exact("/analytics.js/v1/{write_key}/analytics.js",      || get(script)),
    Route::exact("/analytics-next/bundles/{file}",                 || get(chunk)),
    Route::with_slash("/webhook/{source}",                         || post(webhook).put(webhook).patch(webhook)),
];

impl Route {
    const fn exact(pattern: &'static str, methods: fn() -> MethodRouter<Arc<IngestState>>) -> Self {
        Self {
            pattern,
            takes_slash: false,
            methods,
        }
    }

    const fn with_slash(
        pattern: &'static str,
        methods: fn() -> MethodRouter<Arc<IngestState>>,
    ) -> Self {
        Self {
            takes_slash: true,
            ..Self::exact(pattern, methods)
        }
    }
}

/// The router of [`ROUTES`].
pub(crate) fn router(state: &Arc<IngestState>) -> Router {
    let mut router = Router::new();
    for route in &ROUTES {
        router = router.route(route.pattern, (route.methods)());
        if route.takes_slash {
            router = router.route(&format!("{}/", route.pattern), (route.methods)());
        }
    }
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(axum::middleware::from_fn(trace::trace))
        .with_state(Arc::clone(state))
}

async fn health(State(state): State<Arc<IngestState>>) -> Response {
    if state.is_stopping() {
        return answer::refusal(Refusal::ShuttingDown, state.compiled().options.retry_after);
    }
    answer::json(StatusCode::OK, r#"{"status":"ok"}"#.to_owned())
}

/// The image is sent whatever happens: a mail program could do nothing with an error.
async fn pixel(
    State(state): State<Arc<IngestState>>,
    kind: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let compiled = state.compiled();
    let kind = calls::known_kind(&path_segment(kind));
    let query = request.uri().query().unwrap_or_default();
    match pixel::message(query) {
        Some(message) => {
            let call = Call::single(kind, &compiled.options.limits);
            let key = pixel::query_value(query, "writeKey");
            let request = request.map(|_| Body::from(message));
            track(&state, &compiled, request, call, QueryKey(key)).await;
        }
        None => state.count_refusal(Refusal::BadRequest),
    }
    answer::gif()
}

/// The write key in the query of a call.
pub(crate) struct QueryKey(pub(crate) Option<String>);

/// Takes a call of the Tracking API.
pub(crate) async fn track(
    state: &IngestState,
    compiled: &CompiledOptions,
    request: Request,
    call: Call,
    QueryKey(query): QueryKey,
) -> Response {
    let header = write_key(request.headers());
    let known = header.as_deref().and_then(|key| compiled.keys.find(key));
    let trust = match known {
        Some(_) => Trust::Key,
        None => Trust::None,
    };
    let keys = PresentedKeys {
        header,
        known,
        query,
    };
    let result = receive(
        state,
        compiled,
        request,
        call.max_body_bytes,
        trust,
        |parts, body, share| {
            let (sender, arrival) = (sender(&parts), state.arrival());
            request::track(compiled, call, &sender, keys, body, arrival, share)
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

pub(crate) fn refuse(
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
