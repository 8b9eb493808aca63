//! What is taken goes into the event log, and is acknowledged when it is safe there.

use std::sync::Arc;

use async_trait::async_trait;
use conversions_delivery::AppendError;
use conversions_ingest::{EventSink, SinkError};
use conversions_transport::NewEvent;

use crate::serve::delivery::Delivery;
use crate::serve::health::Health;

/// The way from the endpoint into the log.
pub(crate) struct LogSink {
    delivery: Arc<Delivery>,
    health: Arc<Health>,
}

impl LogSink {
    pub(crate) fn new(delivery: Arc<Delivery>, health: Arc<Health>) -> Self {
        Self { delivery, health }
    }
}

#[async_trait]
impl EventSink for LogSink {
    async fn accept(&self, events: Vec<NewEvent>) -> Result<(), SinkError> {
        match self.delivery.append(events).await {
            Ok(()) => {
                self.health.works();
                Ok(())
            }
            Err(error) => {
                self.health.refuses(&error);
                Err(meaning(&error))
            }
        }
    }
}

/// What a sender is told.
fn meaning(error: &AppendError) -> SinkError {
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
    fn what_may_pass_by_itself_is_told_from_what_needs_room() {
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
            assert_eq!(meaning(&error), told, "{error}");
        }
    }
}
