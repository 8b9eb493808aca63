//! The events of one request.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

/// Events to send in one request: finished JSON texts, and the test event code that they share.
///
/// Cloning and splitting share the texts.
///
/// ```
/// use conversions_transport::EventsRequest;
///
/// let request = EventsRequest::new(vec!["{}".into(), "{}".into(), "{}".into()]).with_test_event_code(Some("TEST123"));
/// let (first, second) = request.halves();
/// assert_eq!((first.len(), second.len()), (1, 2));
/// assert_eq!(second.test_event_code(), Some("TEST123"));
/// ```
#[derive(Clone)]
pub struct EventsRequest {
    events: Arc<[Bytes]>,
    range: Range<usize>,
    test_event_code: Option<Arc<str>>,
}

impl EventsRequest {
    /// A request with these events, each one complete JSON object.
    #[must_use]
    pub fn new(events: impl Into<Arc<[Bytes]>>) -> Self {
        let events = events.into();
        let range = 0..events.len();
        Self {
            events,
            range,
            test_event_code: None,
        }
    }

    /// Marks all events as test events, shown under "Test events" in Events Manager.
    #[must_use]
    pub fn with_test_event_code(mut self, code: Option<&str>) -> Self {
        self.test_event_code = code.map(Arc::from);
        self
    }

    /// The events, in order.
    #[must_use]
    pub fn events(&self) -> &[Bytes] {
        self.events.get(self.range.clone()).unwrap_or_default()
    }

    /// `test_event_code`, if these are test events.
    #[must_use]
    pub fn test_event_code(&self) -> Option<&str> {
        self.test_event_code.as_deref()
    }

    /// Number of events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// Bytes of all events together, without the rest of the body.
    #[must_use]
    pub fn event_bytes(&self) -> usize {
        self.events().iter().map(Bytes::len).sum()
    }

    /// Splits off the first `mid` events. If there are no more than `mid`, the second part is empty.
    #[must_use]
    pub fn split_at(&self, mid: usize) -> (Self, Self) {
        let middle = self.range.start.saturating_add(mid).min(self.range.end);
        let part = |range| Self {
            range,
            ..self.clone()
        };
        (part(self.range.start..middle), part(middle..self.range.end))
    }

    /// Splits the events into halves. If their number is odd, the first half has one less.
    #[must_use]
    pub fn halves(&self) -> (Self, Self) {
        self.split_at(self.len() / 2)
    }
}

/// Counts, never the events: these contain IP addresses and user agents in clear.
impl fmt::Debug for EventsRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventsRequest")
            .field("events", &self.len())
            .field("event_bytes", &self.event_bytes())
            .field("test_event_code", &self.test_event_code)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::EventsRequest;

    fn request(events: usize) -> EventsRequest {
        EventsRequest::new(
            (0..events)
                .map(|event| event.to_string().into())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn split_parts_hold_all_events_once() {
        for (events, mid) in [(0, 0), (1, 0), (1, 1), (5, 2), (5, 9), (5, usize::MAX)] {
            let whole = request(events);
            let (first, second) = whole.split_at(mid);
            assert_eq!(first.len(), mid.min(events));
            assert_eq!([first.events(), second.events()].concat(), whole.events());
            let (a, b) = second.halves();
            assert_eq!(
                [first.events(), a.events(), b.events()].concat(),
                whole.events()
            );
        }
    }

    #[test]
    fn half_of_one_event_is_empty() {
        let (first, second) = request(1).halves();
        assert!(first.is_empty());
        assert_eq!(second.len(), 1);
    }

    #[test]
    fn debug_shows_counts_and_no_event() {
        let text = format!(
            "{:?}",
            EventsRequest::new(vec!["{\"client_ip_address\":\"192.0.2.1\"}".into()])
        );
        assert!(
            text.contains("event_bytes: 33") && !text.contains("192.0.2.1"),
            "{text}"
        );
    }
}
