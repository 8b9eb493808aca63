//! Why a request failed, whether its events may have been processed, and what to do with them.

#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use facebook_conversions::error_table::{self, Disposition, HoldReason, Meaning};
use facebook_conversions::reply::{GraphError, UnreadableKind};
use facebook_conversions::usage::ReplyHeaders;

use crate::SetupError;

/// The underlying error.
type Cause = Box<dyn Error + Send + Sync>;

/// Why a request failed.
///
/// `Display` is one sentence without Meta's texts, parts of the reply's body or values of events; the underlying errors
/// are chained as sources. [`graph_error`](Self::graph_error) has Meta's texts.
///
/// ```
/// use conversions_transport::SendError;
/// use facebook_conversions::error_table::{Disposition, HoldReason};
/// use facebook_conversions::reply::GraphError;
///
/// let error = SendError::refused(GraphError::new(401, 190, Some(463)));
/// assert_eq!(error.disposition(), Disposition::Hold(HoldReason::Authentication));
/// assert_eq!(error.to_string(), "Graph refused the request: code 190, subcode 463, HTTP 401");
/// assert!(error.meaning().sentence.starts_with("The access token has expired."));
/// assert!(!error.may_have_been_processed());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// Graph answered with an error. It processed nothing.
    #[error("Graph refused the request: {error}")]
    #[non_exhaustive]
    Refused {
        /// The error.
        error: Box<GraphError>,
        /// Usage, `Retry-After`, version warning.
        headers: Box<ReplyHeaders>,
    },
    /// An answer came that is not Graph's JSON.
    #[error("the reply with HTTP status {status} is {}", kind.sentence())]
    #[non_exhaustive]
    Unreadable {
        /// HTTP status.
        status: u16,
        /// What was wrong with the body.
        kind: UnreadableKind,
        /// Usage, `Retry-After`, version warning.
        headers: Box<ReplyHeaders>,
    },
    /// The request was not sent, so nothing was processed.
    #[error("the request was not sent: {kind}")]
    #[non_exhaustive]
    NotSent {
        /// Why it was not sent.
        kind: NotSentKind,
        /// The underlying error.
        source: Option<Cause>,
    },
    /// The request was sent, or part of it, and no complete answer came: it may have been processed.
    #[error("the request may have been processed: {kind}")]
    #[non_exhaustive]
    Ambiguous {
        /// What happened.
        kind: AmbiguousKind,
        /// The underlying error.
        source: Option<Cause>,
    },
    /// No request can be sent from this machine, or with these settings.
    #[error("the transport cannot be set up")]
    Setup(#[from] SetupError),
}

/// Why a request was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotSentKind {
    /// The other side refused the connection.
    Refused,
    /// The host's name could not be resolved.
    Dns,
    /// The TLS handshake failed.
    Tls,
    /// The connection took too long.
    ConnectTimeout,
    /// The connection failed in another way.
    Connect,
    /// The server refused the HTTP/2 stream, or closes the connection, and says that it did not look at the request.
    StreamRefused,
}

/// Why the outcome of a request is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AmbiguousKind {
    /// No complete answer in time.
    Timeout,
    /// The connection ended before a complete answer had come.
    Reset,
}

impl SendError {
    /// A Graph error without headers, for tests.
    #[must_use]
    pub fn refused(error: GraphError) -> Self {
        Self::refused_with(error, ReplyHeaders::default())
    }

    /// A Graph error with the headers of the reply.
    #[must_use]
    pub fn refused_with(error: GraphError, headers: ReplyHeaders) -> Self {
        Self::Refused {
            error: Box::new(error),
            headers: Box::new(headers),
        }
    }

    /// A reply that could not be read.
    #[must_use]
    pub fn unreadable(status: u16, kind: UnreadableKind, headers: ReplyHeaders) -> Self {
        Self::Unreadable {
            status,
            kind,
            headers: Box::new(headers),
        }
    }

    /// A request that was not sent.
    #[must_use]
    pub fn not_sent(kind: NotSentKind) -> Self {
        Self::NotSent { kind, source: None }
    }

    /// A request whose outcome is unknown.
    #[must_use]
    pub fn ambiguous(kind: AmbiguousKind) -> Self {
        Self::Ambiguous { kind, source: None }
    }

    /// Adds the underlying error, if this kind of failure has one.
    #[must_use]
    pub fn with_source(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        if let Self::NotSent { source, .. } | Self::Ambiguous { source, .. } = &mut self {
            *source = Some(cause.into());
        }
        self
    }

    /// What the failure means and what to do with the events, by the tables in
    /// [`error_table`](facebook_conversions::error_table).
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        match self {
            Self::Refused { error, .. } => error_table::classify(error),
            Self::Unreadable { status, kind, .. } => {
                error_table::classify_unreadable(*status, *kind)
            }
            Self::NotSent { kind, .. } => Meaning {
                disposition: Disposition::Retry,
                sentence: kind.sentence(),
            },
            Self::Ambiguous { kind, .. } => Meaning {
                disposition: Disposition::Retry,
                sentence: kind.sentence(),
            },
            Self::Setup(error) => Meaning {
                disposition: Disposition::Hold(HoldReason::Configuration),
                sentence: error.sentence(),
            },
        }
    }

    /// What to do with the events.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.meaning().disposition
    }

    /// Whether Meta may have processed the events although the request failed. Sending them again may then count them
    /// twice: Meta documents that it drops a server event with the same `event_id` as a browser event, but not one that
    /// repeats a server event.
    ///
    /// True if no complete answer came, and if the answer is not Graph's and its status is 2xx (success) or 5xx (a
    /// failure on the way). After an error in Graph's JSON nothing was processed.
    #[must_use]
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Ambiguous { .. } => true,
            Self::Unreadable { status, .. } => (200..300).contains(status) || *status >= 500,
            Self::Refused { .. } | Self::NotSent { .. } | Self::Setup(_) => false,
        }
    }

    /// The Graph error, if Graph answered with one: code, subcode, `fbtrace_id`, and Meta's texts for operators.
    #[must_use]
    pub fn graph_error(&self) -> Option<&GraphError> {
        match self {
            Self::Refused { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { error, .. } => Some(error.status()),
            Self::Unreadable { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The headers, if there was an answer.
    #[must_use]
    pub fn headers(&self) -> Option<&ReplyHeaders> {
        match self {
            Self::Refused { headers, .. } | Self::Unreadable { headers, .. } => Some(headers),
            _ => None,
        }
    }

    /// How long the reply asks to wait: the longer of `Retry-After` and the time to regain access.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.headers()?.wait()
    }
}

impl NotSentKind {
    /// A stable name, for metrics and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::ConnectTimeout => "connect_timeout",
            Self::Connect => "connect",
            Self::StreamRefused => "stream_refused",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Refused => "Nothing listens at the base address. Nothing was sent.",
            Self::Dns => "The name in the base address could not be resolved. Nothing was sent.",
            Self::Tls => {
                "The TLS handshake failed: the server's certificate is not trusted here, or the server does not \
                 speak TLS. Nothing was sent."
            }
            Self::ConnectTimeout => "The connection was not made in time. Nothing was sent.",
            Self::Connect => "The connection could not be made. Nothing was sent.",
            Self::StreamRefused => {
                "The server did not take the request, and says that it did not look at it."
            }
        }
    }
}

/// Completes the sentence "the request was not sent: …".
impl fmt::Display for NotSentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "the connection was refused",
            Self::Dns => "the host's name could not be resolved",
            Self::Tls => "the TLS handshake failed",
            Self::ConnectTimeout => "connecting took too long",
            Self::Connect => "the connection could not be made",
            Self::StreamRefused => "the server refused its HTTP/2 stream",
        })
    }
}

impl AmbiguousKind {
    /// A stable name, for metrics and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Reset => "reset",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Timeout => {
                "No complete answer came in time, so the events may have arrived. They are sent again under the same \
                 event_id."
            }
            Self::Reset => {
                "The connection ended before a complete answer came, so the events may have arrived. They are \
                 sent again under the same event_id."
            }
        }
    }
}

/// Completes the sentence "the request may have been processed: …".
impl fmt::Display for AmbiguousKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "no complete answer came in time",
            Self::Reset => "the connection ended before a complete answer came",
        })
    }
}
