//! What a log can do that outlives the process: inputs go on where an earlier run ended.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;

use crate::append::InputId;
use crate::log::{EventLog, LogError};
use crate::time::UnixMillis;

/// An event log that outlives the process, so that a later run can go on where an earlier one ended.
#[async_trait]
pub trait DurableLog: EventLog {
    /// Where to go on with an input that was read before; `None` for one that was not.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the log cannot be read.
    async fn resumption(&self, input: InputId) -> Result<Option<Resumption>, LogError>;

    /// The last line that is dealt with, of every input.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the log cannot be read.
    async fn input_lines(&self) -> Result<BTreeMap<InputId, u64>, LogError>;

    /// Forgets how far an input was read: the next run reads it from its beginning.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the log cannot be written.
    async fn forget_input(&self, input: InputId) -> Result<(), LogError>;

    /// Makes events of the dead letters whose replay was requested, without waiting for the engine's next
    /// [maintenance](EventLog::maintain). Returns how many.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the log cannot be read or written.
    async fn requeue_replays(&self, now: UnixMillis) -> Result<u64, LogError>;
}

/// Where to go on with an input, and what became of its events so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumption {
    /// The last line that is dealt with, counted from 1.
    pub line: u64,
    /// The note of the last [`InputOffset`](crate::InputOffset).
    pub note: Bytes,
    /// Events that were appended.
    pub appended: u64,
    /// Events that were not appended because they were duplicates.
    pub duplicates: u64,
    /// Of those appended: delivered.
    pub delivered: u64,
    /// Of those appended: dead-lettered. One that is replayed is pending again.
    pub dead_lettered: u64,
}

impl Resumption {
    /// Events that were appended and are not settled.
    #[must_use]
    pub fn pending(&self) -> u64 {
        let settled = self.delivered.saturating_add(self.dead_lettered);
        self.appended.saturating_sub(settled)
    }
}
