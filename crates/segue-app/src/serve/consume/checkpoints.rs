//! How far the log on disk has the records of each partition.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

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
#[derive(Debug)]
pub(super) struct StoredOffsets {
    group: String,
    /// The offset from which to read on.
    next: Mutex<BTreeMap<InputId, u64>>,
}

impl StoredOffsets {
    /// The positions of a consumer group.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    pub(super) async fn read(log: &dyn DurableLog, group: &str) -> Result<Self, LogError> {
        Ok(Self {
            group: group.to_owned(),
            next: Mutex::new(log.input_lines().await?),
        })
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
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let known = next.entry(offset.input).or_default();
        *known = offset.line.max(*known);
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
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.get(&self.id(partition)).copied()
    }
}
