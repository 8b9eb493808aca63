//! Defers leased events until a given time.

use std::sync::Arc;

use conversions_delivery::{LogError, UnixMillis};
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::change::Change;
use crate::leased_frames::{LeasedSlice, Place};
use crate::lock::lock;
use crate::pending_writes::Removed;
use crate::rows;
use crate::shared::Shared;
use crate::tables::TableNames;
use crate::write_batch::WriteBatch;

/// Moves leased events into the table of the deferred.
pub(crate) struct Defer {
    pub(crate) destination: Arc<str>,
    pub(crate) events: Vec<LeasedSlice>,
    pub(crate) until: UnixMillis,
    pub(crate) reply: oneshot::Sender<Result<(), LogError>>,
}

impl Change for Defer {
    fn needs_checkpoint(&self, shared: &Shared) -> bool {
        shared.any_unflushed(&self.destination, &self.events)
    }

    fn write_to_tables(
        &mut self,
        transaction: &WriteTransaction,
        batch: &mut WriteBatch<'_>,
    ) -> Result<(), redb::Error> {
        let mut removed = Removed::default();
        let names = TableNames::of(&self.destination);
        let mut waiting = transaction.open_table(names.waiting())?;
        let mut later = transaction.open_table(names.later())?;
        for slice in &self.events {
            let Some(stored) = &slice.stored else {
                continue;
            };
            let moved = match slice.place {
                Place::Journal | Place::Waiting => {
                    let moved = rows::remove(&mut waiting, 0, &slice.keys, &mut batch.segments)?;
                    removed.later -= moved.cast_signed();
                    moved
                }
                Place::Later(due) => {
                    rows::remove(&mut later, due, &slice.keys, &mut batch.segments)?
                }
            };
            if moved > 0 {
                rows::insert(&mut later, self.until.0, stored)?;
            }
        }
        batch.add_removed(&self.destination, removed);
        Ok(())
    }

    fn update_memory(&mut self, shared: &Shared) {
        let (_, partition) = shared.partition_of(&self.destination);
        let mut partition = lock(&partition);
        for slice in &self.events {
            partition.defer(&slice.keys);
        }
    }

    fn reply_done(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn reply_failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
