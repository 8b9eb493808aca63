//! What a broker hands out.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;

use crate::position::Position;

/// One record of a topic, or one message of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Where it stands.
    pub position: Position,
    /// What it holds.
    pub payload: Payload,
    /// When the broker or the producer says that it was written; `None` when neither says.
    pub timestamp: Option<Timestamp>,
    /// How often the broker has handed it out, this time included; `None` where the broker does not count, as Kafka.
    pub deliveries: Option<u64>,
}

impl Record {
    /// A record without a time, whose deliveries nobody counts.
    #[must_use]
    pub fn new(position: Position, payload: Payload) -> Self {
        Self {
            position,
            payload,
            timestamp: None,
            deliveries: None,
        }
    }
}

/// What a record holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Payload {
    /// Bytes, of any contents and any size.
    Bytes(Bytes),
    /// Nothing: a record without a value, by which compacted topics delete a key.
    Tombstone,
}

impl Payload {
    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Tombstone => 0,
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The size only: a record holds personal data.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Tombstone => f.write_str("Tombstone"),
        }
    }
}
