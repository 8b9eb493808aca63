//! What the log and its commits share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use super::DiskLogOptions;
use super::housekeeping::Chores;
use super::inputs::InputChanges;
use super::journal::Journal;
use super::partition::{Leased, Partition};
use super::seen::Seen;
use super::writer::Writer;
use crate::dead_letters::DeadLetters;
use crate::log::{EventKey, LogError};
use crate::store::{Folder, Store};
use crate::time::UnixMillis;

/// What the log and its commits share.
pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) journal: Journal,
    pub(super) letters: DeadLetters,
    pub(super) options: DiskLogOptions,
    pub(super) folder: Option<Folder>,
    pub(super) ledger: Mutex<Ledger>,
    /// Never locked while the store is at work, which may have to wait for all who use it.
    pub(super) partitions: Mutex<BTreeMap<Arc<str>, Arc<Mutex<Partition>>>>,
    /// Bytes of all events.
    pub(super) held_bytes: AtomicU64,
    pub(super) writer: Writer,
    /// Set when appending has failed: what is in the log is delivered for a while, without being disturbed by more.
    pub(super) append_trouble: Mutex<Option<AppendTrouble>>,
    pub(super) chores: Mutex<Chores>,
}

/// Why nothing is appended for a while.
pub(super) struct AppendTrouble {
    pub(super) until: Instant,
    pub(super) error: LogError,
}

/// Keys of leased events, and what is needed to settle them.
pub(super) type LeasedEvents = Vec<(u64, Leased)>;

/// What belongs to the whole log.
pub(super) struct Ledger {
    pub(super) next_key: u64,
    pub(super) seen: Seen,
    /// What the journal says of inputs.
    pub(super) journaled_inputs: InputChanges,
}

impl Inner {
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    pub(super) fn partitions(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Arc<Mutex<Partition>>>> {
        lock(&self.partitions)
    }

    /// A destination's events; made when it has none yet.
    pub(super) fn partition_of(&self, destination: &str) -> (Arc<str>, Arc<Mutex<Partition>>) {
        let mut partitions = self.partitions();
        if let Some((name, partition)) = partitions.get_key_value(destination) {
            return (Arc::clone(name), Arc::clone(partition));
        }
        let name: Arc<str> = Arc::from(destination);
        let partition = Arc::new(Mutex::new(Partition::new(destination)));
        partitions.insert(Arc::clone(&name), Arc::clone(&partition));
        (name, partition)
    }

    /// What is known of leased events; `None` when none of them is leased.
    pub(super) fn leased(
        &self,
        destination: &str,
        keys: impl Iterator<Item = EventKey>,
    ) -> Option<(Arc<str>, LeasedEvents)> {
        let (name, partition) = self.partition_of(destination);
        let partition = lock(&partition);
        let events: Vec<_> = keys
            .filter_map(|EventKey(key)| Some((key, *partition.leased.get(&key)?)))
            .collect();
        (!events.is_empty()).then_some((name, events))
    }

    /// Whether one of these is in the journal only.
    pub(super) fn has_in_tail(&self, destination: &str, events: &LeasedEvents) -> bool {
        let (_, partition) = self.partition_of(destination);
        let partition = lock(&partition);
        events
            .iter()
            .any(|(key, _)| partition.tail.contains_key(key))
    }

    /// A commit that was to append events has failed.
    pub(super) fn rest_from_appending(&self, error: &LogError) {
        if matches!(error, LogError::Unavailable { .. }) {
            *lock(&self.append_trouble) = Some(AppendTrouble {
                until: Instant::now() + self.options.reopen_after * 5,
                error: error.clone(),
            });
        }
    }

    /// Events were committed.
    pub(super) fn grew(
        &self,
        destination: &str,
        events: u64,
        later: u64,
        bytes: u64,
        now: UnixMillis,
    ) {
        let (_, partition) = self.partition_of(destination);
        lock(&partition).grew(events, later, bytes, now);
        self.held_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Events are gone from the disk.
    pub(super) fn settled(&self, destination: &str, keys: impl Iterator<Item = u64>) {
        let (_, partition) = self.partition_of(destination);
        let mut partition = lock(&partition);
        let freed: u64 = keys.map(|key| partition.settled(key)).sum();
        drop(partition);
        self.held_bytes.fetch_sub(freed, Ordering::Relaxed);
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn blocking<T: Send + 'static>(
    inner: &Arc<Inner>,
    act: impl FnOnce(&Inner) -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    let inner = Arc::clone(inner);
    let done = tokio::task::spawn_blocking(move || act(&inner)).await;
    done.unwrap_or_else(|_| Err(broken_off()))
}

/// Waits for a commit's answer.
pub(super) async fn answered<T, E: From<LogError>>(
    answer: oneshot::Receiver<Result<T, E>>,
) -> Result<T, E> {
    answer.await.unwrap_or_else(|_| Err(broken_off().into()))
}

/// A commit that broke down leaves nobody knowing what was written.
pub(super) fn broken_off() -> LogError {
    LogError::Failed {
        reason: "work on the log broke off".to_owned(),
    }
}
