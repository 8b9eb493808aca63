//! What Meta answers to `POST /events`.

use std::fmt;

use crate::usage::ReplyHeaders;

/// Meta took the request.
#[derive(Clone, Default, PartialEq)]
pub struct EventsReceived {
    /// How many events Meta says it received.
    pub events_received: Option<u64>,
    /// Meta's remarks. They may quote values of events: show them to operators, keep them out of logs.
    pub messages: Vec<String>,
    /// The id by which Meta's support finds the request.
    pub fbtrace_id: Option<String>,
    /// Usage, `Retry-After` and version warning.
    pub headers: ReplyHeaders,
}

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

/// A Graph API error: the `error` object of a reply.
#[derive(Clone, PartialEq)]
pub struct GraphError {
    status: u16,
    code: Option<i64>,
    error_subcode: Option<i64>,
    is_transient: Option<bool>,
    fbtrace_id: Option<String>,
    message: Option<String>,
    error_user_title: Option<String>,
    error_user_msg: Option<String>,
}

impl GraphError {
    /// An error made by hand, for tests and stand-ins: HTTP status, `code` and `error_subcode`.
    #[must_use]
    pub fn new(status: u16, code: i64, error_subcode: Option<i64>) -> Self {
        Self {
            status,
            code: Some(code),
            error_subcode,
            is_transient: None,
            fbtrace_id: None,
            message: None,
            error_user_title: None,
            error_user_msg: None,
        }
    }

    /// The HTTP status of the reply.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Meta's `code`.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.code
    }

    /// Meta's `error_subcode`.
    #[must_use]
    pub fn error_subcode(&self) -> Option<i64> {
        self.error_subcode
    }

    /// Meta's `is_transient`.
    #[must_use]
    pub fn is_transient(&self) -> Option<bool> {
        self.is_transient
    }

    /// The id by which Meta's support finds the request.
    #[must_use]
    pub fn fbtrace_id(&self) -> Option<&str> {
        self.fbtrace_id.as_deref()
    }

    /// Meta's `message`. It may quote values of events: show it to operators, keep it out of logs.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Meta's `error_user_title`, in the language of the token's owner. The same care as for `message`.
    #[must_use]
    pub fn error_user_title(&self) -> Option<&str> {
        self.error_user_title.as_deref()
    }

    /// Meta's `error_user_msg`, in the language of the token's owner. The same care as for `message`.
    #[must_use]
    pub fn error_user_msg(&self) -> Option<&str> {
        self.error_user_msg.as_deref()
    }
}

impl fmt::Debug for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphError")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("error_subcode", &self.error_subcode)
            .field("is_transient", &self.is_transient)
            .field("fbtrace_id", &self.fbtrace_id)
            .finish_non_exhaustive()
    }
}

/// Why a reply could not be read. Never the body's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnreadableKind {
    /// A page of HTML: something between here and Graph answered.
    Html,
    /// No body.
    Empty,
    /// JSON that ends too early.
    Truncated,
    /// JSON, but neither a receipt nor a Graph error; or text that is not JSON at all.
    WrongJson,
    /// More bytes than any reply of Graph has.
    TooLong,
}
