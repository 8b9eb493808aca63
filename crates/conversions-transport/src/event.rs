//! One finished event on its way to delivery.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use facebook_conversions::{ActionSource, ServerEvent};
use serde::Deserialize;

/// A finished server event that is offered to an event log, with the facts that delivery needs beside its JSON text.
///
/// Endpoints and file readers make it, event logs store it. It is defined here so that these crates need not depend on
/// each other.
///
/// ```
/// use conversions_transport::NewEvent;
/// use facebook_conversions::{ActionSource, ServerEvent};
///
/// let mut event = ServerEvent::new("Purchase", 1_767_225_600);
/// event.event_id = Some("msg-1".into());
/// event.action_source = Some(ActionSource::PhysicalStore);
/// let mut json = String::new();
/// event.write_json(&mut json);
///
/// let event = NewEvent::of_server_event("shop", json, &event).with_line(17);
/// assert_eq!(event.message_id.as_deref(), Some("msg-1"));
/// assert_eq!(event.action_source, ActionSource::PhysicalStore);
/// assert_eq!(event.labels().event_name.as_deref(), Some("Purchase"));
/// assert!(!format!("{event:?}").contains("Purchase"), "events are not for logs");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Name of the source that it came from, if it came through one.
    pub source: Option<Arc<str>>,
    /// Name of the destination that it is for.
    pub destination: Arc<str>,
    /// The JSON text of one server event, contact data hashed. Every attempt sends these bytes.
    pub event: Bytes,
    /// `event_time`: Unix seconds.
    pub event_time: i64,
    /// `action_source`: decides how old the event may be when Meta receives it.
    pub action_source: ActionSource,
    /// The `test_event_code` to send it with.
    pub test_event_code: Option<Arc<str>>,
    /// Segment's `messageId`, which is also the event's `event_id`. A log that has seen it for the same destination
    /// drops the event as a duplicate; an event without one is never a duplicate.
    pub message_id: Option<Box<str>>,
    /// The line of the input that it came from, counted from 1.
    pub line: Option<u64>,
}

impl NewEvent {
    /// An event for `destination` from a website; `event` is the JSON text of one server event, `event_time` its Unix
    /// seconds.
    pub fn new(destination: impl Into<Arc<str>>, event: impl Into<Bytes>, event_time: i64) -> Self {
        Self {
            source: None,
            destination: destination.into(),
            event: event.into(),
            event_time,
            action_source: ActionSource::Website,
            test_event_code: None,
            message_id: None,
            line: None,
        }
    }

    /// An event for `destination` with the facts of `event`, whose JSON text is `json`.
    ///
    /// `event_id` becomes the message id. Without an `action_source` the event counts as one from a website.
    pub fn of_server_event(
        destination: impl Into<Arc<str>>,
        json: impl Into<Bytes>,
        event: &ServerEvent<'_>,
    ) -> Self {
        Self::new(destination, json, event.event_time)
            .with_action_source(event.action_source.unwrap_or(ActionSource::Website))
            .with_message_id(event.event_id.as_deref())
    }

    /// Sets the source that it came from.
    #[must_use]
    pub fn with_source(mut self, source: Arc<str>) -> Self {
        self.source = Some(source);
        self
    }

    /// Sets `action_source`.
    #[must_use]
    pub fn with_action_source(mut self, action_source: ActionSource) -> Self {
        self.action_source = action_source;
        self
    }

    /// Sets the test code.
    #[must_use]
    pub fn with_test_event_code(mut self, code: Option<&str>) -> Self {
        self.test_event_code = code.map(Arc::from);
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

    /// The event's name and id, read from its JSON text.
    #[must_use]
    pub fn labels(&self) -> Labels {
        Labels::of_event(&self.event)
    }
}

/// Names, sizes and times, never the event: it holds an IP address and a user agent in clear.
impl fmt::Debug for NewEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEvent")
            .field("source", &self.source)
            .field("destination", &self.destination)
            .field("event_bytes", &self.event.len())
            .field("event_time", &self.event_time)
            .field("action_source", &self.action_source)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// The name and the id by which an operator recognizes an event.
///
/// They are read from the JSON text on demand, not carried beside it: few events are ever looked at, and every event
/// would pay for the copies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Labels {
    /// `event_name`.
    #[serde(default)]
    pub event_name: Option<String>,
    /// `event_id`.
    #[serde(default)]
    pub event_id: Option<String>,
}

impl Labels {
    /// Reads the labels of a server event. Text that is not JSON has none.
    #[must_use]
    pub fn of_event(json: &[u8]) -> Self {
        serde_json::from_slice(json).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_from_the_json_text() {
        let labels = Labels::of_event(br#"{"event_id":"m-1","x":[1],"event_name":"Purchase"}"#);
        assert_eq!(labels.event_name.as_deref(), Some("Purchase"));
        assert_eq!(labels.event_id.as_deref(), Some("m-1"));
        assert_eq!(Labels::of_event(b"no JSON"), Labels::default());
    }

    #[test]
    fn an_event_without_an_action_source_counts_as_from_a_website() {
        let event = NewEvent::of_server_event("shop", "{}", &ServerEvent::new("Lead", 5));
        assert_eq!(event, NewEvent::new("shop", "{}", 5));
        assert_eq!(event.action_source, ActionSource::Website);
    }
}
