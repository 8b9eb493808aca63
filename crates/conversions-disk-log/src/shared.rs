//! The parts of an open log that commits, leases and maintenance work on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use conversions_delivery::{KeyRange, LogError};
use tokio::sync::oneshot;

use crate::dead_letters::DeadLetters;
use crate::dedup::DedupIndex;
use crate::inputs::InputChanges;
use crate::journal::Journal;
use crate::leased_frames::LeasedSlice;
use crate::lock::lock;
use crate::options::DiskLogOptions;
use crate::partition::Partition;
use crate::segment_use::SegmentUse;
use crate::store::{Damage, Folder, Store};
use crate::unflushed::UnflushedRows;

/// The parts of an open log.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) letters: DeadLetters,
    pub(crate) options: DiskLogOptions,
    pub(crate) folder: Option<Folder>,
    /// What was found damaged when the log was opened.
    pub(crate) damage: Vec<Damage>,
    pub(crate) state: Mutex<LogState>,
    /// The map is locked for a look-up only, and never while the store is at work: the store may have to wait for its
    /// readers, and they lock a partition.
    pub(crate) partitions: Mutex<BTreeMap<Arc<str>, Arc<Mutex<Partition>>>>,
    /// Bytes of all events.
    pub(crate) held_bytes: AtomicU64,
    /// Set when an append has failed. While it lasts, appends are refused at once: room and the disk's time are left to
    /// the delivery of what is in the log.
    pub(crate) append_cooldown: Mutex<Option<AppendCooldown>>,
}

/// Why nothing is appended for a while.
pub(crate) struct AppendCooldown {
    pub(crate) until: Instant,
    pub(crate) error: LogError,
}

/// What belongs to the whole log rather than to one destination.
pub(crate) struct LogState {
    pub(crate) next_key: u64,
    pub(crate) dedup: DedupIndex,
    /// Changes of inputs that are in the journal and not yet in the tables.
    pub(crate) journaled_inputs: InputChanges,
    /// Which segments of the journal rows of the tables are in.
    pub(crate) segments: SegmentUse,
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, LogState> {
        lock(&self.state)
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
        keys: &[KeyRange],
    ) -> Option<(Arc<str>, Vec<LeasedSlice>)> {
        let (name, partition) = self.partition_of(destination);
        let events = lock(&partition).leased.parts(keys);
        (!events.is_empty()).then_some((name, events))
    }

    /// Whether one of these is in the journal only.
    pub(crate) fn any_unflushed(&self, destination: &str, events: &[LeasedSlice]) -> bool {
        let (_, partition) = self.partition_of(destination);
        let partition = lock(&partition);
        let mut first_keys = events.iter().map(|slice| slice.keys.start);
        first_keys.any(|key| partition.unflushed.contains(key))
    }

    /// Refuses appends for a while after a commit that was to append events has failed.
    pub(crate) fn start_append_cooldown(&self, error: &LogError) {
        if matches!(error, LogError::Unavailable { .. }) {
            *lock(&self.append_cooldown) = Some(AppendCooldown {
                // Several tries of the store fall into it, so that deliveries get through before more comes in.
                until: Instant::now() + self.options.reopen_after * 5,
                error: error.clone(),
            });
        }
    }

    /// Forgets settled events.
    pub(crate) fn forget_settled<'a>(
        &self,
        destination: &str,
        settled: impl Iterator<Item = &'a LeasedSlice>,
    ) {
        let (_, partition) = self.partition_of(destination);
        let mut partition = lock(&partition);
        let freed: u64 = settled
            .map(|slice| partition.forget_settled(&slice.keys))
            .sum();
        drop(partition);
        self.held_bytes.fetch_sub(freed, Ordering::Relaxed);
    }

    /// What becomes rows of the frames that are in the journal only.
    pub(crate) fn unflushed(&self) -> UnflushedFrames {
        let partitions = self.partitions().clone();
        let unflushed = partitions
            .into_iter()
            .map(|(name, partition)| (name, lock(&partition).unflushed.rows()));
        unflushed.filter(|(_, frames)| !frames.is_empty()).collect()
    }

    /// Bytes of frames in memory, which are in the journal only.
    pub(crate) fn unflushed_bytes(&self) -> u64 {
        let partitions = self.partitions().clone();
        let bytes = partitions
            .values()
            .map(|partition| lock(partition).unflushed.bytes());
        bytes.sum()
    }

    /// Whether something is in the journal only, or the journal needs a checkpoint before it can be used again.
    pub(crate) fn has_unflushed(&self) -> bool {
        self.journal.has_unflushed() || !self.journal.is_usable()
    }
}

/// What is in the journal and not in the tables, by destination.
pub(crate) type UnflushedFrames = Vec<(Arc<str>, Vec<UnflushedRows>)>;

/// Runs work that waits for the disk on a thread that may block.
pub(crate) async fn run_blocking<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&Shared) -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    let shared = Arc::clone(shared);
    let done = tokio::task::spawn_blocking(move || work(&shared)).await;
    done.unwrap_or_else(|_| Err(worker_lost()))
}

/// Waits for a commit's reply.
pub(crate) async fn wait_for_reply<T, E: From<LogError>>(
    reply: oneshot::Receiver<Result<T, E>>,
) -> Result<T, E> {
    reply.await.unwrap_or_else(|_| Err(worker_lost().into()))
}

/// The thread that was to commit panicked, or its runtime ended: it is unknown what it has written.
fn worker_lost() -> LogError {
    LogError::Failed {
        reason: "work on the log broke off".to_owned(),
    }
}
