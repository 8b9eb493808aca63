//! The events of one request.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::{Frame, FrameBuilder, NewEvent};

/// Events to send in one request: frames of finished JSON texts, and the test event code that they share.
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
    frames: Arc<[Frame]>,
    events: usize,
    test_event_code: Option<Arc<str>>,
}

impl EventsRequest {
    /// A request with these events, each one complete JSON object. Their texts are copied into one frame.
    #[must_use]
    pub fn new(events: Vec<Bytes>) -> Self {
        let nowhere: Arc<str> = Arc::from("");
        let mut builder = FrameBuilder::new(Arc::clone(&nowhere));
        for event in events {
            builder.add_new_event(&NewEvent::new(Arc::clone(&nowhere), event, 0));
        }
        Self::of_frames(builder.finish())
    }

    /// A request with the events of frames, in order, and the test event code of the first. Nothing is copied.
    #[must_use]
    pub fn of_frames(frames: impl Into<Arc<[Frame]>>) -> Self {
        let frames = frames.into();
        Self {
            events: frames.iter().map(Frame::len).sum(),
            test_event_code: frames
                .first()
                .and_then(|frame| frame.test_event_code().cloned()),
            frames,
        }
    }

    /// Marks all events as test events, shown under "Test events" in Events Manager.
    #[must_use]
    pub fn with_test_event_code(mut self, code: Option<&str>) -> Self {
        self.test_event_code = code.map(Arc::from);
        self
    }

    /// The frames that the request is made of, in order.
    #[must_use]
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The JSON texts of the events, in order.
    pub fn events(&self) -> impl Iterator<Item = Bytes> {
        let events = |frame| (0..Frame::len(frame)).map(|index| frame.event_json(index));
        self.frames.iter().flat_map(events)
    }

    /// `test_event_code`, if these are test events.
    #[must_use]
    pub fn test_event_code(&self) -> Option<&str> {
        self.test_event_code.as_deref()
    }

    /// Number of events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// Bytes of all events together, without the rest of the body.
    #[must_use]
    pub fn event_bytes(&self) -> usize {
        self.frames.iter().map(Frame::event_bytes).sum()
    }

    /// Splits off the first `mid` events. If there are no more than `mid`, the second part is empty.
    #[must_use]
    pub fn split_at(&self, mid: usize) -> (Self, Self) {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let mut left = mid;
        for frame in self.frames.iter() {
            let here = left.min(frame.len());
            left -= here;
            if here > 0 {
                first.push(frame.slice(0..here));
            }
            if here < frame.len() {
                second.push(frame.slice(here..frame.len()));
            }
        }
        let part = |frames| Self {
            test_event_code: self.test_event_code.clone(),
            ..Self::of_frames(frames)
        };
        (part(first), part(second))
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
            assert!(first.events().chain(second.events()).eq(whole.events()));
            let (a, b) = second.halves();
            let parts = first.events().chain(a.events()).chain(b.events());
            assert!(parts.eq(whole.events()));
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
