//! Leased events are put aside until a given time.

use std::sync::Arc;

use conversions_delivery::{LogError, UnixMillis};
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::write_batch::Draft;
use crate::partition::Place;
use crate::tables::Names;
use crate::commit_loop::Change;
use crate::shared::{Inner, LeasedEvents, lock};

pub(crate) struct PutAside {
    pub(crate) destination: Arc<str>,
    pub(crate) events: LeasedEvents,
    pub(crate) until: UnixMillis,
    pub(crate) reply: oneshot::Sender<Result<(), LogError>>,
}

impl Change for PutAside {
    fn wants_absorbed(&self, inner: &Inner) -> bool {
        inner.has_in_tail(&self.destination, &self.events)
    }

    fn apply(
        &mut self,
        transaction: &WriteTransaction,
        draft: &mut Draft<'_>,
    ) -> Result<(), redb::Error> {
        draft.is_dirty = true;
        let names = Names::of(&self.destination);
        let mut waiting = transaction.open_table(names.waiting())?;
        let mut later = transaction.open_table(names.later())?;
        for (key, leased) in &self.events {
            // A record is bound to destination and key only: it can move as it is.
            let record = match leased.place {
                Place::Tail | Place::Waiting => {
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

    fn committed(&mut self, inner: &Inner) {
        let (_, partition) = inner.partition_of(&self.destination);
        let mut partition = lock(&partition);
        for (key, _) in &self.events {
            partition.put_aside(*key);
        }
    }

    fn answer(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
