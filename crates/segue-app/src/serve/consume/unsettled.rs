//! How many records a reader has that are not settled.

use std::collections::BTreeMap;

use conversions_input::{Partition, Position};

/// Records that were handed out and are not settled, by partition.
#[derive(Debug, Default)]
pub(super) struct UnsettledCounts(BTreeMap<Partition, u64>);

impl UnsettledCounts {
    pub(super) fn is_empty(&self) -> bool {
        self.0.values().all(|count| *count == 0)
    }

    /// This many more were handed out.
    pub(super) fn add(&mut self, partition: &Partition, records: usize) {
        let records = u64::try_from(records).unwrap_or(u64::MAX);
        *self.0.entry(partition.clone()).or_default() += records;
    }

    /// These are settled, or another member's.
    pub(super) fn subtract(&mut self, positions: &[Position]) {
        for position in positions {
            if let Some(count) = self.0.get_mut(&position.partition) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// The partition is another member's.
    pub(super) fn remove(&mut self, partition: &Partition) {
        self.0.remove(partition);
    }
}
