//! Where reading begins.

use std::fmt::Debug;

use crate::position::Partition;

/// Where a group begins that has not committed anything yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// With the oldest record that the broker still has.
    #[default]
    Earliest,
    /// With the first record that comes after the group was made. What is there already is never read.
    Latest,
}

/// How far a caller has stored records in a place of its own, such as a log on disk.
///
/// When a partition is assigned, its input begins at the larger of what the broker has committed and what this says: a
/// process that died between its own commit and the broker's does not take records twice. An offset that the partition has
/// not reached yet is [discarded](Self::discard).
pub trait Checkpoints: Debug + Send + Sync {
    /// The offset from which to read on: all records before it are stored. `None` when nothing is known of the
    /// partition. It is asked from a thread that polls the broker, and should answer from memory.
    fn next_offset(&self, partition: &Partition) -> Option<u64>;

    /// The partition ends before [`next_offset`](Self::next_offset), so that is no position of it: its topic was deleted and
    /// made anew. Reading begins at what is committed, and the caller should forget what it has stored. It is called from a
    /// thread that polls the broker.
    fn discard(&self, partition: &Partition) {
        let _ = partition;
    }
}

/// What the caller has stored of a partition that ends here; `None`, and discarded, when the partition has not reached it.
pub(crate) fn next_up_to(
    checkpoints: &dyn Checkpoints,
    partition: &Partition,
    end: u64,
) -> Option<u64> {
    let next = checkpoints.next_offset(partition)?;
    if next > end {
        checkpoints.discard(partition);
    }
    (next <= end).then_some(next)
}
