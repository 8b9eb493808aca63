//! The event log in memory: bounded, and gone with the process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::append::{AppendGroup, Appended, AppendedFrame};
use crate::backlog::Backlog;
use crate::dead_letter::DeadLetter;
use crate::dedup::{DedupOptions, DedupWindow};
use crate::event::EventKey;
use crate::key_set::KeyRange;
use crate::log::{AppendError, EventLog, Lease, LogError, Wanted};
use crate::time::UnixMillis;

mod partition;
use partition::Partition;

/// How much a [`MemoryLog`] may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLogOptions {
    /// Events per destination.
    pub events: u64,
    /// Bytes of events per destination.
    pub bytes: u64,
    /// Dead letters that are kept for [`MemoryLog::dead_letters`]; the latest.
    pub dead_letters: usize,
    /// The window in which a repeated `messageId` is a duplicate.
    pub dedup: DedupOptions,
    /// The key of the first event. A program that keeps records of events by key chooses one that no earlier process has
    /// used.
    pub first_key: EventKey,
}

impl Default for MemoryLogOptions {
    /// 20,000 events and 16 MB per destination, 10,000 dead letters.
    fn default() -> Self {
        Self {
            events: 20_000,
            bytes: 16_000_000,
            dead_letters: 10_000,
            dedup: DedupOptions::default(),
            first_key: EventKey(1),
        }
    }
}

/// An event log in memory. When a destination's share is used up, [`append`](EventLog::append) waits until there is
/// room again: the reader of a file is slowed down to the speed of delivery, and memory stays bounded.
///
/// A group that is larger than the whole share is appended when the destination has no other events.
#[derive(Debug)]
pub struct MemoryLog {
    options: MemoryLogOptions,
    state: Mutex<State>,
    room: Notify,
}

#[derive(Debug)]
struct State {
    next_key: u64,
    partitions: BTreeMap<Arc<str>, Partition>,
    dedup: DedupWindow,
    dead_letters: std::collections::VecDeque<DeadLetter>,
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::new(MemoryLogOptions::default())
    }
}

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new(options: MemoryLogOptions) -> Self {
        Self {
            options,
            state: Mutex::new(State {
                next_key: options.first_key.0,
                partitions: BTreeMap::new(),
                dedup: DedupWindow::new(options.dedup),
                dead_letters: std::collections::VecDeque::new(),
            }),
            room: Notify::new(),
        }
    }

    /// The dead letters, oldest first; at most [`MemoryLogOptions::dead_letters`], the latest.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.state().dead_letters.iter().cloned().collect()
    }

    /// Removes leased events, as [`acknowledge`](EventLog::acknowledge) does, for callers that cannot wait.
    pub fn forget(&self, destination: &str, keys: &[KeyRange]) {
        if let Some(partition) = self.state().partitions.get_mut(destination) {
            partition.settle(keys);
        }
        self.room.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends if every destination of the group has room; gives the group back otherwise.
    fn try_append(&self, group: AppendGroup, now: UnixMillis) -> Result<Appended, AppendGroup> {
        let mut state = self.state();
        if !state.has_room(&group, &self.options) {
            return Err(group);
        }
        Ok(state.append(group, now))
    }
}

impl State {
    fn has_room(&self, group: &AppendGroup, options: &MemoryLogOptions) -> bool {
        let mut added: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for frame in &group.frames {
            let (events, bytes) = added.entry(frame.destination()).or_default();
            *events += u64::try_from(frame.len()).unwrap_or(u64::MAX);
            *bytes += u64::try_from(frame.event_bytes()).unwrap_or(u64::MAX);
        }
        added.into_iter().all(|(destination, (events, bytes))| {
            let held = self
                .partitions
                .get(destination)
                .map(Partition::backlog)
                .unwrap_or_default();
            held.events == 0
                || (held.events + events <= options.events && held.bytes + bytes <= options.bytes)
        })
    }

    fn append(&mut self, group: AppendGroup, now: UnixMillis) -> Appended {
        let frames = group.frames.into_iter().map(|frame| {
            let appended = AppendedFrame {
                first_key: EventKey(self.next_key),
                events: frame.len(),
                duplicates: self.dedup.insert_frame(&frame, now),
            };
            self.next_key += u64::try_from(frame.len()).unwrap_or(u64::MAX);
            match self.partitions.get_mut(&**frame.destination()) {
                Some(partition) => partition.insert(frame, &appended, now),
                None => self
                    .partitions
                    .entry(Arc::clone(frame.destination()))
                    .or_default()
                    .insert(frame, &appended, now),
            }
            appended
        });
        Appended {
            frames: frames.collect(),
        }
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(
        &self,
        mut group: AppendGroup,
        now: UnixMillis,
    ) -> Result<Appended, AppendError> {
        loop {
            let mut room = std::pin::pin!(self.room.notified());
            // Registered before looking, so that room made in between is not missed.
            room.as_mut().enable();
            match self.try_append(group, now) {
                Ok(appended) => return Ok(appended),
                Err(refused) => group = refused,
            }
            room.await;
        }
    }

    async fn lease(&self, wanted: Wanted<'_>, now: UnixMillis) -> Result<Lease, LogError> {
        let mut state = self.state();
        Ok(state
            .partitions
            .get_mut(wanted.destination)
            .map(|partition| partition.lease(wanted, now))
            .unwrap_or_default())
    }

    async fn acknowledge(
        &self,
        destination: &str,
        keys: &[KeyRange],
        _now: UnixMillis,
    ) -> Result<(), LogError> {
        self.forget(destination, keys);
        Ok(())
    }

    async fn release(
        &self,
        destination: &str,
        keys: &[KeyRange],
        not_before: Option<UnixMillis>,
    ) -> Result<(), LogError> {
        if let Some(partition) = self.state().partitions.get_mut(destination) {
            partition.release(keys, not_before);
        }
        Ok(())
    }

    async fn dead_letter(
        &self,
        letters: Vec<DeadLetter>,
        _now: UnixMillis,
    ) -> Result<(), LogError> {
        let mut state = self.state();
        for letter in letters {
            if let Some(partition) = state.partitions.get_mut(&letter.destination) {
                partition.settle(&[KeyRange::one(letter.id)]);
            }
            state.dead_letters.push_back(letter);
        }
        let surplus = state
            .dead_letters
            .len()
            .saturating_sub(self.options.dead_letters);
        state.dead_letters.drain(..surplus);
        drop(state);
        self.room.notify_waiters();
        Ok(())
    }

    async fn backlog(&self, destination: &str) -> Result<Backlog, LogError> {
        Ok(self
            .state()
            .partitions
            .get(destination)
            .map(Partition::backlog)
            .unwrap_or_default())
    }

    async fn backlogs(&self) -> Result<BTreeMap<Arc<str>, Backlog>, LogError> {
        let state = self.state();
        let backlogs = state.partitions.iter();
        Ok(backlogs
            .map(|(name, partition)| (Arc::clone(name), partition.backlog()))
            .collect())
    }
}

#[cfg(test)]
mod tests;
