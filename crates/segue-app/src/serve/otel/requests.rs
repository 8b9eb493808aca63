//! The spans of requests, and of storing their events.
//!
//! Attributes hold names of the settings, patterns of paths and numbers: nothing that a sender chooses. For the same reason
//! the header `tracestate` is not read.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use conversions_delivery::{AppendOutcome, Appended};
use conversions_ingest::{SinkError, route_of};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{
    FutureExt as _, Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::Span;

use super::origins::Origin;
use super::spans::{Spans, count};

/// The header with the sender's span (<https://www.w3.org/TR/trace-context/#traceparent-header>).
const TRACEPARENT: &str = "traceparent";

/// Gives each request of these routes a span, if its sender or chance wants one.
pub(super) fn around(spans: &Spans, router: Router) -> Router {
    router.layer(from_fn_with_state(spans.clone(), trace))
}

/// Answers a request within a span, if it has one.
async fn trace(State(spans): State<Spans>, request: Request, next: Next) -> Response {
    let Some(context) = begin_request(&spans, &request) else {
        return next.run(request).await;
    };
    let response = next.run(request).with_context(context.clone()).await;
    let status = response.status();
    let span = context.span();
    span.set_attribute(KeyValue::new(
        "http.response.status_code",
        i64::from(status.as_u16()),
    ));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    span.end();
    response
}

/// The span of a request as a context; `None` when it is not recorded.
fn begin_request(spans: &Spans, request: &Request) -> Option<Context> {
    let has_parent = request.headers().contains_key(TRACEPARENT);
    if !has_parent && !spans.begins_traces() {
        return None;
    }
    let parent = TraceContextPropagator::new()
        .extract_with_context(&Context::new(), &Traceparent(request.headers()));
    let route = route_of(request.uri().path());
    let method = method(request.method());
    let span = spans
        .tracer()
        .span_builder(format!("{method} {route}"))
        .with_kind(SpanKind::Server)
        .with_attributes([
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.route", route),
        ])
        .start_with_context(spans.tracer(), &parent);
    span.is_recording().then(|| Context::new().with_span(span))
}

/// The one header that is read.
struct Traceparent<'h>(&'h HeaderMap);

impl Extractor for Traceparent<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).filter(|_| name == TRACEPARENT)?;
        value.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

/// The name of a method. Senders may invent methods, so others have one name.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::PUT => "PUT",
        _ => "_OTHER",
    }
}

/// Storing the events of a request.
pub(in crate::serve) struct StoreSpan {
    span: Span,
    spans: Spans,
}

impl StoreSpan {
    /// Begins it below the span of the current request; `None` when that has none.
    pub(in crate::serve) fn begin(spans: &Spans) -> Option<Self> {
        let request = Context::current();
        if !request.span().is_recording() {
            return None;
        }
        let span = spans
            .tracer()
            .span_builder("store")
            .with_kind(SpanKind::Internal)
            .start_with_context(spans.tracer(), &request);
        Some(Self {
            span,
            spans: spans.clone(),
        })
    }

    /// Ends it. The deliveries of the stored events are linked to it.
    pub(in crate::serve) fn finish(mut self, appended: Result<&Appended, &SinkError>) {
        match appended {
            Ok(appended) => {
                let keys: Vec<u64> = appended.outcomes().filter_map(key).collect();
                let events = appended.outcomes().count();
                self.span.set_attributes([
                    count("segue.events", events),
                    count("segue.duplicates", events - keys.len()),
                ]);
                let origin = Origin::of(self.span.span_context());
                self.spans.origins().insert(keys.into_iter(), origin);
            }
            Err(error) => self.span.set_status(Status::error(error.to_string())),
        }
        self.span.end();
    }
}

fn key(outcome: AppendOutcome) -> Option<u64> {
    match outcome {
        AppendOutcome::Stored(key) => Some(key.0),
        AppendOutcome::Duplicate => None,
    }
}
