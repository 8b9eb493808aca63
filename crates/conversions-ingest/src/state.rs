//! What the handlers of all requests share: options, sink, clock, budgets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::compiled_options::CompiledOptions;
use crate::limits::budget::Budget;
use crate::limits::heavy_work::HeavyWorkLimit;
use crate::refusal::Refusal;
use crate::request::Arrival;
use crate::sink::EventSink;
use crate::telemetry::{self, MessageMetrics};

/// The state of an endpoint.
pub(crate) struct IngestState {
    compiled: ArcSwap<CompiledOptions>,
    pub(crate) sink: Arc<dyn EventSink>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Bytes that requests hold.
    pub(crate) bytes: Arc<Budget>,
    /// Requests that are being worked on.
    pub(crate) in_flight: Arc<Budget>,
    pub(crate) heavy_work: HeavyWorkLimit,
    pub(crate) messages: MessageMetrics,
    is_stopping: AtomicBool,
}

impl IngestState {
    pub(crate) fn new(
        compiled: CompiledOptions,
        sink: Arc<dyn EventSink>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            compiled: ArcSwap::from_pointee(compiled),
            sink,
            clock,
            bytes: Arc::default(),
            in_flight: Arc::default(),
            heavy_work: HeavyWorkLimit::default(),
            messages: MessageMetrics::default(),
            is_stopping: AtomicBool::new(false),
        }
    }

    /// The options in force. A request loads them once, so that it never sees two versions.
    pub(crate) fn compiled(&self) -> Arc<CompiledOptions> {
        self.compiled.load_full()
    }

    /// Puts other options in force for the requests to come.
    pub(crate) fn replace(&self, compiled: CompiledOptions) {
        self.compiled.store(Arc::new(compiled));
    }

    /// A request that comes in at this moment.
    pub(crate) fn arrival(&self) -> Arrival<'_> {
        Arrival {
            now: self.clock.now(),
            sink: &*self.sink,
        }
    }

    /// Counts a request that is refused as a whole.
    pub(crate) fn count_refusal(&self, refusal: Refusal) {
        telemetry::refused(refusal);
        self.sink.observe_refusal(refusal);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }
}
