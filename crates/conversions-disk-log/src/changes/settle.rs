//! Removes leased events that are settled.

use std::sync::Arc;

use conversions_delivery::{InputId, KeyRange, LogError, UnixMillis};
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::change::Change;
use crate::commit_loop::CommitQueue;
use crate::input_counts::InputCounts;
use crate::leased_frames::{LeasedSlice, Place};
use crate::lock::lock;
use crate::pending_writes::Removed;
use crate::rows;
use crate::shared::{Shared, wait_for_reply};
use crate::tables::{DEAD_LETTER_INPUTS, TableNames};
use crate::write_batch::WriteBatch;

/// What became of the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    DeadLettered,
}

/// Settles leased events. Keys that are not leased are ignored.
pub(crate) async fn settle(
    queue: &Arc<CommitQueue>,
    destination: &str,
    keys: &[KeyRange],
    outcome: Outcome,
    now: UnixMillis,
) -> Result<(), LogError> {
    let Some((destination, events)) = queue.shared().leased(destination, keys) else {
        return Ok(());
    };
    // Two changes: one event in the tables would send the whole change there, at several times the cost of the journal.
    let (in_journal, in_tables): (Vec<_>, Vec<_>) = events
        .into_iter()
        .partition(|slice| slice.place == Place::Journal);
    for events in [in_journal, in_tables] {
        if events.is_empty() {
            continue;
        }
        let (reply, answer) = oneshot::channel();
        queue.submit(Box::new(Settle {
            destination: Arc::clone(&destination),
            events,
            outcome,
            now,
            reply,
        }));
        wait_for_reply(answer).await?;
    }
    Ok(())
}

/// Removes settled events, either from the journal's share or from the tables.
struct Settle {
    destination: Arc<str>,
    events: Vec<LeasedSlice>,
    outcome: Outcome,
    now: UnixMillis,
    reply: oneshot::Sender<Result<(), LogError>>,
}

impl Settle {
    /// Adds to the counts of each input.
    fn count_by_input(&self, batch: &mut WriteBatch<'_>) {
        for slice in &self.events {
            let Some(input) = slice.input() else {
                continue;
            };
            let mut counts = InputCounts::default();
            match self.outcome {
                Outcome::Delivered => counts.delivered = slice.events(),
                Outcome::DeadLettered => counts.dead_lettered = slice.events(),
            }
            batch.inputs.count(input, counts, self.now);
        }
    }
}

impl Change for Settle {
    fn fits_journal(&self, shared: &Shared) -> bool {
        let (_, partition) = shared.partition_of(&self.destination);
        let partition = lock(&partition);
        let is_unflushed = |slice: &LeasedSlice| partition.unflushed.contains(slice.keys.start);
        self.outcome == Outcome::Delivered && self.events.iter().all(is_unflushed)
    }

    fn needs_checkpoint(&self, shared: &Shared) -> bool {
        shared.any_unflushed(&self.destination, &self.events)
    }

    fn add_to_batch(&mut self, batch: &mut WriteBatch<'_>) {
        let keys = self.events.iter().map(|slice| slice.keys.clone().into());
        batch.add_delivered(&self.destination, keys);
        self.count_by_input(batch);
    }

    fn write_to_tables(
        &mut self,
        transaction: &WriteTransaction,
        batch: &mut WriteBatch<'_>,
    ) -> Result<(), redb::Error> {
        let names = TableNames::of(&self.destination);
        let mut removed = Removed::default();
        {
            let mut waiting = transaction.open_table(names.waiting())?;
            let mut later = None;
            for slice in &self.events {
                let events = match slice.place {
                    Place::Journal | Place::Waiting => {
                        rows::remove(&mut waiting, 0, &slice.keys, &mut batch.segments)?
                    }
                    Place::Later(due) => {
                        let later = match &mut later {
                            Some(later) => later,
                            None => later.insert(transaction.open_table(names.later())?),
                        };
                        let events = rows::remove(later, due, &slice.keys, &mut batch.segments)?;
                        removed.later += events.cast_signed();
                        events
                    }
                };
                removed.events += events;
                removed.bytes += if events > 0 { slice.bytes() } else { 0 };
            }
        }
        batch.add_removed(&self.destination, removed);
        let keys = self.events.iter().map(|slice| slice.keys.clone().into());
        batch.add_delivered(&self.destination, keys);
        if self.outcome == Outcome::DeadLettered {
            let mut letter_inputs = transaction.open_table(DEAD_LETTER_INPUTS)?;
            for slice in &self.events {
                if let Some(InputId(input)) = slice.input() {
                    for key in slice.keys.clone() {
                        letter_inputs.insert(key, input.as_slice())?;
                    }
                }
            }
        }
        self.count_by_input(batch);
        Ok(())
    }

    fn update_memory(&mut self, shared: &Shared) {
        shared.forget_settled(&self.destination, self.events.iter());
    }

    fn reply_done(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn reply_failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
