//! Records from brokers, to be delivered at least once: one trait, [`Input`], and what stands behind it.
//!
//! An input hands out [`Record`]s and is told which of them are settled. Their broker hears of it only when nothing
//! before them is unsettled: a [`Watermark`] for each partition moves over settled records, without gaps. A process that
//! is killed therefore reads again what it had not settled, and loses nothing.
//! [`MemoryInput`] keeps records in memory, for tests and for programs that make their own.
//!
//! Absent on purpose: what the records mean. An input knows bytes and positions; it reads no JSON and knows no event.
//! There is no automatic commit, and no exactly-once delivery.
//!
//! Programs that read from a broker depend on this crate; it depends on none of ours.
//!
//! ```
//! use conversions_input::{Arrival, Input, InputError, Limits, MemoryInput, MemoryTopic, Payload};
//!
//! # async fn example() -> Result<(), InputError> {
//! let topic = MemoryTopic::new("orders", 1);
//! topic.push(0, &b"{}"[..]);
//! let input = MemoryInput::open(&topic, Limits::default());
//! if let Arrival::Records(records) = input.next().await? {
//!     for record in records {
//!         if let Payload::Bytes(bytes) = &record.payload {
//!             println!("{}: {} bytes", record.position, bytes.len());
//!         }
//!         input.settle(&[record.position]).await?;
//!     }
//! }
//! input.leave().await?;
//! assert_eq!(topic.committed(0), 1);
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
//! ```
//!
//! # Features
//!
//! | feature | by default | what it adds |
//! |---|---|---|
//! | `kafka` | no | `kafka::KafkaInput`, topics of Kafka, on librdkafka: built from source with make, a C++ compiler, python3, pkg-config and libssl-dev |
//! | `nats` | no | `nats::NatsInput`, streams of NATS `JetStream` |

mod error;
mod input;
mod intake;
#[cfg(feature = "kafka")]
pub mod kafka;
mod limits;
mod memory;
#[cfg(feature = "nats")]
pub mod nats;
mod position;
mod record;
#[cfg(any(feature = "kafka", feature = "nats"))]
mod rejected;
mod start;
mod watermark;

pub use error::InputError;
pub use input::{Arrival, Input, Rejection};
pub use limits::Limits;
pub use memory::{MemoryInput, MemoryTopic};
pub use position::{Partition, Position};
pub use record::{Payload, Record};
pub use start::{Checkpoints, Start};
pub use watermark::Watermark;
