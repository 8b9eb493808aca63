//! Where a record stands.

use std::fmt;
use std::sync::Arc;

/// A sequence of records in which order is kept: a partition of a Kafka topic, or a stream of `JetStream`.
///
/// Cloning it copies a pointer.
///
/// ```
/// use conversions_input::Partition;
///
/// assert_eq!(Partition::of_topic("orders", 3).to_string(), "orders/3");
/// assert_eq!(Partition::of_stream("ORDERS").to_string(), "ORDERS");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    /// The name of the topic or stream.
    pub name: Arc<str>,
    /// The number of the partition; a stream has none.
    pub number: Option<u32>,
}

impl Partition {
    /// A partition of a topic.
    #[must_use]
    pub fn of_topic(topic: impl Into<Arc<str>>, number: u32) -> Self {
        Self {
            name: topic.into(),
            number: Some(number),
        }
    }

    /// A stream, which is one partition.
    #[must_use]
    pub fn of_stream(stream: impl Into<Arc<str>>) -> Self {
        Self {
            name: stream.into(),
            number: None,
        }
    }

    /// The position at this offset.
    #[must_use]
    pub fn at(&self, offset: u64) -> Position {
        Position {
            partition: self.clone(),
            offset,
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "{}/{number}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// The place of one record, which no other record has: `orders/3 at 123`.
///
/// ```
/// use conversions_input::Partition;
///
/// assert_eq!(Partition::of_topic("orders", 3).at(123).to_string(), "orders/3 at 123");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The partition.
    pub partition: Partition,
    /// The record's offset in a Kafka partition, or its sequence in a stream. It grows with each record, with gaps.
    pub offset: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.partition, self.offset)
    }
}
