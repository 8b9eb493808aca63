//! Removes leased events that are settled.

use std::sync::Arc;

use conversions_delivery::{EventKey, InputId, LogError, UnixMillis};
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::change::Change;
use crate::commit_loop::CommitQueue;
use crate::input_counts::InputCounts;
use crate::lock::lock;
use crate::partition::{Leased, Place};
use crate::shared::{LeasedEvents, Shared, wait_for_reply};
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
    keys: impl Iterator<Item = EventKey>,
    outcome: Outcome,
    now: UnixMillis,
) -> Result<(), LogError> {
    let Some((destination, events)) = queue.shared().leased(destination, keys) else {
        return Ok(());
    };
    // Two changes: one event in the tables would send the whole change there, at several times the cost of the journal.
    let (in_journal, in_tables) = events
        .into_iter()
        .partition(|(_, leased)| leased.place == Place::Journal);
    for events in [in_journal, in_tables] {
        let events: LeasedEvents = events;
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
    events: LeasedEvents,
    outcome: Outcome,
    now: UnixMillis,
    reply: oneshot::Sender<Result<(), LogError>>,
}

impl Settle {
    /// Adds to the counts of each input.
    fn count_by_input(&self, batch: &mut WriteBatch<'_>) {
        let one = match self.outcome {
            Outcome::Delivered => InputCounts {
                delivered: 1,
                ..InputCounts::default()
            },
            Outcome::DeadLettered => InputCounts {
                dead_lettered: 1,
                ..InputCounts::default()
            },
        };
        for input in self.events.iter().filter_map(|(_, leased)| leased.input) {
            batch.inputs.count(input, one, self.now);
        }
    }
}

impl Change for Settle {
    fn fits_journal(&self, shared: &Shared) -> bool {
        let (_, partition) = shared.partition_of(&self.destination);
        let partition = lock(&partition);
        let is_unflushed = |(key, _): &(u64, Leased)| partition.unflushed.contains_key(key);
        self.outcome == Outcome::Delivered && self.events.iter().all(is_unflushed)
    }

    fn needs_checkpoint(&self, shared: &Shared) -> bool {
        shared.any_unflushed(&self.destination, &self.events)
    }

    fn add_to_batch(&mut self, batch: &mut WriteBatch<'_>) {
        let keys = self.events.iter().map(|(key, _)| *key);
        batch.add_delivered(&self.destination, keys);
        self.count_by_input(batch);
    }

    fn write_to_tables(
        &mut self,
        transaction: &WriteTransaction,
        batch: &mut WriteBatch<'_>,
    ) -> Result<(), redb::Error> {
        batch.is_dirty = true;
        let names = TableNames::of(&self.destination);
        let mut freed = 0;
        {
            let mut waiting = transaction.open_table(names.waiting())?;
            let mut later = None;
            for (key, leased) in &self.events {
                let removed = match leased.place {
                    Place::Journal | Place::Waiting => waiting.remove(key)?.is_some(),
                    Place::Later(due) => {
                        let later = match &mut later {
                            Some(later) => later,
                            None => later.insert(transaction.open_table(names.later())?),
                        };
                        later.remove((due, *key))?.is_some()
                    }
                };
                freed += if removed { leased.bytes } else { 0 };
            }
        }
        batch.add_freed_bytes(&self.destination, freed);
        if self.outcome == Outcome::DeadLettered {
            let mut letter_inputs = transaction.open_table(DEAD_LETTER_INPUTS)?;
            for (key, leased) in &self.events {
                if let Some(InputId(input)) = leased.input {
                    letter_inputs.insert(key, input.as_slice())?;
                }
            }
        }
        self.count_by_input(batch);
        Ok(())
    }

    fn update_memory(&mut self, shared: &Shared) {
        shared.forget_settled(&self.destination, self.events.iter().map(|(key, _)| *key));
    }

    fn reply_done(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn reply_failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
