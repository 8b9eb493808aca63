//! A commit: to the journal if that will do, to the tables otherwise.

use conversions_delivery::LogError;
use tokio::runtime::Handle;

use crate::write_batch::{Draft, Tails};
use crate::shared::{Inner, lock};
use crate::journal::JournalError;
use crate::commit_loop::Change;
use crate::store::End;

/// So many bytes of events may be in the journal only: they are in memory too. Several large commits: what is delivered while
/// the next ones are made never reaches the tables, which would cost several times as much.
const TAIL_BYTES: u64 = 8 << 20;
/// And so long may the journal get.
const JOURNAL_BYTES: u64 = 256 << 20;
/// It is begun anew before, once it is this long, as soon as little of it has to be written into the tables.
const LONG_JOURNAL_BYTES: u64 = 64 << 20;
const SHORT_TAIL_BYTES: u64 = 3 << 20;

impl Inner {
    /// Makes changes durable and answers their callers.
    pub(crate) fn commit(&self, changes: Vec<Box<dyn Change>>) {
        let is_usable = self.journal.is_usable() && !self.is_tail_over(2);
        let (quick, thorough): (Vec<_>, Vec<_>) = changes
            .into_iter()
            .partition(|change| is_usable && change.is_quick(self));
        if !quick.is_empty() {
            self.commit_to_journal(quick);
        }
        let absorbs = self.is_tail_over(1)
            || self.is_journal_over()
            || thorough.iter().any(|change| change.wants_absorbed(self));
        if absorbs || !thorough.is_empty() {
            self.commit_to_tables(thorough, absorbs);
        }
    }

    fn commit_to_journal(&self, mut changes: Vec<Box<dyn Change>>) {
        let mut draft = Draft::new(self);
        for change in &mut changes {
            change.stage(&mut draft);
        }
        let written = if draft.is_dirty {
            self.journal.write(&mut draft.page())
        } else {
            Ok(())
        };
        match written {
            Ok(()) => {
                let next_key = draft.next_key;
                let (tails, new_ids, inputs) = draft.into_tails();
                let mut ledger = self.ledger();
                ledger.next_key = next_key;
                ledger.seen.note(&new_ids.bytes);
                ledger.journaled_inputs.extend(inputs);
                drop(ledger);
                for (destination, events) in tails {
                    let (_, partition) = self.partition_of(&destination);
                    lock(&partition).extend_tail(events);
                }
                self.committed(changes);
            }
            Err(JournalError::Write(error)) => {
                let reason = error.to_string();
                self.failed(changes, &LogError::Unavailable { reason });
            }
            Err(JournalError::Sync(error)) => {
                let error = self.store.fail(error.to_string());
                self.failed(changes, &error);
            }
        }
    }

    fn commit_to_tables(&self, mut changes: Vec<Box<dyn Change>>, absorbs: bool) {
        let tails = (absorbs && self.has_unabsorbed()).then(|| self.tails());
        let result = self.store.write(|transaction| {
            let mut draft = Draft::new(self);
            draft.skip_used_keys(transaction)?;
            if let Some(tails) = &tails {
                draft.absorb(transaction, tails)?;
            }
            for change in &mut changes {
                change.apply(transaction, &mut draft)?;
            }
            if draft.is_dirty {
                draft.write(transaction)?;
                if absorbs {
                    self.ledger().seen.write(transaction, &draft.new_ids)?;
                }
            }
            let Draft {
                next_key,
                new_ids,
                is_dirty,
                ..
            } = draft;
            Ok(if is_dirty {
                End::Commit((next_key, new_ids))
            } else {
                End::Abort((next_key, new_ids))
            })
        });
        match result {
            Ok((next_key, new_ids)) => {
                let mut ledger = self.ledger();
                ledger.next_key = next_key;
                if absorbs {
                    ledger.seen.written(&new_ids);
                }
                drop(ledger);
                if let Some(tails) = tails {
                    self.absorbed(&tails);
                }
                self.committed(changes);
            }
            Err(error) => {
                // Until the tables have taken everything, nothing else may say what is in the log.
                self.journal.put_out_of_order();
                if absorbs {
                    self.rest_from_appending(&error);
                }
                self.failed(changes, &error);
            }
        }
    }

    /// Changes are durable. Their callers are told by a task of the runtime, among its others: each of them would have to be
    /// woken from here at the price of a system call.
    fn committed(&self, mut changes: Vec<Box<dyn Change>>) {
        for change in &mut changes {
            change.committed(self);
        }
        let answer = move || changes.into_iter().for_each(Change::answer);
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move { answer() })),
            Err(_) => answer(),
        }
    }

    fn failed(&self, changes: Vec<Box<dyn Change>>, error: &LogError) {
        if changes.iter().any(|change| change.size() > 0) {
            self.rest_from_appending(error);
        }
        for change in changes {
            change.failed(error.clone());
        }
    }

    /// Whether something is in the journal only, or the journal has to be begun anew.
    fn has_unabsorbed(&self) -> bool {
        !self.journal.is_empty() || !self.journal.is_usable()
    }

    /// What is in the journal only.
    fn tails(&self) -> Tails {
        let partitions = self.partitions().clone();
        let tails = partitions.into_iter().map(|(name, partition)| {
            let tail = lock(&partition).tail.clone();
            (name, tail.into_iter().collect::<Vec<_>>())
        });
        tails.filter(|(_, tail)| !tail.is_empty()).collect()
    }

    /// Whether more is in the journal only than there should be, times so many.
    fn is_tail_over(&self, times: u64) -> bool {
        let limit = TAIL_BYTES.min(self.options.disk_bytes / 16) * times;
        // What is not settled is a part of the journal.
        self.journal.bytes() > limit && self.tail_bytes() > limit
    }

    /// Whether the journal has to be begun anew, or may be at little cost.
    fn is_journal_over(&self) -> bool {
        let limit = self.options.disk_bytes / 8;
        let bytes = self.journal.bytes();
        bytes > JOURNAL_BYTES.min(limit)
            || bytes > LONG_JOURNAL_BYTES.min(limit) && self.tail_bytes() < SHORT_TAIL_BYTES
    }

    /// Bytes of events that are in the journal only.
    fn tail_bytes(&self) -> u64 {
        let partitions = self.partitions().clone();
        let bytes = partitions
            .values()
            .map(|partition| lock(partition).tail_bytes);
        bytes.sum()
    }

    /// Everything is in the tables.
    fn absorbed(&self, tails: &Tails) {
        for (destination, _) in tails {
            let (_, partition) = self.partition_of(destination);
            lock(&partition).absorbed();
        }
        self.ledger().journaled_inputs = super::inputs::InputChanges::default();
        self.journal.begin_anew();
    }

    /// Writes everything into the tables, without being asked by a change. After a failure it stays where it is.
    pub(crate) fn absorb_now(&self) {
        if self.store.is_open() && self.has_unabsorbed() {
            self.commit_to_tables(Vec::new(), true);
        }
    }
}
