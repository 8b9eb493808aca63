//! The trait that every input implements.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::InputError;
use crate::position::{Partition, Position};
use crate::record::{Payload, Record};

/// Records from a broker, each of which is to be settled.
///
/// One task calls [`next`](Self::next); any task may settle. Between two calls the input stays a member of its group, and
/// keeps what it has handed out, however long that takes. What is not settled comes again after a restart, here or at
/// another member of the group.
#[async_trait]
pub trait Input: Debug + Send + Sync {
    /// Waits for records. Those of one partition come in their order.
    ///
    /// It waits without end while nothing arrives, while reading is [paused](Self::pause), and while more is unsettled
    /// than [`Limits`](crate::Limits) allow. A call that is dropped before it returns loses nothing.
    ///
    /// # Errors
    ///
    /// What is wrong with the broker. Call again, unless [`InputError::is_fatal`].
    async fn next(&self) -> Result<Arrival, InputError>;

    /// These records are done: delivered, stored, or not wanted. They may come in any order, and more than once.
    ///
    /// A Kafka input returns at once; it commits each second, when a partition is revoked and when it leaves, and
    /// only up to the first record that is not settled. A `JetStream` input acknowledges each message, and returns when the
    /// server has confirmed it. Positions that were not handed out, or belong to a revoked partition, are ignored.
    ///
    /// # Errors
    ///
    /// The broker did not confirm it. The records may come again; the call may be repeated.
    async fn settle(&self, positions: &[Position]) -> Result<(), InputError>;

    /// Writes a record, or a part of one, to where rejected records go: the topic or subject named as the record's own with
    /// `.segue-dead` behind it. Position and reason travel in the headers `segue-position` and `segue-reason`.
    ///
    /// Returns when the broker has confirmed it. It does not settle the record: several parts of a record may be rejected
    /// one by one. A payload that is larger than the broker takes is left out, and the header `segue-left-out` says its
    /// number of bytes.
    ///
    /// Callers that keep rejected records elsewhere, such as in a file, do not call this.
    ///
    /// # Errors
    ///
    /// [`InputError::Reject`] when the broker did not confirm it. The call may be repeated.
    async fn reject(&self, rejection: Rejection) -> Result<(), InputError>;

    /// Forgets those of these records that another member may have by now, and returns them: the broker has heard nothing of
    /// them for too long, since this process stood still or was cut off. They come again, here or there. Call it before what
    /// cannot be taken back, such as a request, when that may be long after the records came.
    ///
    /// A `JetStream` input knows. By default none are returned: whoever reads from Kafka learns by
    /// [`Arrival::Revoked`] that a partition is gone.
    fn take_expired(&self, positions: &[Position]) -> Vec<Position> {
        let _ = positions;
        Vec::new()
    }

    /// Stops reading. The input stays in its group, and keeps what it has handed out.
    fn pause(&self);

    /// Goes on reading after [`pause`](Self::pause).
    fn resume(&self);

    /// Number of records that the broker has for this member and that are not settled, as far as is known; `None` when
    /// nothing is known yet. Gaps between offsets count as records.
    ///
    /// # Errors
    ///
    /// The broker does not say.
    async fn lag(&self) -> Result<Option<u64>, InputError>;

    /// Tells the broker what is settled, gives back the rest, and leaves the group, so that others need not wait for a
    /// timeout. Settle what can be settled before. After this every call fails with [`InputError::Left`].
    ///
    /// # Errors
    ///
    /// The broker did not confirm it: some settled records may come again. The input has been left anyway.
    async fn leave(&self) -> Result<(), InputError>;
}

/// What [`Input::next`] returns.
#[derive(Debug)]
#[non_exhaustive]
pub enum Arrival {
    /// Records, at least one.
    Records(Vec<Record>),
    /// Partitions that another member of the group is to have. Records of these that are not handed out yet are
    /// forgotten.
    Revoked {
        /// The partitions.
        partitions: Vec<Partition>,
        /// How long the input waits for their records to be settled. What is not settled by then goes to the other
        /// member. Zero when they are lost already.
        within: Duration,
    },
}

/// A record, or a part of one, that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Where the record stands.
    pub position: Position,
    /// Why it cannot be used, in words without any value of the record.
    pub reason: String,
    /// What was rejected.
    pub payload: Payload,
}
