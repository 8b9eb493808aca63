//! A build without clients of brokers: nothing can be consumed.

use std::sync::Arc;

use conversions_delivery::{DurableLog, UnixMillis};
use conversions_ingest::Ingest;
use segue_settings::InputSettings;

use super::ConsumeTotals;
use crate::clock::RunClock;
use crate::error::AppError;
use crate::open_log::OpenLog;
use crate::serve::delivery::Delivery;
use crate::serve::health::Health;

/// Refuses every input.
pub(super) fn check_build(input: &InputSettings) -> Result<(), AppError> {
    Err(AppError::Configuration(format!(
        "the input {} takes a segue that is built with a client of its broker: cargo install segue --features full",
        input.name
    )))
}

/// There are none.
pub(in crate::serve) fn describe_metrics() {}

/// What readers would need.
#[expect(dead_code, reason = "the other build reads them")]
pub(in crate::serve) struct ConsumerParts {
    pub(in crate::serve) ingest: Ingest,
    pub(in crate::serve) delivery: Arc<Delivery>,
    pub(in crate::serve) health: Arc<Health>,
    pub(in crate::serve) clock: RunClock,
}

/// Nobody reads anything.
pub(in crate::serve) struct ConsumePlan;

impl ConsumePlan {
    pub(in crate::serve) fn new(
        _: &[InputSettings],
        _: &str,
        _: impl Fn(&str) -> Vec<String>,
    ) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "the other build has a log")]
    pub(in crate::serve) fn log(&self, _: UnixMillis) -> Option<OpenLog> {
        None
    }

    #[expect(clippy::unused_self, reason = "the other build has a tracker")]
    pub(in crate::serve) fn is_tracked(&self) -> bool {
        false
    }
}

/// There is none.
pub(in crate::serve) enum Consumer {}

impl Consumer {
    #[expect(clippy::unused_async, reason = "the other build connects to brokers")]
    pub(in crate::serve) async fn start(
        _: ConsumePlan,
        _: ConsumerParts,
        _: Option<Arc<dyn DurableLog>>,
    ) -> Result<Self, AppError> {
        Err(AppError::Defect("opening an input"))
    }

    #[expect(clippy::unused_async, reason = "the other build waits for its readers")]
    pub(in crate::serve) async fn failed(&self) {
        match *self {}
    }

    pub(in crate::serve) fn totals(&self) -> ConsumeTotals {
        match *self {}
    }

    #[expect(clippy::unused_async, reason = "the other build waits for its readers")]
    pub(in crate::serve) async fn stop_reading(&self) {
        match *self {}
    }

    #[expect(clippy::unused_async, reason = "the other build waits for its readers")]
    pub(in crate::serve) async fn leave(self) -> ConsumeTotals {
        match self {}
    }
}
