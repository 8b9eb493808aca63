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
/// process that died between its own commit and the broker's does not take records twice.
pub trait Checkpoints: Debug + Send + Sync {
    /// The offset from which to read on: all records before it are stored. `None` when nothing is known of the
    /// partition. It is asked from a thread that polls the broker, and should answer from memory.
    fn next_offset(&self, partition: &Partition) -> Option<u64>;
}
