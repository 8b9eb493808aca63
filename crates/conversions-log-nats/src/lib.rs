//! An event log on NATS `JetStream`: several machines append to it, and each event is delivered by one of them.
//!
//! [`NatsLog`] implements [`EventLog`](conversions_delivery::EventLog) for the engine. Every destination has a stream of
//! its own from which all nodes pull, so that one that is full or held does not stop others; a message is a frame of
//! events that were accepted together, with a checksum for each event. What a node has in hand it keeps by a sign of
//! life; what it does not acknowledge within a minute another node gets.
//!
//! [`create_streams`] makes the streams, with credentials that may do so; a node only [checks](check_streams) them, and
//! refuses those that promise less than they should.
//!
//! Absent on purpose: order between events, which Meta does not need, and one-time delivery, which HTTP cannot promise.
//! After a fault, what was on its way is sent again.
//!
//! Programs that run on several machines depend on this crate. This is the only crate that knows NATS as a log. Metrics
//! are listed in [`telemetry`].
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use conversions_delivery::{DestinationOptions, Engine};
//! use conversions_log_nats::{NatsLog, NatsLogOptions, create_streams};
//! use conversions_transport::RecordingTransport;
//!
//! let destinations = ["shop".to_owned()];
//! let options = NatsLogOptions::default();
//! create_streams(&options, &destinations).await?;
//! let log = NatsLog::open(options, &destinations).await?;
//! let engine = Engine::builder()
//!     .log(Arc::new(log))
//!     .destination("shop", Arc::new(RecordingTransport::new()), DestinationOptions::default())
//!     .start();
//! # let _ = engine;
//! # Ok(())
//! # }
//! ```

mod acknowledging;
mod append;
mod arrivals;
mod backlogs;
mod blocking;
mod burying;
mod connection;
mod damaged;
mod dead_letters;
mod error;
mod fingerprint;
mod groups;
mod hand;
mod lane;
mod looking;
mod message;
mod moving;
mod names;
mod nats_log;
mod options;
mod poison;
mod publish;
mod puller;
mod shared;
mod status;
mod storing;
mod stream_info;
mod streams;
pub mod telemetry;
mod window;

pub use conversions_nats::{ConnectError, ConnectionOptions, Credentials, TlsOptions};
pub use dead_letters::NatsDeadLetters;
pub use error::OpenError;
pub use names::{Namespace, NotANamespace};
pub use nats_log::NatsLog;
pub use options::NatsLogOptions;
pub use status::NatsStatus;
pub use streams::{check_streams, create_streams};
