//! Paths and methods. None of them ever redirects: clients follow a redirect of POST with GET, and call that delivered.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use crate::auth::signature;
use crate::auth::write_key::write_key;
use crate::compiled_options::Ready;
use crate::http::answer;
use crate::http::body::{self, Reading};
use crate::http::cors;
use crate::http::settings_document;
use crate::http::trace;
use crate::ingest::Ingest;
use crate::limits::budget::Share;
use crate::limits::heavy_work;
use crate::options::Compat;
use crate::refusal::{Refusal, Refused};
use crate::request::envelope::Shape;
use crate::request::pixel;
use crate::request::sender::Sender;
use crate::request::{self, Call};
use crate::telemetry;

/// Paths of single calls, and the type that each gives its message.
#[rustfmt::skip]
const SINGLE: [(&str, &str); 12] = [
    ("/v1/track",    "track"),    ("/v1/t", "track"),
    ("/v1/identify", "identify"), ("/v1/i", "identify"),
    ("/v1/page",     "page"),     ("/v1/p", "page"),
    ("/v1/screen",   "screen"),   ("/v1/s", "screen"),
    ("/v1/group",    "group"),    ("/v1/g", "group"),
    ("/v1/alias",    "alias"),    ("/v1/a", "alias"),
];

/// Paths of batches.
const BATCH: [&str; 3] = ["/v1/batch", "/v1/b", "/v1/import"];

/// All routes.
pub(crate) fn router(ingest: &Ingest) -> Router {
    let mut router = Router::new()
        .route("/", get(health))
        .route("/health", get(health));
    for (path, kind) in SINGLE {
        router = both(router, path, || {
            post(move |state, request| single(state, request, kind))
        });
    }
    for path in BATCH {
        router = both(router, path, || post(batch));
    }
    router = both(router, "/beacon/v1/batch", || post(batch));
    router = both(router, "/v1/m", || post(client_metrics));
    for path in ["/v1/pixel/{kind}", "/pixel/v1/{kind}"] {
        router = both(router, path, || get(pixel));
    }
    router = both(router, "/v1/projects/{write_key}/settings", || {
        get(settings)
    });
    router = both(router, "/webhook/{source}", || {
        post(webhook).put(webhook).patch(webhook)
    });
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(axum::middleware::from_fn(trace::trace))
        .layer(cors::layer(ingest))
        .with_state(ingest.clone())
}

/// A path with and without a slash at its end.
fn both(
    router: Router<Ingest>,
    path: &str,
    method: impl Fn() -> MethodRouter<Ingest>,
) -> Router<Ingest> {
    router
        .route(path, method())
        .route(&format!("{path}/"), method())
}

async fn health(State(ingest): State<Ingest>) -> Response {
    if ingest.is_stopping() {
        return answer::refusal(Refusal::ShuttingDown, ingest.ready().options.retry_after);
    }
    answer::json(StatusCode::OK, r#"{"status":"ok"}"#.to_owned())
}

async fn single(State(ingest): State<Ingest>, request: Request, kind: &'static str) -> Response {
    let ready = ingest.ready();
    let call = Call {
        kind: Some(kind),
        shape: Shape::Single,
    };
    let most = ready.options.limits.message_bytes;
    track(&ingest, &ready, request, call, most).await
}

async fn batch(State(ingest): State<Ingest>, request: Request) -> Response {
    let ready = ingest.ready();
    let limits = &ready.options.limits;
    let shape = Shape::Batch {
        messages: limits.batch_messages,
        default_bytes: limits.message_bytes,
    };
    let call = Call { kind: None, shape };
    track(&ingest, &ready, request, call, limits.batch_bytes).await
}

async fn track(
    ingest: &Ingest,
    ready: &Ready,
    request: Request,
    call: Call,
    most: usize,
) -> Response {
    let key = query_write_key(&request);
    let shown = write_key(request.headers());
    let trust = Trust::of(shown.is_some_and(|key| ready.keys.find(&key).is_some()));
    let result = receive(ingest, ready, request, most, trust, |parts, body, share| {
        let sender = sender(&parts);
        request::track(ready, call, &sender, key, body, ingest.now(), share)
    });
    match result.await {
        Err(Refused {
            refusal: Refusal::UnknownWriteKey | Refusal::MissingWriteKey,
            ..
        }) if ready.options.compat == Compat::Segment => {
            telemetry::refused(Refusal::UnknownWriteKey);
            answer::success(&[])
        }
        result => answer(ready, result),
    }
}

/// A write key in the query, which only beacons have: a browser that leaves a page cannot send headers.
fn query_write_key(request: &Request) -> Option<String> {
    let is_beacon = request.uri().path().starts_with("/beacon/");
    let query = request.uri().query().filter(|_| is_beacon)?;
    pixel::query_value(query, "writeKey")
}

async fn webhook(
    State(ingest): State<Ingest>,
    source: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let ready = ingest.ready();
    if !signature::is_there(request.headers()) {
        // Nothing in the body can make up for it.
        body::discard(request.into_body(), ready.options.body_timeout).await;
        return refuse(&ready, Refusal::InvalidSignature);
    }
    let source = segment(source);
    let most = ready.options.limits.webhook_bytes;
    let result = receive(
        &ingest,
        &ready,
        request,
        most,
        Trust::None,
        |parts, body, share| {
            request::webhook(&ready, &source, &parts.headers, body, ingest.now(), share)
        },
    );
    answer(&ready, result.await)
}

/// What is known of a sender before the body is read.
#[derive(Clone, Copy, Debug)]
enum Trust {
    /// A write key of a source is in the headers.
    Key,
    /// Nothing: who fills the memory with such requests must not keep out those who have a key.
    None,
}

impl Trust {
    fn of(key_is_known: bool) -> Self {
        if key_is_known { Self::Key } else { Self::None }
    }
}

/// Reads the body, prepares what is in it, makes it safe.
async fn receive(
    ingest: &Ingest,
    ready: &Ready,
    request: Request,
    most: usize,
    trust: Trust,
    prepare: impl FnOnce(Parts, &[u8], &mut Share) -> Result<request::Prepared, Refused>,
) -> Result<Vec<answer::LeftOut>, Refused> {
    let limits = &ready.options.limits;
    let timeout = ready.options.body_timeout;
    let (parts, body) = request.into_parts();
    if ingest.is_stopping() {
        body::discard(body, timeout).await;
        return Err(Refusal::ShuttingDown.into());
    }
    let how = Reading {
        most,
        ratio: limits.inflate_ratio,
        timeout,
    };
    let held_at_most = match trust {
        Trust::Key => limits.in_flight_bytes,
        Trust::None => limits.in_flight_bytes / 2,
    };
    let mut share = ingest.bytes().share(held_at_most);
    let body = body::read(&parts.headers, body, how, &mut share).await?;
    let mut slot = ingest.in_flight().share(limits.in_flight);
    if !slot.grow(1) {
        return Err(Refusal::Overloaded.into());
    }
    let turn = ingest.turns().wait(body.len()).await;
    let prepared = heavy_work::aside(body.len(), || prepare(parts, &body, &mut share))?;
    drop((body, turn));
    Ok(ingest.store(ready, prepared).await?)
}

fn answer(ready: &Ready, result: Result<Vec<answer::LeftOut>, Refused>) -> Response {
    match result {
        Ok(left_out) => answer::success(&left_out),
        Err(refused) => refuse(ready, refused),
    }
}

fn refuse(ready: &Ready, refused: impl Into<Refused>) -> Response {
    let refused = refused.into();
    telemetry::refused(refused.refusal);
    answer::refusal(refused, ready.options.retry_after)
}

/// The image is sent whatever happens: nobody who opens a mail can do anything about it.
async fn pixel(
    State(ingest): State<Ingest>,
    kind: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let ready = ingest.ready();
    let kind = segment(kind);
    let call = Call {
        kind: SINGLE
            .iter()
            .map(|(_, known)| *known)
            .find(|known| *known == kind),
        shape: Shape::Single,
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let most = ready.options.limits.message_bytes;
    let request = request.map(|_| axum::body::Body::empty());
    let result = receive(
        &ingest,
        &ready,
        request,
        most,
        Trust::None,
        |parts, _, share| {
            let message = pixel::message(&query).ok_or(Refusal::BadRequest)?;
            let key = pixel::query_value(&query, "writeKey");
            let sender = sender(&parts);
            request::track(
                &ready,
                call,
                &sender,
                key,
                message.as_bytes(),
                ingest.now(),
                share,
            )
        },
    );
    if let Err(refused) = result.await {
        telemetry::refused(refused.refusal);
    }
    answer::gif()
}

/// analytics.js tells how it fares. Nobody here wants to know, and an error would show in the visitor's console.
async fn client_metrics(State(ingest): State<Ingest>, request: Request) -> Response {
    body::discard(request.into_body(), ingest.ready().options.body_timeout).await;
    answer::success(&[])
}

async fn settings(
    State(ingest): State<Ingest>,
    write_key: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let ready = ingest.ready();
    let write_key = segment(write_key);
    let is_known = ready.keys.find(&write_key).is_some();
    if !is_known && ready.options.compat == Compat::Strict {
        return refuse(&ready, Refusal::UnknownWriteKey);
    }
    let (parts, _) = request.into_parts();
    let document = settings_document::document(&ready, &write_key, &parts, sender(&parts).peer);
    answer::json(StatusCode::OK, document)
}

/// The part of a path that has a name; one that is no text is nobody's.
fn segment(part: Result<Path<String>, PathRejection>) -> String {
    part.map(|Path(text)| text).unwrap_or_default()
}

async fn not_found(State(ingest): State<Ingest>) -> Response {
    refuse(&ingest.ready(), Refusal::NotFound)
}

async fn method_not_allowed(State(ingest): State<Ingest>) -> Response {
    refuse(&ingest.ready(), Refusal::MethodNotAllowed)
}

fn sender(parts: &Parts) -> Sender<'_> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let headers: &HeaderMap = &parts.headers;
    Sender {
        peer: peer.map(|ConnectInfo(address)| address.ip()),
        headers,
    }
}
