//! The event log on disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use conversions_delivery::{AppendError, AppendGroup, Appended, Backlog, DeadLetter, EventKey, EventLog, InputId, Lease, LogError, Progress, UnixMillis, Wanted, DurableLog, Resumption};
use async_trait::async_trait;
use redb::ConcurrencyMode;
use tokio::sync::oneshot;

use crate::changes::{Absorb, Append, Outcome, PutAside, Settle};
use crate::dead_letters::DeadLetters;
use crate::opening::FoundDamage;
use crate::options::DiskLogOptions;
use crate::partition::Place;
use crate::shared::{Inner, LeasedEvents, answered, blocking, lock};
use crate::store::{Damage, End, OpenError, Storage, Store};
use crate::{inputs, lease, maintenance, opening};

/// An event log in a folder of this machine. What it has acknowledged survives the end of the process, however it ends, and the
/// loss of power.
///
/// One process at a time may have it open. Appends that come in while another is made durable share the next
/// commit. A commit is a frame of the journal, `events.journal`, with one sync; what is not delivered soon goes into the tables of
/// `events.redb`. In memory there is what is leased, the window of `messageId`s, and a small cache, however long the backlog.
///
/// It must be used within a tokio runtime: the disk is worked on in tokio's blocking threads.
pub struct DiskLog {
    pub(crate) inner: Arc<Inner>,
}

impl DiskLog {
    /// Opens the log in `folder`, or makes one there. Every page is checked, at about a second per gigabyte of backlog.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is in the way and what to do.
    pub fn open(folder: &Path, options: DiskLogOptions) -> Result<Self, OpenError> {
        opening::open(folder, options)
    }

    /// Opens a log on storage of another kind, for instance one that fails on purpose. Events and dead letters are two
    /// databases, and the journal is a file of its own.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_on(
        events: Arc<dyn Storage>,
        journal: Arc<dyn Storage>,
        dead_letters: Arc<dyn Storage>,
        options: DiskLogOptions,
    ) -> Result<Self, OpenError> {
        let letters = DeadLetters::on(
            dead_letters,
            options.dead_letters,
            ConcurrencyMode::ExclusiveWriter,
            options.reopen_after,
        )?;
        let store = Store::open(events, opening::store_options(&options))?;
        opening::with(store, journal, letters, options, None, FoundDamage::default())
    }

    /// Files that were found damaged when the log was opened. They were put aside, and the log started with fresh ones.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.inner.damage
    }

    /// The dead letters.
    #[must_use]
    pub fn dead_letters(&self) -> &DeadLetters {
        &self.inner.letters
    }

    fn all_backlogs(&self) -> BTreeMap<Arc<str>, Backlog> {
        let partitions = self.inner.partitions().clone();
        partitions
            .into_iter()
            .map(|(name, partition)| (name, lock(&partition).backlog))
            .collect()
    }

    /// Writes what is in the journal only into the tables.
    async fn absorb(&self) -> Result<(), LogError> {
        let (reply, answer) = oneshot::channel();
        self.inner.submit(Box::new(Absorb { reply }));
        answered(answer).await
    }

    /// Runs something that waits for the disk.
    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Inner) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        blocking(&self.inner, act).await
    }

    /// Settles leased events.
    async fn settle(
        &self,
        destination: &str,
        keys: impl Iterator<Item = EventKey>,
        outcome: Outcome,
        now: UnixMillis,
    ) -> Result<(), LogError> {
        let Some((destination, events)) = self.inner.leased(destination, keys) else {
            return Ok(());
        };
        // Those that are in the journal only are settled there.
        let (tail, tables) = events
            .into_iter()
            .partition(|(_, leased)| leased.place == Place::Tail);
        for events in [tail, tables] {
            let events: LeasedEvents = events;
            if events.is_empty() {
                continue;
            }
            let (reply, answer) = oneshot::channel();
            self.inner.submit(Box::new(Settle {
                destination: Arc::clone(&destination),
                events,
                outcome,
                now,
                reply,
            }));
            answered(answer).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl EventLog for DiskLog {
    async fn append(&self, group: AppendGroup, now: UnixMillis) -> Result<Appended, AppendError> {
        let (change, answer) = Append::new(group, now);
        self.inner.submit(Box::new(change));
        answered(answer).await
    }

    async fn lease(&self, wanted: Wanted<'_>, now: UnixMillis) -> Result<Lease, LogError> {
        let destination = wanted.destination.to_owned();
        let Wanted { events, bytes, .. } = wanted;
        let found = self
            .blocking(move |inner| {
                let (_, partition) = inner.partition_of(&destination);
                let mut partition = lock(&partition);
                let wanted = Wanted {
                    destination: &destination,
                    events,
                    bytes,
                };
                inner
                    .store
                    .read(|read| lease::lease(read, &mut partition, wanted, now))
            })
            .await?;
        if !found.damaged.is_empty() {
            maintenance::set_damaged_aside(self, wanted.destination, found.damaged, now).await?;
        }
        Ok(found.lease)
    }

    async fn acknowledge(
        &self,
        destination: &str,
        keys: &[EventKey],
        now: UnixMillis,
    ) -> Result<(), LogError> {
        let keys = keys.iter().copied();
        self.settle(destination, keys, Outcome::Delivered, now)
            .await
    }

    async fn release(
        &self,
        destination: &str,
        keys: &[EventKey],
        not_before: Option<UnixMillis>,
    ) -> Result<(), LogError> {
        let Some(until) = not_before else {
            let (_, partition) = self.inner.partition_of(destination);
            let mut partition = lock(&partition);
            for EventKey(key) in keys {
                partition.give_back(*key);
            }
            return Ok(());
        };
        let Some((destination, events)) = self.inner.leased(destination, keys.iter().copied())
        else {
            return Ok(());
        };
        let (reply, answer) = oneshot::channel();
        self.inner.submit(Box::new(PutAside {
            destination,
            events,
            until,
            reply,
        }));
        answered(answer).await
    }

    async fn dead_letter(&self, letters: Vec<DeadLetter>, now: UnixMillis) -> Result<(), LogError> {
        // First there, then gone here: between the two an event is in both places, never in none. What is still in the
        // log when it is opened is no dead letter.
        let mut by_destination: BTreeMap<Arc<str>, Vec<EventKey>> = BTreeMap::new();
        for letter in &letters {
            let keys = by_destination.entry(Arc::clone(&letter.destination));
            keys.or_default().push(letter.id);
        }
        let ids: Vec<_> = letters.iter().map(|letter| letter.id).collect();
        self.blocking(move |inner| inner.letters.keep(&letters))
            .await?;
        for (destination, keys) in by_destination {
            self.settle(&destination, keys.into_iter(), Outcome::DeadLettered, now)
                .await?;
        }
        // If this fails, the next opening finds out by itself.
        let confirmed = self
            .blocking(move |inner| inner.letters.confirm(&ids))
            .await;
        confirmed.or(Ok(()))
    }

    async fn backlog(&self, destination: &str) -> Result<Backlog, LogError> {
        let (_, partition) = self.inner.partition_of(destination);
        let backlog = lock(&partition).backlog;
        Ok(backlog)
    }

    async fn backlogs(&self) -> Result<BTreeMap<Arc<str>, Backlog>, LogError> {
        Ok(self.all_backlogs())
    }

    async fn publish(&self, progress: &Progress, now: UnixMillis) {
        maintenance::publish(&self.inner, progress, now).await;
    }

    async fn maintain(&self, now: UnixMillis) -> bool {
        maintenance::maintain(&self.inner, now).await
    }
}

#[async_trait]
impl DurableLog for DiskLog {
    async fn resumption(&self, input: InputId) -> Result<Option<Resumption>, LogError> {
        self.absorb().await?;
        self.blocking(move |inner| inner.store.read(|read| inputs::find(read, input)))
            .await
    }

    async fn forget_input(&self, input: InputId) -> Result<(), LogError> {
        self.absorb().await?;
        self.blocking(move |inner| {
            inner.store.write(|write| {
                inputs::forget(write, input)?;
                Ok(End::Commit(()))
            })
        })
        .await
    }

    async fn requeue_replays(&self, now: UnixMillis) -> Result<u64, LogError> {
        maintenance::requeue_replays(&self.inner, now).await
    }
}

/// Waits for what is being written, and closes the files: whoever opens them next finds them free.
impl Drop for DiskLog {
    fn drop(&mut self) {
        self.inner.writer.until_idle();
        self.inner.absorb_now();
        self.inner.reclaim_at_the_end();
        self.inner.store.close();
        self.inner.journal.put_out_of_order();
        self.inner.letters.close();
    }
}

impl std::fmt::Debug for DiskLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiskLog")
            .field("backlogs", &self.all_backlogs())
            .finish_non_exhaustive()
    }
}
