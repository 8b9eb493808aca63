//! The trait of everything that a commit writes to the log.

use conversions_delivery::LogError;
use redb::WriteTransaction;

use crate::shared::Shared;
use crate::write_batch::WriteBatch;

/// A change to be written. A commit takes several, and calls the methods in the order in which they are declared.
///
/// A change goes either to the journal (`add_to_batch`) or into the tables (`write_to_tables`).
pub(crate) trait Change: Send {
    /// Whether the journal can take it.
    fn fits_journal(&self, shared: &Shared) -> bool {
        let _ = shared;
        false
    }

    /// Whether a checkpoint must come before it.
    fn needs_checkpoint(&self, shared: &Shared) -> bool {
        let _ = shared;
        false
    }

    /// Adds its journal entries to the batch.
    fn add_to_batch(&mut self, batch: &mut WriteBatch<'_>) {
        let _ = batch;
    }

    /// Learns the keys of what it appends, once they are assigned.
    fn take_keys(&mut self, batch: &WriteBatch<'_>) {
        let _ = batch;
    }

    /// Writes it into the tables, or adds it to the batch, which is written into them at the end.
    fn write_to_tables(
        &mut self,
        transaction: &WriteTransaction,
        batch: &mut WriteBatch<'_>,
    ) -> Result<(), redb::Error>;

    /// Updates the state in memory, once the change is durable.
    fn update_memory(&mut self, shared: &Shared) {
        let _ = shared;
    }

    /// Tells the caller that the change is durable.
    fn reply_done(self: Box<Self>);

    /// Tells the caller that the change was not made.
    fn reply_failed(self: Box<Self>, error: LogError);

    /// About how many bytes of events it appends; 0 when it appends none.
    fn appended_bytes(&self) -> usize {
        0
    }
}
