//! What all spans share: who makes them, and which spans the stored events came from.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::SdkTracer;

use super::origins::Origins;
use super::reports::Reports;

/// Makes the spans of requests, and remembers them for those of deliveries.
#[derive(Clone)]
pub(in crate::serve) struct Spans(Arc<Shared>);

struct Shared {
    tracer: SdkTracer,
    /// Whether requests without a `traceparent` can get spans.
    begins_traces: bool,
    origins: Mutex<Origins>,
    reports: Reports,
}

impl Spans {
    pub(super) fn new(tracer: SdkTracer, begins_traces: bool, reports: Reports) -> Self {
        Self(Arc::new(Shared {
            tracer,
            begins_traces,
            origins: Mutex::default(),
            reports,
        }))
    }

    pub(super) fn tracer(&self) -> &SdkTracer {
        &self.0.tracer
    }

    pub(super) fn begins_traces(&self) -> bool {
        self.0.begins_traces
    }

    /// Where delivery tells what happens.
    pub(super) fn reports(&self) -> &Reports {
        &self.0.reports
    }

    pub(super) fn origins(&self) -> MutexGuard<'_, Origins> {
        self.0
            .origins
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attribute that is a number of things.
pub(super) fn count(name: &'static str, count: usize) -> KeyValue {
    KeyValue::new(name, i64::try_from(count).unwrap_or(i64::MAX))
}
