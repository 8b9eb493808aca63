//! A transport that sends nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use facebook_conversions::reply::EventsReceived;

use crate::{EventsRequest, SendError, Transport};

/// Sends nothing and says so: every answer has `events_received` 0 and one message. It counts what would have gone.
#[derive(Debug, Default)]
pub struct DryRunTransport {
    requests: AtomicU64,
    events: AtomicU64,
}

impl DryRunTransport {
    /// A transport that has counted nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests that would have been made.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Events that would have been sent.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Transport for DryRunTransport {
    async fn send(&self, request: &EventsRequest) -> Result<EventsReceived, SendError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.events.fetch_add(
            u64::try_from(request.len()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
        Ok(EventsReceived {
            events_received: Some(0),
            messages: vec!["dry run: nothing was sent".to_owned()],
            ..EventsReceived::default()
        })
    }
}
