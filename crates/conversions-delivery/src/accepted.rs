//! What is handed to the engine: finished events, in groups.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// A finished server event, ready to be sent, with the few facts that delivery needs about it.
///
/// ```
/// use conversions_delivery::{AcceptedEvent, AgeWindow};
///
/// let event = AcceptedEvent::new("shop", r#"{"event_name":"Purchase","event_time":1767225600}"#, 1_767_225_600)
///     .with_message_id(Some("msg-1"))
///     .with_line(17);
/// assert_eq!(event.window, AgeWindow::SevenDays);
/// assert!(!format!("{event:?}").contains("Purchase"), "events are not for logs");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AcceptedEvent {
    /// Name of the destination, as given to [`EngineBuilder::destination`](crate::EngineBuilder::destination).
    pub destination: Arc<str>,
    /// `test_event_code` under which the event is to be sent.
    pub test_event_code: Option<Arc<str>>,
    /// The JSON text of one server event. It is sent as it is, in every attempt.
    pub event: Bytes,
    /// `event_time`: Unix seconds.
    pub event_time: i64,
    /// How old the event may be when it is sent.
    pub window: AgeWindow,
    /// Segment's `messageId`: the same id for the same destination again within the window is a duplicate. Without
    /// one an event is never a duplicate.
    pub message_id: Option<Box<str>>,
    /// The line of the input that it came from, counted from 1.
    pub line: Option<u64>,
}

impl AcceptedEvent {
    /// An event for `destination`; `event` is the JSON text of one server event, `event_time` its Unix seconds.
    pub fn new(destination: impl Into<Arc<str>>, event: impl Into<Bytes>, event_time: i64) -> Self {
        Self {
            destination: destination.into(),
            test_event_code: None,
            event: event.into(),
            event_time,
            window: AgeWindow::SevenDays,
            message_id: None,
            line: None,
        }
    }

    /// Sets the test code.
    #[must_use]
    pub fn with_test_event_code(mut self, code: Option<&str>) -> Self {
        self.test_event_code = code.map(Arc::from);
        self
    }

    /// Sets how old the event may be.
    #[must_use]
    pub fn with_window(mut self, window: AgeWindow) -> Self {
        self.window = window;
        self
    }

    /// Sets Segment's `messageId`.
    #[must_use]
    pub fn with_message_id(mut self, message_id: Option<&str>) -> Self {
        self.message_id = message_id.map(Box::from);
        self
    }

    /// Sets the line of the input, counted from 1.
    #[must_use]
    pub fn with_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }
}

/// Sizes and times, never the event: it holds an IP address and a user agent in clear.
impl fmt::Debug for AcceptedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptedEvent")
            .field("destination", &self.destination)
            .field("event_bytes", &self.event.len())
            .field("event_time", &self.event_time)
            .field("window", &self.window)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// How old an event may be when Meta receives it. The two kinds never share a request: one event that is too old makes
/// Meta refuse all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeWindow {
    /// Seven days: every `action_source` but one.
    #[default]
    SevenDays,
    /// Sixty-two days: `physical_store`.
    SixtyTwoDays,
}

impl AgeWindow {
    /// The window of an `action_source`.
    #[must_use]
    pub fn of_action_source(action_source: &str) -> Self {
        if action_source == "physical_store" {
            Self::SixtyTwoDays
        } else {
            Self::SevenDays
        }
    }

    /// The greatest age.
    #[must_use]
    pub const fn limit(self) -> Duration {
        const DAY: u64 = 24 * 60 * 60;
        match self {
            Self::SevenDays => Duration::from_secs(7 * DAY),
            Self::SixtyTwoDays => Duration::from_secs(62 * DAY),
        }
    }
}

/// Events that are appended together: all of them or none, and durable together.
#[derive(Clone, Debug, Default)]
pub struct AppendGroup {
    /// The events, in order; several destinations may mix.
    pub events: Vec<AcceptedEvent>,
    /// How far an input has been read when these events are in, if it is to be resumed.
    pub checkpoint: Option<Checkpoint>,
}

impl AppendGroup {
    /// A group without a checkpoint.
    #[must_use]
    pub fn new(events: Vec<AcceptedEvent>) -> Self {
        Self {
            events,
            checkpoint: None,
        }
    }

    /// Bytes of all events together.
    #[must_use]
    pub fn event_bytes(&self) -> u64 {
        self.events
            .iter()
            .map(|event| u64::try_from(event.event.len()).unwrap_or(u64::MAX))
            .fold(0, u64::saturating_add)
    }
}

impl From<Vec<AcceptedEvent>> for AppendGroup {
    fn from(events: Vec<AcceptedEvent>) -> Self {
        Self::new(events)
    }
}

/// How far an input has been read, kept in the log in the same step as the events: an interrupted run starts again
/// behind it, and what was appended before is not appended twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// What identifies the input, for instance a digest of its content.
    pub input: InputId,
    /// The last line that is dealt with, counted from 1: appended, skipped or rejected.
    pub line: u64,
    /// Whatever the reader needs to go on, for instance its counts so far. Given back as it is.
    pub note: Bytes,
}

/// What identifies an input across runs: a digest of 128 bits or more, cut to 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputId(pub [u8; 16]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_physical_stores_have_sixty_two_days() {
        for source in [
            "website",
            "app",
            "phone_call",
            "system_generated",
            "other",
            "",
        ] {
            assert_eq!(AgeWindow::of_action_source(source), AgeWindow::SevenDays);
        }
        let store = AgeWindow::of_action_source("physical_store");
        assert_eq!(store.limit().as_secs(), 5_356_800);
        assert_eq!(AgeWindow::SevenDays.limit().as_secs(), 604_800);
    }
}
