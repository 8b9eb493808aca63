//! Why a request failed, and whether its events may have been processed.

use std::error::Error;
use std::time::Duration;

use facebook_conversions::error_table::{self, Disposition, HoldReason, Meaning};
use facebook_conversions::reply::{GraphError, UnreadableKind};
use facebook_conversions::usage::ReplyHeaders;

/// The error underneath, for the chain of causes.
type Cause = Box<dyn Error + Send + Sync>;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// Graph answered with an error.
    #[error("the Graph API refused the request")]
    #[non_exhaustive]
    Refused {
        /// What it said.
        error: Box<GraphError>,
        /// Limits, `Retry-After`, version warning.
        headers: Box<ReplyHeaders>,
    },
    /// Something answered, but not with Graph's JSON.
    #[error("the reply could not be read")]
    #[non_exhaustive]
    Unreadable {
        /// HTTP status.
        status: u16,
        /// What was wrong with the body.
        kind: UnreadableKind,
        /// Limits, `Retry-After`, version warning.
        headers: Box<ReplyHeaders>,
    },
    /// The request did not leave: certainly nothing was processed.
    #[error("the request was not sent")]
    #[non_exhaustive]
    NotSent {
        /// Where it stopped.
        kind: NotSentKind,
        /// The error underneath.
        source: Option<Cause>,
    },
    /// The request left, or may have left, and no complete answer came: it may have been processed.
    #[error("no answer came")]
    #[non_exhaustive]
    Ambiguous {
        /// What happened.
        kind: AmbiguousKind,
        /// The error underneath.
        source: Option<Cause>,
    },
    /// The request cannot be made on this machine or with these settings.
    #[error("{sentence}")]
    #[non_exhaustive]
    Setup {
        /// What is missing and what to do.
        sentence: &'static str,
        /// The error underneath.
        source: Option<Cause>,
    },
}

/// Where a request stopped that was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotSentKind {
    /// The other side refused the connection.
    Refused,
    /// The host's name could not be resolved.
    Dns,
    /// No secure connection could be agreed on.
    Tls,
    /// The connection took too long.
    ConnectTimeout,
    /// The connection failed in another way.
    Connect,
}

/// What cut off a request that may have been processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AmbiguousKind {
    /// No complete answer in time.
    Timeout,
    /// The connection ended before a complete answer had come.
    Reset,
}

impl SendError {
    /// A Graph error without headers, for tests and stand-ins.
    #[must_use]
    pub fn refused(error: GraphError) -> Self {
        Self::refused_with(error, ReplyHeaders::default())
    }

    /// A Graph error with what the headers said.
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

    /// A request that did not leave.
    #[must_use]
    pub fn not_sent(kind: NotSentKind) -> Self {
        Self::NotSent { kind, source: None }
    }

    /// A request of unknown fate.
    #[must_use]
    pub fn ambiguous(kind: AmbiguousKind) -> Self {
        Self::Ambiguous { kind, source: None }
    }

    /// What the failure means and what to do with the events.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        match self {
            Self::Refused { error, .. } => error_table::classify(error),
            Self::Unreadable { status, kind, .. } => {
                error_table::classify_unreadable(*status, *kind)
            }
            Self::NotSent { .. } | Self::Ambiguous { .. } => Meaning {
                disposition: Disposition::Retry,
                sentence: "",
            },
            Self::Setup { sentence, .. } => Meaning {
                disposition: Disposition::Hold(HoldReason::Configuration),
                sentence,
            },
        }
    }

    /// What to do with the events.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.meaning().disposition
    }

    /// Whether Meta may have processed the events all the same, so that sending them again may double them.
    #[must_use]
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Ambiguous { .. } => true,
            Self::Unreadable { status, .. } => (200..300).contains(status) || *status >= 500,
            Self::Refused { .. } | Self::NotSent { .. } | Self::Setup { .. } => false,
        }
    }

    /// The Graph error, if Graph answered.
    #[must_use]
    pub fn graph_error(&self) -> Option<&GraphError> {
        match self {
            Self::Refused { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The headers, if anything answered.
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
        let headers = self.headers()?;
        headers
            .retry_after
            .max(headers.usage.time_to_regain_access())
    }
}
