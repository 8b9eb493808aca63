//! Posts spans and metrics to the collector, and says when that begins or ceases to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use conversions_transport::{OtlpEndpoint, OtlpError};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prost::Message as _;
use tokio::runtime::Handle;

use crate::serve::metrics;

/// Waits before spans are posted again.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// A kind of what is exported.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signal {
    Traces,
    Metrics,
}

impl Signal {
    const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        }
    }
}

/// Posts one signal.
#[derive(Clone, Debug)]
pub(super) struct Poster {
    endpoint: OtlpEndpoint,
    signal: Signal,
    is_failing: Arc<AtomicBool>,
}

impl Poster {
    pub(super) fn new(endpoint: OtlpEndpoint, signal: Signal) -> Self {
        Self {
            endpoint,
            signal,
            is_failing: Arc::default(),
        }
    }

    /// Posts an encoded request; spans again after a pause, since they are lost otherwise. Metrics are complete in the next
    /// export.
    pub(super) async fn post(&self, request: Vec<u8>) -> Result<(), OtlpError> {
        let result = match self.signal {
            Signal::Metrics => self.endpoint.post_metrics(request).await,
            Signal::Traces => self.post_traces(request).await,
        };
        let name = self.signal.name();
        metrics::count_export(name, result.is_ok());
        let was_failing = self.is_failing.swap(result.is_err(), Ordering::Relaxed);
        match (&result, was_failing) {
            (Err(error), false) => tracing::warn!(
                "otel: {name} are not taken, events are delivered without them: {error}"
            ),
            (Ok(()), true) => tracing::warn!("otel: {name} are taken again"),
            _ => {}
        }
        result
    }

    async fn post_traces(&self, request: Vec<u8>) -> Result<(), OtlpError> {
        for pause in PAUSES {
            match self.endpoint.post_traces(request.clone()).await {
                Err(error) if error.may_pass() => tokio::time::sleep(pause).await,
                result => return result,
            }
        }
        self.endpoint.post_traces(request).await
    }
}

/// Exports spans for the SDK.
#[derive(Debug)]
pub(super) struct SpanPoster {
    poster: Poster,
    resource: ResourceAttributesWithSchema,
    /// The SDK calls from a thread of its own; HTTP needs a runtime.
    runtime: Handle,
}

impl SpanPoster {
    pub(super) fn new(poster: Poster, resource: &Resource) -> Self {
        Self {
            poster,
            resource: resource.into(),
            runtime: Handle::current(),
        }
    }
}

impl SpanExporter for SpanPoster {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let request = ExportTraceServiceRequest {
            resource_spans: group_spans_by_resource_and_scope(batch, &self.resource),
        };
        let (poster, body) = (self.poster.clone(), request.encode_to_vec());
        let posting = self.runtime.spawn(async move { poster.post(body).await });
        match posting.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(OTelSdkError::InternalFailure(error.to_string())),
            Err(_) => Err(OTelSdkError::AlreadyShutdown),
        }
    }
}
