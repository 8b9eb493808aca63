//! A transport that sends nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use facebook_conversions::reply::EventsReceived;

use crate::{EventsRequest, SendError, Transport};

/// Sends nothing and counts what it would have sent. Every answer has `events_received` 0 and one message,
/// [`DryRunTransport::MESSAGE`].
///
/// ```
/// use conversions_transport::{DryRunTransport, EventsRequest, SendError, Transport};
///
/// # async fn example() -> Result<(), SendError> {
/// let transport = DryRunTransport::new();
/// let answer = transport.send(&EventsRequest::new(vec!["{}".into()])).await?;
/// assert_eq!(answer.events_received, Some(0));
/// assert_eq!((transport.requests(), transport.events()), (1, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct DryRunTransport {
    requests: AtomicU64,
    events: AtomicU64,
}

impl DryRunTransport {
    /// The message in every answer.
    pub const MESSAGE: &'static str = "dry run: nothing was sent";

    /// A transport whose counts are 0.
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
        let events = u64::try_from(request.len()).unwrap_or(u64::MAX);
        self.events.fetch_add(events, Ordering::Relaxed);
        Ok(EventsReceived {
            messages: vec![Self::MESSAGE.to_owned()],
            ..EventsReceived::all_of(0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::DryRunTransport;
    use crate::{EventsRequest, Transport};

    #[tokio::test]
    async fn requests_and_events_are_counted_and_none_is_reported_as_received() {
        let transport = DryRunTransport::new();
        for events in [vec!["1".into(), "2".into()], vec!["3".into()]] {
            let answer = transport.send(&EventsRequest::new(events)).await.unwrap();
            assert_eq!(answer.events_received, Some(0));
            assert_eq!(answer.messages, [DryRunTransport::MESSAGE]);
        }
        assert_eq!((transport.requests(), transport.events()), (2, 3));
    }
}
