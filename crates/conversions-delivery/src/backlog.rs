//! What is waiting at a destination.

use crate::time::UnixMillis;

/// What is unsettled at a destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Events: waiting, later and leased.
    pub events: u64,
    /// Of these, how many are deferred until a given time.
    pub later: u64,
    /// Bytes of these events.
    pub bytes: u64,
    /// When the oldest was appended.
    pub oldest: Option<UnixMillis>,
    /// The line of the input that the oldest came from.
    pub lowest_line: Option<u64>,
}
