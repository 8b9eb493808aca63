//! Appends the events of the endpoint to the log. A request is answered when its events are safe there.

use std::sync::Arc;

use async_trait::async_trait;
use conversions_delivery::AppendError;
use conversions_ingest::{EventSink, SinkError};
use conversions_transport::Frame;

use crate::serve::delivery::Delivery;
use crate::serve::health::Health;

/// Appends events to the log.
pub(super) struct LogSink {
    delivery: Arc<Delivery>,
    health: Arc<Health>,
}

impl LogSink {
    pub(super) fn new(delivery: Arc<Delivery>, health: Arc<Health>) -> Self {
        Self { delivery, health }
    }
}

#[async_trait]
impl EventSink for LogSink {
    async fn accept(&self, frames: Vec<Frame>) -> Result<(), SinkError> {
        match self.delivery.append(frames).await {
            Ok(()) => {
                self.health.record_success();
                Ok(())
            }
            Err(error) => {
                self.health.record_failure(&error);
                Err(sink_error(&error))
            }
        }
    }
}

/// The error that the sender sees.
fn sink_error(error: &AppendError) -> SinkError {
    match error {
        AppendError::Full { .. } => SinkError::Full,
        AppendError::ShuttingDown => SinkError::ShuttingDown,
        _ => SinkError::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use conversions_delivery::LogError;

    use super::*;

    #[test]
    fn a_full_log_is_told_apart_from_temporary_errors() {
        let reason = String::new;
        for (error, told) in [
            (AppendError::Full { held: 2, limit: 1 }, SinkError::Full),
            (
                AppendError::DiskFull { free: 1, spare: 2 },
                SinkError::Unavailable,
            ),
            (AppendError::ShuttingDown, SinkError::ShuttingDown),
            (
                AppendError::UnknownDestination(reason()),
                SinkError::Unavailable,
            ),
            (
                LogError::Unavailable { reason: reason() }.into(),
                SinkError::Unavailable,
            ),
        ] {
            assert_eq!(sink_error(&error), told, "{error}");
        }
    }
}
