//! What Meta answers to `POST /{pixel_id}/events`, read without failing on content.
//!
//! [`Reply::read`] takes any status and any bytes. Members of the wrong type count as absent. A body that is
//! not a reply of Graph is [`Reply::Unreadable`], with the reason and without its text.

mod graph_error;
pub(crate) mod lenient;
pub(crate) mod text;

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Map, Value};

pub use self::graph_error::GraphError;
use crate::usage::ReplyHeaders;

/// At most this many remarks of one reply are kept.
const MAX_MESSAGES: usize = 50;

/// What came back for a request.
///
/// ```
/// use facebook_conversions::reply::{Reply, UnreadableKind};
///
/// let body = br#"{"events_received": 2, "messages": [], "fbtrace_id": "AbCdEf"}"#;
/// let Reply::Received(receipt) = Reply::read(200, body, &[]) else { panic!("a receipt") };
/// assert_eq!(receipt.events_received, Some(2));
///
/// let body = br#"{"error": {"message": "Invalid parameter", "code": 100, "error_subcode": 2804050}}"#;
/// let Reply::Refused(error) = Reply::read(400, body, &[]) else { panic!("a Graph error") };
/// assert_eq!(error.to_string(), "code 100, subcode 2804050, HTTP 400");
///
/// assert_eq!(Reply::read(502, b"<html>Bad gateway</html>", &[]), Reply::Unreadable(UnreadableKind::Html));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Meta accepted the request.
    Received(EventsReceived),
    /// Graph answered with an error, whatever the HTTP status.
    Refused(GraphError),
    /// The body is not a reply of Graph.
    Unreadable(UnreadableKind),
}

impl Reply {
    /// Reads the body of a reply with this HTTP status.
    ///
    /// `secrets` are texts that must not survive in what is kept: Meta quotes a malformed access token in its
    /// message, so the sender of the request passes its token along.
    #[must_use]
    pub fn read(status: u16, body: &[u8], secrets: &[&str]) -> Self {
        let object = match read_object(body) {
            Ok(object) => object,
            Err(kind) => return Self::Unreadable(kind),
        };
        if let Some(Value::Object(error)) = object.get("error") {
            return Self::Refused(GraphError::from_object(status, error, secrets));
        }
        let is_receipt =
            object.contains_key("events_received") || object.contains_key("fbtrace_id");
        if (200..300).contains(&status) && is_receipt {
            Self::Received(EventsReceived::from_object(&object, secrets))
        } else {
            Self::Unreadable(UnreadableKind::WrongJson)
        }
    }
}

/// Meta accepted the request: `events_received`, `messages`, `fbtrace_id`.
///
/// It does not prove that every event counts. A number that differs from the number sent, or any remark, deserves a
/// warning; the events must not be sent again for it.
#[derive(Clone, Default, PartialEq)]
pub struct EventsReceived {
    /// How many events Meta says it received.
    pub events_received: Option<u64>,
    /// Meta's remarks, at most 50. They may quote values of events: show them to operators, keep them out of logs.
    pub messages: Vec<String>,
    /// The id by which Meta's support finds the request.
    pub fbtrace_id: Option<String>,
    /// Usage, `Retry-After` and version warning of the reply.
    pub headers: ReplyHeaders,
}

impl EventsReceived {
    /// A receipt for this many events, without remarks: for tests and stand-ins.
    #[must_use]
    pub fn all_of(events: usize) -> Self {
        Self {
            events_received: u64::try_from(events).ok(),
            ..Self::default()
        }
    }

    fn from_object(object: &Map<String, Value>, secrets: &[&str]) -> Self {
        let count = lenient::integer(object.get("events_received"));
        let messages = match object.get("messages") {
            Some(Value::Array(messages)) => messages
                .iter()
                .filter_map(|message| remark(message, secrets))
                .take(MAX_MESSAGES)
                .collect(),
            Some(single) => remark(single, secrets).into_iter().collect(),
            None => Vec::new(),
        };
        let trace_id = lenient::text(object.get("fbtrace_id"));
        Self {
            events_received: count.and_then(|count| u64::try_from(count).ok()),
            messages,
            fbtrace_id: trace_id.and_then(|id| text::trace_id(id, secrets)),
            headers: ReplyHeaders::default(),
        }
    }
}

/// Shows the number of remarks instead of their text.
impl fmt::Debug for EventsReceived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventsReceived")
            .field("events_received", &self.events_received)
            .field("messages", &self.messages.len())
            .field("fbtrace_id", &self.fbtrace_id)
            .field("headers", &self.headers)
            .finish()
    }
}

/// Why a body is not a reply of Graph. Holds nothing of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnreadableKind {
    /// A page of HTML or XML: a proxy or load balancer answered instead of Graph.
    Html,
    /// Empty, or blanks only.
    Empty,
    /// JSON that ends too early.
    Truncated,
    /// Text or bytes that are not JSON.
    NotJson,
    /// JSON, but neither a receipt nor a Graph error.
    WrongJson,
    /// Far more bytes than any reply of Graph has.
    TooLong,
}

impl UnreadableKind {
    /// For people, to follow "the reply is": `a page of HTML`.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Html => "a page of HTML",
            Self::Empty => "empty",
            Self::Truncated => "JSON that ends too early",
            Self::NotJson => "not JSON",
            Self::WrongJson => "JSON, but neither a receipt nor a Graph error",
            Self::TooLong => "far longer than any reply of Graph",
        }
    }
}

fn read_object(body: &[u8]) -> Result<Map<String, Value>, UnreadableKind> {
    let body = body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(body)
        .trim_ascii();
    match body.first() {
        None => return Err(UnreadableKind::Empty),
        Some(b'<') => return Err(UnreadableKind::Html),
        Some(_) => {}
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(UnreadableKind::WrongJson),
        Err(error) if error.is_eof() => Err(UnreadableKind::Truncated),
        Err(_) => Err(UnreadableKind::NotJson),
    }
}

/// A remark should be a text. A value of another type is still worth a warning, so its JSON is kept.
fn remark(message: &Value, secrets: &[&str]) -> Option<String> {
    let words = match message {
        Value::Null => return None,
        Value::String(words) => text::clean(words, secrets),
        other => text::clean(&other.to_string(), secrets),
    };
    (!words.is_empty()).then_some(words)
}
