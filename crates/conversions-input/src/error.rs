//! What can go wrong with a broker.

/// Why an input cannot be opened, or does not do what it was asked to do.
///
/// Messages name brokers, topics, streams and groups. They hold no credentials and nothing of a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// An option cannot be used.
    #[error("the input cannot be opened: {reason}")]
    Options {
        /// Which, and what to do.
        reason: String,
    },
    /// No broker answers.
    #[error("no broker answers at {brokers}: {reason}")]
    Connect {
        /// Their addresses, without credentials.
        brokers: String,
        /// What happened, and what to do.
        reason: String,
    },
    /// The broker refuses credentials, or what they may do.
    #[error("the broker refuses access: {reason}")]
    Access {
        /// To what, and what to do.
        reason: String,
    },
    /// A topic, stream or consumer is not there, or promises less than it should.
    #[error("{what} cannot be read: {reason}")]
    Source {
        /// Its kind and name.
        what: String,
        /// What is missing, and what to do.
        reason: String,
    },
    /// The broker does not answer at the moment. The input goes on by itself when it does.
    #[error("the broker does not answer: {reason}")]
    Unavailable {
        /// What happened.
        reason: String,
    },
    /// A rejected record could not be written to where rejected records go. The record is still unsettled.
    #[error("a rejected record cannot be written to {place}: {reason}")]
    Reject {
        /// The topic or subject.
        place: String,
        /// What happened, and what to do.
        reason: String,
    },
    /// The client has failed for good; open the input again.
    #[error("reading has ended: {reason}")]
    Fatal {
        /// What happened, and what to do.
        reason: String,
    },
    /// [`Input::leave`](crate::Input::leave) was called before.
    #[error("the input has been left")]
    Left,
}

impl InputError {
    /// Whether nothing more will come from this input. After any other error the next call may succeed.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Fatal { .. } | Self::Left)
    }
}
