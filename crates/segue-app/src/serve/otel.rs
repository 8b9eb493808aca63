//! OpenTelemetry: spans and metrics, sent to a collector by OTLP over HTTP.
//!
//! A request gets a span below the one that its sender names in the header `traceparent`, storing its events a span below
//! that, and each request to Meta a span that is linked to the spans of its events. The feature `otel` brings all of it;
//! without the feature, settings that ask for it are refused.

#[cfg(not(feature = "otel"))]
mod absent;
#[cfg(feature = "otel")]
mod deliveries;
#[cfg(feature = "otel")]
mod export;
#[cfg(feature = "otel")]
mod metrics_request;
#[cfg(feature = "otel")]
mod origins;
#[cfg(feature = "otel")]
mod pipeline;
#[cfg(feature = "otel")]
mod reports;
#[cfg(feature = "otel")]
mod requests;
#[cfg(feature = "otel")]
mod sampler;
#[cfg(feature = "otel")]
mod spans;

use std::sync::Arc;

use axum::Router;
use conversions_delivery::DeliveryObserver;
use segue_settings::OtelSettings;

use crate::error::AppError;

#[cfg(not(feature = "otel"))]
use absent as deliveries;
#[cfg(not(feature = "otel"))]
use absent as requests;
#[cfg(not(feature = "otel"))]
pub(super) use absent::{Otel, Spans, StoreSpan};
#[cfg(feature = "otel")]
pub(super) use pipeline::Otel;
#[cfg(feature = "otel")]
pub(super) use requests::StoreSpan;
#[cfg(feature = "otel")]
pub(super) use spans::Spans;

/// Whether this build can do what the settings of `[otel]` ask for.
///
/// # Errors
///
/// When they name a collector and this is a build without the feature `otel`, or the address is none.
pub(super) fn check(settings: &OtelSettings) -> Result<(), AppError> {
    match &settings.endpoint {
        Some(endpoint) => Otel::check(endpoint),
        None => Ok(()),
    }
}

/// Routes whose requests get spans, if there are any.
pub(super) fn around_requests(spans: Option<&Spans>, router: Router) -> Router {
    match spans {
        Some(spans) => requests::around(spans, router),
        None => router,
    }
}

/// Who is told of deliveries: `next`, and what makes spans of them.
pub(super) fn observer(
    spans: Option<&Spans>,
    next: Option<Arc<dyn DeliveryObserver>>,
) -> Option<Arc<dyn DeliveryObserver>> {
    match spans {
        Some(spans) => Some(deliveries::observer(spans, next)),
        None => next,
    }
}
