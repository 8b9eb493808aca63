//! HTTP in: Segment's Tracking API and Segment's webhook as an [`axum`] router that any program can mount.
//!
//! A request is read within limits and authenticated by write key or signature. Its messages are completed (type,
//! times, what the batch and the request say about them) and mapped for every destination of their source. Only the
//! finished events, contact data hashed, reach an [`EventSink`]. The sender gets `200` after the sink has stored them,
//! never before.
//!
//! [`Ingest::map_records`] does the same for records of a broker.
//!
//! Absent on purpose: storage, brokers, delivery, settings files, a recorder of metrics, and plain contact data in anything that
//! is handed on or logged.
//!
//! Programs that receive events over HTTP depend on this crate; libraries do not.
//!
//! ```
//! use std::sync::Arc;
//! use conversions_ingest::{DestinationMapping, EventSink, Ingest, IngestOptions, SinkError, Source};
//! use conversions_mapping::{Mapping, Settings};
//! use conversions_transport::Frame;
//!
//! struct Print;
//!
//! #[async_trait::async_trait]
//! impl EventSink for Print {
//!     async fn accept(&self, frames: Vec<Frame>) -> Result<(), SinkError> {
//!         for frame in frames {
//!             println!("{} events for {}", frame.len(), frame.destination());
//!         }
//!         Ok(()) // only when the events are stored
//!     }
//! }
//!
//! let shop = Arc::new(DestinationMapping::new("shop", Mapping::new(Settings::default())?));
//! let source = Source::new("web", vec![shop]).with_write_key("a-long-random-key");
//! let ingest = Ingest::new(IngestOptions::new(vec![source]), Arc::new(Print))?;
//! let router: axum::Router = ingest.router();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod auth;
mod browser_bundle;
mod clock;
mod compiled_options;
mod http;
mod ingest;
mod limits;
mod message_recorder;
mod options;
mod outcome;
mod records;
mod refusal;
mod request;
mod sink;
mod source;
mod state;
pub mod telemetry;

pub use browser_bundle::BrowserBundle;
pub use clock::{Clock, SystemClock};
pub use http::connection::{ConnectionOptions, serve};
pub use http::operators::{OPENAPI, Operators};
pub use http::route_of::route_of;
pub use http::tls::{Tls, TlsError};
pub use ingest::Ingest;
pub use message_recorder::{MappedMessage, MessageRecorder, RecordedMessage};
pub use options::{
    AllowedOrigins, Compat, Cors, EnrichmentOptions, IngestOptions, Limits, OptionsError,
    RateLimit, Senders,
};
pub use outcome::{OutcomeCount, OutcomeKind};
pub use records::{
    MappedRecord, MappedRecords, RecordOutcomes, RecordTarget, RejectedMessage, SourceRecord,
};
pub use refusal::Refusal;
pub use sink::{EventSink, SinkError};
pub use source::{DestinationMapping, SharedSecret, Source, Webhook};
