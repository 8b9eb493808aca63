//! The event log on disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use conversions_delivery::{
    AppendError, AppendGroup, Appended, Backlog, DeadLetter, DurableLog, EventLog, InputId,
    KeyRange, Lease, LogError, Progress, Resumption, UnixMillis, Wanted,
};
use redb::ConcurrencyMode;
use tokio::sync::oneshot;

use crate::changes::{Append, Checkpoint, Defer, Outcome, settle};
use crate::commit::checkpoint_now;
use crate::commit_loop::CommitQueue;
use crate::dead_letters::DeadLetters;
use crate::lock::lock;
use crate::maintenance::{Maintenance, dead_letter_damaged, requeue_replays};
use crate::opening::FoundDamage;
use crate::options::DiskLogOptions;
use crate::reclaim::{Reclaim, reclaim_at_the_end};
use crate::shared::{Shared, run_blocking, wait_for_reply};
use crate::store::{Damage, End, OpenError, SegmentStorage, Storage, Store};
use crate::{inputs, lease, opening};

/// An event log in a folder of this machine. What it has acknowledged survives the end of the process, however it ends,
/// and the loss of power.
///
/// One process at a time may have it open. Appends that arrive while another is made durable share the next commit. A
/// commit is a record of the journal, `events-1.journal` and so on, with one sync; what is not delivered soon gets a row
/// in the tables of `events.redb`. Memory holds what is leased or in the journal only, the window of `messageId`s, and a small cache,
/// however long the backlog.
///
/// It must be used within a tokio runtime: tokio's blocking threads work on the disk.
pub struct DiskLog {
    shared: Arc<Shared>,
    queue: Arc<CommitQueue>,
    reclaim: Arc<Reclaim>,
    maintenance: Arc<Maintenance>,
}

impl DiskLog {
    /// Opens the log in `folder`, or makes one there. Every page is checked, at about a second per gigabyte of backlog.
    /// Damaged files are put aside: [`damage`](Self::damage).
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is in the way and what to do.
    pub fn open(folder: &Path, options: DiskLogOptions) -> Result<Self, OpenError> {
        opening::open(folder, options).map(Self::on)
    }

    /// Opens a log on storage of another kind, for instance one that fails on purpose. Events and dead letters are two
    /// databases, and the journal has files of its own.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_on(
        events: Arc<dyn Storage>,
        journal: Arc<dyn SegmentStorage>,
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
        let undamaged = FoundDamage::default();
        opening::open_parts(store, journal, letters, options, None, undamaged).map(Self::on)
    }

    fn on(shared: Shared) -> Self {
        let shared = Arc::new(shared);
        let reclaim = Arc::<Reclaim>::default();
        Self {
            queue: CommitQueue::new(Arc::clone(&shared), Arc::clone(&reclaim)),
            shared,
            reclaim,
            maintenance: Arc::default(),
        }
    }

    /// Files that were found damaged when the log was opened. They were put aside, and the log started with fresh ones.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.shared.damage
    }

    /// The dead letters.
    #[must_use]
    pub fn dead_letters(&self) -> &DeadLetters {
        &self.shared.letters
    }

    fn all_backlogs(&self) -> BTreeMap<Arc<str>, Backlog> {
        let partitions = self.shared.partitions().clone();
        partitions
            .into_iter()
            .map(|(name, partition)| (name, lock(&partition).backlog))
            .collect()
    }

    /// Writes what is in the journal only into the tables.
    async fn checkpoint(&self) -> Result<(), LogError> {
        let (reply, answer) = oneshot::channel();
        self.queue.submit(Box::new(Checkpoint { reply }));
        wait_for_reply(answer).await
    }
}

#[async_trait]
impl EventLog for DiskLog {
    async fn append(&self, group: AppendGroup, now: UnixMillis) -> Result<Appended, AppendError> {
        let (change, answer) = Append::new(group, now);
        self.queue.submit(Box::new(change));
        wait_for_reply(answer).await
    }

    async fn lease(&self, wanted: Wanted<'_>, now: UnixMillis) -> Result<Lease, LogError> {
        let destination = wanted.destination.to_owned();
        let Wanted { events, bytes, .. } = wanted;
        let found = run_blocking(&self.shared, move |shared| {
            let (_, partition) = shared.partition_of(&destination);
            let mut partition = lock(&partition);
            let wanted = Wanted {
                destination: &destination,
                events,
                bytes,
            };
            shared
                .store
                .read(|read| lease::lease(read, &shared.journal, &mut partition, wanted, now))
        })
        .await?;
        if !found.damaged.is_empty() {
            dead_letter_damaged(&self.queue, wanted.destination, found.damaged, now).await?;
        }
        Ok(found.lease)
    }

    async fn acknowledge(
        &self,
        destination: &str,
        keys: &[KeyRange],
        now: UnixMillis,
    ) -> Result<(), LogError> {
        settle(&self.queue, destination, keys, Outcome::Delivered, now).await
    }

    async fn release(
        &self,
        destination: &str,
        keys: &[KeyRange],
        not_before: Option<UnixMillis>,
    ) -> Result<(), LogError> {
        let Some(until) = not_before else {
            let (_, partition) = self.shared.partition_of(destination);
            let mut partition = lock(&partition);
            for range in keys {
                partition.release(&range.range());
            }
            return Ok(());
        };
        let Some((destination, events)) = self.shared.leased(destination, keys) else {
            return Ok(());
        };
        let (reply, answer) = oneshot::channel();
        self.queue.submit(Box::new(Defer {
            destination,
            events,
            until,
            reply,
        }));
        wait_for_reply(answer).await
    }

    async fn dead_letter(&self, letters: Vec<DeadLetter>, now: UnixMillis) -> Result<(), LogError> {
        // Letters and events are in two databases, so one of them comes first. The letter does: until its event is
        // removed, it is in both places, never in none. If the process dies in between, the next opening removes the
        // letter.
        let mut by_destination: BTreeMap<Arc<str>, Vec<KeyRange>> = BTreeMap::new();
        for letter in &letters {
            let keys = by_destination.entry(Arc::clone(&letter.destination));
            keys.or_default().push(KeyRange::one(letter.id));
        }
        let ids: Vec<_> = letters.iter().map(|letter| letter.id).collect();
        run_blocking(&self.shared, move |shared| shared.letters.keep(&letters)).await?;
        for (destination, keys) in by_destination {
            settle(&self.queue, &destination, &keys, Outcome::DeadLettered, now).await?;
        }
        // If this fails, the next opening finds that the events are gone, and confirms the letters.
        let confirmed = run_blocking(&self.shared, move |shared| shared.letters.confirm(&ids));
        confirmed.await.or(Ok(()))
    }

    async fn backlog(&self, destination: &str) -> Result<Backlog, LogError> {
        let (_, partition) = self.shared.partition_of(destination);
        let backlog = lock(&partition).backlog;
        Ok(backlog)
    }

    async fn backlogs(&self) -> Result<BTreeMap<Arc<str>, Backlog>, LogError> {
        Ok(self.all_backlogs())
    }

    async fn publish(&self, progress: &Progress, now: UnixMillis) {
        self.maintenance.publish(&self.shared, progress, now).await;
    }

    async fn maintain(&self, now: UnixMillis) -> bool {
        self.maintenance.run(&self.queue, &self.reclaim, now).await
    }
}

#[async_trait]
impl DurableLog for DiskLog {
    async fn resumption(&self, input: InputId) -> Result<Option<Resumption>, LogError> {
        self.checkpoint().await?;
        run_blocking(&self.shared, move |shared| {
            shared.store.read(|read| inputs::find(read, input))
        })
        .await
    }

    async fn input_lines(&self) -> Result<BTreeMap<InputId, u64>, LogError> {
        self.checkpoint().await?;
        run_blocking(&self.shared, |shared| shared.store.read(inputs::lines)).await
    }

    async fn forget_input(&self, input: InputId) -> Result<(), LogError> {
        self.checkpoint().await?;
        run_blocking(&self.shared, move |shared| {
            shared.store.write(|write| {
                inputs::forget(write, input)?;
                Ok(End::Commit(()))
            })
        })
        .await
    }

    async fn requeue_replays(&self, now: UnixMillis) -> Result<u64, LogError> {
        requeue_replays(&self.queue, now).await
    }
}

/// Waits for what is being written, and closes the files, so that they can be opened again at once.
impl Drop for DiskLog {
    fn drop(&mut self) {
        self.queue.wait_until_idle();
        checkpoint_now(&self.shared);
        reclaim_at_the_end(&self.shared);
        self.shared.store.close();
        self.shared.journal.disable();
        self.shared.letters.close();
    }
}

impl std::fmt::Debug for DiskLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiskLog")
            .field("backlogs", &self.all_backlogs())
            .finish_non_exhaustive()
    }
}
