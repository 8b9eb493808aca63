//! What the log and its commits share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use conversions_delivery::{EventKey, LogError, UnixMillis};
use tokio::sync::oneshot;

use crate::options::DiskLogOptions;
use crate::maintenance::Chores;
use crate::inputs::InputChanges;
use crate::journal::Journal;
use crate::partition::{Leased, Partition};
use crate::dedup::Seen;
use crate::commit_loop::Writer;
use crate::dead_letters::DeadLetters;
use crate::store::{Damage, Folder, Store};

/// What the log and its commits share.
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) letters: DeadLetters,
    pub(crate) options: DiskLogOptions,
    pub(crate) folder: Option<Folder>,
    /// What was found damaged when the log was opened.
    pub(crate) damage: Vec<Damage>,
    pub(crate) ledger: Mutex<Ledger>,
    /// Never locked while the store is at work, which may have to wait for all who use it.
    pub(crate) partitions: Mutex<BTreeMap<Arc<str>, Arc<Mutex<Partition>>>>,
    /// Bytes of all events.
    pub(crate) held_bytes: AtomicU64,
    pub(crate) writer: Writer,
    /// Set when appending has failed: what is in the log is delivered for a while, without being disturbed by more.
    pub(crate) append_trouble: Mutex<Option<AppendTrouble>>,
    pub(crate) chores: Mutex<Chores>,
}

/// Why nothing is appended for a while.
pub(crate) struct AppendTrouble {
    pub(crate) until: Instant,
    pub(crate) error: LogError,
}

/// Keys of leased events, and what is needed to settle them.
pub(crate) type LeasedEvents = Vec<(u64, Leased)>;

/// What belongs to the whole log.
pub(crate) struct Ledger {
    pub(crate) next_key: u64,
    pub(crate) seen: Seen,
    /// What the journal says of inputs.
    pub(crate) journaled_inputs: InputChanges,
}

impl Inner {
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    pub(crate) fn partitions(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Arc<Mutex<Partition>>>> {
        lock(&self.partitions)
    }

    /// A destination's events; made when it has none yet.
    pub(crate) fn partition_of(&self, destination: &str) -> (Arc<str>, Arc<Mutex<Partition>>) {
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
    pub(crate) fn leased(
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
    pub(crate) fn has_in_tail(&self, destination: &str, events: &LeasedEvents) -> bool {
        let (_, partition) = self.partition_of(destination);
        let partition = lock(&partition);
        events
            .iter()
            .any(|(key, _)| partition.tail.contains_key(key))
    }

    /// A commit that was to append events has failed.
    pub(crate) fn rest_from_appending(&self, error: &LogError) {
        if matches!(error, LogError::Unavailable { .. }) {
            *lock(&self.append_trouble) = Some(AppendTrouble {
                until: Instant::now() + self.options.reopen_after * 5,
                error: error.clone(),
            });
        }
    }

    /// Events were committed.
    pub(crate) fn grew(
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
    pub(crate) fn settled(&self, destination: &str, keys: impl Iterator<Item = u64>) {
        let (_, partition) = self.partition_of(destination);
        let mut partition = lock(&partition);
        let freed: u64 = keys.map(|key| partition.settled(key)).sum();
        drop(partition);
        self.held_bytes.fetch_sub(freed, Ordering::Relaxed);
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) async fn blocking<T: Send + 'static>(
    inner: &Arc<Inner>,
    act: impl FnOnce(&Inner) -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    let inner = Arc::clone(inner);
    let done = tokio::task::spawn_blocking(move || act(&inner)).await;
    done.unwrap_or_else(|_| Err(broken_off()))
}

/// Waits for a commit's answer.
pub(crate) async fn answered<T, E: From<LogError>>(
    answer: oneshot::Receiver<Result<T, E>>,
) -> Result<T, E> {
    answer.await.unwrap_or_else(|_| Err(broken_off().into()))
}

/// A commit that broke down leaves nobody knowing what was written.
pub(crate) fn broken_off() -> LogError {
    LogError::Failed {
        reason: "work on the log broke off".to_owned(),
    }
}
