//! Leased events are settled and leave the log.

use std::sync::Arc;

use conversions_delivery::{InputId, LogError, UnixMillis};
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::write_batch::Draft;
use crate::inputs::Tally;
use crate::partition::{Leased, Place};
use crate::tables::{BURIED, Names};
use crate::commit_loop::Change;
use crate::shared::{Inner, LeasedEvents, lock};

/// What became of the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    DeadLettered,
}

pub(crate) struct Settle {
    pub(crate) destination: Arc<str>,
    pub(crate) events: LeasedEvents,
    pub(crate) outcome: Outcome,
    pub(crate) now: UnixMillis,
    pub(crate) reply: oneshot::Sender<Result<(), LogError>>,
}

impl Settle {
    /// Adds to the counts of each input.
    fn count(&self, draft: &mut Draft<'_>) {
        let one = match self.outcome {
            Outcome::Delivered => Tally {
                delivered: 1,
                ..Tally::default()
            },
            Outcome::DeadLettered => Tally {
                dead_lettered: 1,
                ..Tally::default()
            },
        };
        for input in self.events.iter().filter_map(|(_, leased)| leased.input) {
            draft.inputs.count(input, one, self.now);
        }
    }
}

impl Change for Settle {
    fn is_quick(&self, inner: &Inner) -> bool {
        let (_, partition) = inner.partition_of(&self.destination);
        let partition = lock(&partition);
        let is_in_tail = |(key, _): &(u64, Leased)| partition.tail.contains_key(key);
        self.outcome == Outcome::Delivered && self.events.iter().all(is_in_tail)
    }

    fn wants_absorbed(&self, inner: &Inner) -> bool {
        inner.has_in_tail(&self.destination, &self.events)
    }

    fn stage(&mut self, draft: &mut Draft<'_>) {
        let keys = self.events.iter().map(|(key, _)| *key);
        draft.deliver(&self.destination, keys);
        self.count(draft);
    }

    fn apply(
        &mut self,
        transaction: &WriteTransaction,
        draft: &mut Draft<'_>,
    ) -> Result<(), redb::Error> {
        draft.is_dirty = true;
        let names = Names::of(&self.destination);
        let mut freed = 0;
        {
            let mut waiting = transaction.open_table(names.waiting())?;
            let mut later = None;
            for (key, leased) in &self.events {
                let removed = match leased.place {
                    Place::Tail | Place::Waiting => waiting.remove(key)?.is_some(),
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
        draft.free(&self.destination, freed);
        if self.outcome == Outcome::DeadLettered {
            let mut buried = transaction.open_table(BURIED)?;
            for (key, leased) in &self.events {
                if let Some(InputId(input)) = leased.input {
                    buried.insert(key, input.as_slice())?;
                }
            }
        }
        self.count(draft);
        Ok(())
    }

    fn committed(&mut self, inner: &Inner) {
        inner.settled(&self.destination, self.events.iter().map(|(key, _)| *key));
    }

    fn answer(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
