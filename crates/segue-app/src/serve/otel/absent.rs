//! A build without the feature `otel`: nothing can be started, so nothing costs anything.

use std::sync::Arc;

use axum::Router;
use conversions_delivery::{Appended, DeliveryObserver};
use conversions_ingest::SinkError;
use segue_settings::OtelSettings;

use crate::error::AppError;
use crate::serve::metrics::Registry;

/// There is none.
pub(in crate::serve) enum Otel {}

impl Otel {
    pub(super) fn check(_: &str) -> Result<(), AppError> {
        Err(AppError::Configuration(
            "[otel] names a collector, but this segue was built without OpenTelemetry: build it with the feature otel \
             (`cargo install --features otel`), or take `endpoint` out of [otel]"
                .to_owned(),
        ))
    }

    /// Nothing, unless the settings want what this build has not.
    pub(in crate::serve) fn start(
        settings: &OtelSettings,
        _: &Arc<Registry>,
    ) -> Result<Option<Self>, AppError> {
        super::check(settings)?;
        Ok(None)
    }

    pub(in crate::serve) fn spans(&self) -> Spans {
        match *self {}
    }

    #[expect(
        clippy::unused_async,
        reason = "the other build waits for its last export"
    )]
    pub(in crate::serve) async fn stop(self) {
        match self {}
    }
}

/// There are none.
#[derive(Clone)]
pub(in crate::serve) enum Spans {}

pub(super) fn around(spans: &Spans, _: Router) -> Router {
    match *spans {}
}

pub(super) fn observer(
    spans: &Spans,
    _: Option<Arc<dyn DeliveryObserver>>,
) -> Arc<dyn DeliveryObserver> {
    match *spans {}
}

/// There is none.
pub(in crate::serve) enum StoreSpan {}

impl StoreSpan {
    pub(in crate::serve) fn begin(spans: &Spans) -> Option<Self> {
        match *spans {}
    }

    pub(in crate::serve) fn finish(self, _: Result<&Appended, &SinkError>) {
        match self {}
    }
}
