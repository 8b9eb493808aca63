//! Why a log on NATS cannot be opened.

use conversions_nats::ConnectError;

/// Why a log on NATS cannot be opened or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server is too old.
    #[error(
        "the NATS server has version {version}, and segue needs {needed} or later: older ones lose acknowledged messages after a kill, or cannot schedule messages"
    )]
    Version {
        /// What it has.
        version: String,
        /// What it should have.
        needed: &'static str,
    },
    /// `JetStream` does not answer, or refuses.
    #[error("JetStream cannot be used: {reason}")]
    JetStream {
        /// What happened.
        reason: String,
    },
    /// Streams are missing or promise less than they should.
    #[error("{}", .0.join("; "))]
    Weak(Vec<String>),
}

impl OpenError {
    pub(crate) fn jetstream(error: &impl std::fmt::Display) -> Self {
        Self::JetStream {
            reason: error.to_string(),
        }
    }
}
