//! How far the log on disk has the records of each partition.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use conversions_delivery::dedup::DedupKey;
use conversions_delivery::{DurableLog, InputId, InputOffset, LogError};
use conversions_input::{Checkpoints, Partition};

/// What sets the positions of brokers apart from those of files.
const TAG: [u8; 4] = *b"brkr";

/// The positions that the log on disk keeps with the events, by consumer group and partition.
///
/// They are kept in the same step as the events. So a process that is killed before it has told the broker reads on behind
/// what is stored.
pub(super) struct StoredOffsets {
    group: String,
    log: Weak<dyn DurableLog>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The offset from which to read on.
    next: BTreeMap<InputId, u64>,
    /// Partitions of topics that were made anew, whose positions the log still has.
    outdated: BTreeSet<InputId>,
}

/// The group.
impl fmt::Debug for StoredOffsets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredOffsets")
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

impl StoredOffsets {
    /// The positions of a consumer group.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    pub(super) async fn read(log: &Arc<dyn DurableLog>, group: &str) -> Result<Self, LogError> {
        let state = State {
            next: log.input_lines().await?,
            outdated: BTreeSet::new(),
        };
        Ok(Self {
            group: group.to_owned(),
            log: Arc::downgrade(log),
            state: Mutex::new(state),
        })
    }

    /// Makes the log forget the partition's position if its topic was made anew: the log keeps the greatest position of a
    /// partition, and the new topic begins at 0.
    ///
    /// # Errors
    ///
    /// When the log cannot be written. The call may be repeated.
    pub(super) async fn forget_outdated(&self, partition: &Partition) -> Result<(), LogError> {
        let id = self.id(partition);
        let is_outdated = self.state().outdated.contains(&id);
        let Some(log) = self.log.upgrade().filter(|_| is_outdated) else {
            return Ok(());
        };
        log.forget_input(id).await?;
        self.state().outdated.remove(&id);
        Ok(())
    }

    /// What the log is to keep with events, when all records before `next` are in it.
    pub(super) fn offset(&self, partition: &Partition, next: u64) -> InputOffset {
        InputOffset {
            input: self.id(partition),
            line: next,
            note: Bytes::new(),
        }
    }

    /// The log has kept it.
    pub(super) fn advance(&self, offset: &InputOffset) {
        let mut state = self.state();
        let known = state.next.entry(offset.input).or_default();
        *known = offset.line.max(*known);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self, partition: &Partition) -> InputId {
        let digest = DedupKey::new(&self.group, &partition.to_string());
        let mut id = [0; 16];
        for (byte, of_id) in id.iter_mut().zip(digest.0.iter().chain(&TAG)) {
            *byte = *of_id;
        }
        InputId(id)
    }
}

impl Checkpoints for StoredOffsets {
    fn next_offset(&self, partition: &Partition) -> Option<u64> {
        self.state().next.get(&self.id(partition)).copied()
    }

    fn discard(&self, partition: &Partition) {
        let id = self.id(partition);
        let mut state = self.state();
        if state.next.remove(&id).is_some() {
            state.outdated.insert(id);
        }
    }
}
