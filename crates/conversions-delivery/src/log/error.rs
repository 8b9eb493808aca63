//! Errors of event logs.

/// Why a log did not do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// It cannot be done now and may work later: everything that was acknowledged is safe.
    #[error("the event log cannot be used at the moment: {reason}")]
    Unavailable {
        /// What happened. No values.
        reason: String,
    },
    /// A fatal storage error. The in-memory state may be wrong; open the log again.
    #[error("the event log has failed and must be opened again: {reason}")]
    Failed {
        /// What happened. No values.
        reason: String,
    },
    /// There is no room for further dead letters.
    #[error(
        "there is no room for further dead letters ({limit} at most): replay, export or purge some"
    )]
    DeadLettersFull {
        /// How many there may be.
        limit: u64,
    },
}

/// Why a group was not appended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The log holds as much as it may. What is in it is kept and delivered; the caller may try again later.
    #[error("the event log is full: {held} of {limit} bytes are waiting to be delivered")]
    Full {
        /// Bytes that are in it.
        held: u64,
        /// Bytes that may be in it.
        limit: u64,
    },
    /// The disk is nearly full. What is in the log is kept and delivered, which the rest of the disk is left for.
    #[error(
        "the disk of the data folder is nearly full: {free} bytes are left, and {spare} are kept for what is in the log already; make \
         room on it"
    )]
    DiskFull {
        /// Bytes that are free.
        free: u64,
        /// Bytes that must stay free.
        spare: u64,
    },
    /// The engine knows no destination of that name.
    #[error("there is no destination named {0:?}")]
    UnknownDestination(String),
    /// The engine is shutting down.
    #[error("the engine takes no more events: it is shutting down")]
    ShuttingDown,
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
}
