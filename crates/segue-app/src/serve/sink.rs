//! Appends the events of the endpoint to the log. A request is answered when its events are safe there.

use std::sync::Arc;

use async_trait::async_trait;
use conversions_delivery::{AppendError, AppendOutcome, Appended};
use conversions_ingest::{EventSink, MessageRecorder, Refusal, SinkError};
use conversions_transport::Frame;

use crate::serve::delivery::Delivery;
use crate::serve::health::Health;
use crate::serve::otel::{Spans, StoreSpan};
use crate::serve::recorder::Recorder;

/// Appends events to the log.
pub(super) struct LogSink {
    delivery: Arc<Delivery>,
    health: Arc<Health>,
    recorder: Arc<Recorder>,
    spans: Option<Spans>,
}

impl LogSink {
    pub(super) fn new(
        delivery: Arc<Delivery>,
        health: Arc<Health>,
        recorder: Recorder,
        spans: Option<Spans>,
    ) -> Self {
        Self {
            delivery,
            health,
            recorder: Arc::new(recorder),
            spans,
        }
    }

    async fn append(&self, frames: Vec<Frame>) -> Result<Appended, SinkError> {
        let span = self.spans.as_ref().and_then(StoreSpan::begin);
        let appended = self.append_to_log(frames).await;
        if let Some(span) = span {
            span.finish(appended.as_ref());
        }
        appended
    }

    async fn append_to_log(&self, frames: Vec<Frame>) -> Result<Appended, SinkError> {
        match self.delivery.append(frames).await {
            Ok(appended) => {
                self.health.record_success();
                Ok(appended)
            }
            Err(error) => {
                self.health.record_failure(&error);
                Err(sink_error(&error))
            }
        }
    }
}

#[async_trait]
impl EventSink for LogSink {
    async fn accept(&self, frames: Vec<Frame>) -> Result<(), SinkError> {
        self.append(frames).await.map(drop)
    }

    async fn accept_recorded(
        &self,
        frames: Vec<Frame>,
        recorder: Box<dyn MessageRecorder>,
    ) -> Result<(), SinkError> {
        let appended = self.append(frames).await?;
        let key = |outcome| match outcome {
            AppendOutcome::Stored(key) => Some(key.0),
            AppendOutcome::Duplicate => None,
        };
        let keys: Vec<_> = appended.outcomes().map(key).collect();
        recorder.finish(&keys);
        Ok(())
    }

    fn recorder(&self, source: &Arc<str>) -> Option<Box<dyn MessageRecorder>> {
        self.recorder.of_request(source)
    }

    fn observe_refusal(&self, refusal: Refusal) {
        self.recorder.count_refusal(refusal.code());
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
