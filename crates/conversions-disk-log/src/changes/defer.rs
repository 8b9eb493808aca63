//! Defers leased events until a given time.

use std::sync::Arc;

use conversions_delivery::{LogError, UnixMillis};
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::change::Change;
use crate::lock::lock;
use crate::partition::Place;
use crate::shared::{LeasedEvents, Shared};
use crate::tables::TableNames;
use crate::write_batch::WriteBatch;

/// Moves leased events into the table of the deferred.
pub(crate) struct Defer {
    pub(crate) destination: Arc<str>,
    pub(crate) events: LeasedEvents,
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
        batch.is_dirty = true;
        let names = TableNames::of(&self.destination);
        let mut waiting = transaction.open_table(names.waiting())?;
        let mut later = transaction.open_table(names.later())?;
        for (key, leased) in &self.events {
            // A record is bound to destination and key only: it can move as it is.
            let record = match leased.place {
                Place::Journal | Place::Waiting => {
                    waiting.remove(key)?.map(|value| value.value().to_vec())
                }
                Place::Later(due) => later
                    .remove((due, *key))?
                    .map(|value| value.value().to_vec()),
            };
            if let Some(record) = record {
                later.insert((self.until.0, *key), record.as_slice())?;
            }
        }
        Ok(())
    }

    fn update_memory(&mut self, shared: &Shared) {
        let (_, partition) = shared.partition_of(&self.destination);
        let mut partition = lock(&partition);
        for (key, _) in &self.events {
            partition.defer(*key);
        }
    }

    fn reply_done(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn reply_failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
