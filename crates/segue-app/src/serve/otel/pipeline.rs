//! Starts and stops what exports spans and metrics.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use conversions_transport::OtlpEndpoint;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::common::v1::KeyValue as EncodedAttribute;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prost::Message as _;
use segue_settings::OtelSettings;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::deliveries::make_spans;
use super::export::{Poster, Signal, SpanPoster};
use super::metrics_request::{SCOPE, attribute, request};
use super::reports::reports;
use super::sampler::FollowSender;
use super::spans::Spans;
use crate::error::AppError;
use crate::serve::metrics::Registry;

/// How long the last exports may take together.
const LAST_EXPORTS: Duration = Duration::from_secs(5);

/// What exports spans and metrics.
pub(in crate::serve) struct Otel {
    spans: Spans,
    provider: SdkTracerProvider,
    stopping: watch::Sender<bool>,
    making_spans: JoinHandle<()>,
    exporting_metrics: JoinHandle<()>,
}

impl Otel {
    pub(super) fn check(endpoint: &str) -> Result<(), AppError> {
        to_collector(endpoint).map(drop)
    }

    /// Begins to export, if the settings name a collector. Must be called in a tokio runtime.
    pub(in crate::serve) fn start(
        settings: &OtelSettings,
        registry: &Arc<Registry>,
    ) -> Result<Option<Self>, AppError> {
        let Some(endpoint) = &settings.endpoint else {
            return Ok(None);
        };
        let collector = to_collector(endpoint)?;
        let service = &settings.service_name;
        let version = env!("CARGO_PKG_VERSION");
        let resource = Resource::builder_empty()
            .with_service_name(service.clone())
            .with_attribute(KeyValue::new("service.version", version))
            .build();
        let poster = Poster::new(collector.clone(), Signal::Traces);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(SpanPoster::new(poster, &resource))
            .with_sampler(FollowSender::new(settings.sample_percent))
            .with_resource(resource)
            .build();
        let scope = InstrumentationScope::builder(SCOPE).with_version(version);
        let tracer = provider.tracer_with_scope(scope.build());
        let (reports, inbox) = reports();
        let spans = Spans::new(tracer, settings.sample_percent > 0, reports);
        let stopping = watch::Sender::new(false);
        let metrics = MetricsExport {
            registry: Arc::clone(registry),
            poster: Poster::new(collector, Signal::Metrics),
            attributes: vec![
                attribute("service.name", service),
                attribute("service.version", version),
            ],
            started: SystemTime::now(),
            interval: Duration::from_secs(settings.interval_seconds),
        };
        Ok(Some(Self {
            making_spans: tokio::spawn(make_spans(inbox, spans.clone(), stopped(&stopping))),
            exporting_metrics: tokio::spawn(metrics.run(stopped(&stopping))),
            spans,
            provider,
            stopping,
        }))
    }

    pub(in crate::serve) fn spans(&self) -> Spans {
        self.spans.clone()
    }

    /// Exports what is left.
    pub(in crate::serve) async fn stop(self) {
        self.stopping.send_replace(true);
        let provider = self.provider;
        let last_exports = async {
            let _ = self.making_spans.await;
            // It waits for a thread that needs this runtime.
            let shutdown =
                tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST_EXPORTS));
            let _ = tokio::join!(shutdown, self.exporting_metrics);
        };
        if tokio::time::timeout(LAST_EXPORTS, last_exports)
            .await
            .is_err()
        {
            tracing::warn!("otel: the last spans and metrics could not be exported in time");
        }
    }
}

fn to_collector(endpoint: &str) -> Result<OtlpEndpoint, AppError> {
    OtlpEndpoint::new(endpoint).map_err(|error| {
        AppError::Configuration(format!("`endpoint` of [otel] cannot be used: {error}"))
    })
}

/// Completes when this becomes true.
fn stopped(stopping: &watch::Sender<bool>) -> impl Future<Output = ()> + Send + 'static {
    let mut stopping = stopping.subscribe();
    async move {
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    }
}

/// Exports all metrics again and again.
struct MetricsExport {
    registry: Arc<Registry>,
    poster: Poster,
    attributes: Vec<EncodedAttribute>,
    started: SystemTime,
    interval: Duration,
}

impl MetricsExport {
    async fn run(self, stopping: impl Future<Output = ()>) {
        tokio::pin!(stopping);
        loop {
            let is_last = tokio::select! {
                () = tokio::time::sleep(self.interval) => false,
                () = &mut stopping => true,
            };
            let readings = self.registry.readings();
            let now = SystemTime::now();
            let request = request(readings, &self.attributes, self.started, now);
            let _ = self.poster.post(request.encode_to_vec()).await;
            if is_last {
                return;
            }
        }
    }
}
