//! Delivers Conversions API events: nothing that was accepted is lost, and one bad event harms no other.
//!
//! An [`Engine`] takes finished events into an [`EventLog`], makes batches by destination and test code, sends them
//! over a [`Transport`](conversions_transport::Transport), and settles each event: delivered, or dead-lettered with a
//! reason and Meta's own words. Failures are treated by their meaning: retried until the event would be too old, slowed
//! down, split until the event at fault is alone, or held until a person has put a token right.
//!
//! What is checked again at send time is what time alone can change: whether an event is due, and whether it is too old
//! by now. Its JSON was judged before it was accepted and is sent as it was stored, byte for byte, so that every other
//! verdict still holds.
//!
//! Absent on purpose: reading Segment's messages, mapping, HTTP. Events arrive as finished JSON and are never changed.
//! The clock and randomness are parameters; waiting is tokio's.
//!
//! Programs that deliver events depend on this crate; it knows the transport and Meta's vocabulary, and nothing of
//! where events come from.
//!
//! ```
//! use std::sync::Arc;
//! use conversions_delivery::{DestinationOptions, Ended, Engine, FinishOptions};
//! use conversions_transport::{NewEvent, RecordingTransport};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let transport = Arc::new(RecordingTransport::new());
//! let engine = Engine::builder()
//!     .destination("shop", transport.clone(), DestinationOptions::default())
//!     .start();
//!
//! # let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
//! let event = |id| {
//!     NewEvent::new("shop", format!(r#"{{"event_name":"Purchase","event_id":"{id}"}}"#), now)
//!         .with_message_id(Some(id))
//! };
//! let appended = engine.append(vec![event("m-1"), event("m-2"), event("m-1")]).await?;
//! assert_eq!(appended.duplicates(), 1);
//!
//! let never = std::future::pending();
//! let summary = engine.finish(FinishOptions::default(), never).await;
//! assert_eq!(summary.ended, Ended::Done);
//! assert_eq!(summary.progress.total().delivered, 2);
//! assert_eq!(transport.requests().len(), 1, "both in one request");
//! # Ok::<(), conversions_delivery::AppendError>(())
//! # }).unwrap();
//! ```
//!
//! [`MemoryLog`] ends with the process. A log that outlives it implements [`DurableLog`] too, shows the engine's
//! [`Status`], and keeps its dead letters in a [`DeadLetterStore`]; `conversions-disk-log` has all three. Metrics are
//! listed in [`telemetry`].
//!
//! # Features
//!
//! | feature | by default | what it adds |
//! |---|---|---|
//! | `conformance` | no | the module `conformance`: tests for a crate that implements [`EventLog`], on proptest |
//! | `zstd` | no | compressed frames, for logs that send them over a network |

mod append;
mod backlog;
mod backoff;
mod batcher;
mod circuit_breaker;
#[cfg(feature = "conformance")]
pub mod conformance;
mod dead_letter;
mod dead_letter_store;
pub mod dedup;
mod delivery;
mod destination_worker;
mod durable_log;
mod engine;
mod engine_state;
mod event;
pub mod frame_codec;
mod key_set;
mod leased;
mod leased_batch;
pub mod letter_codec;
mod log;
mod memory_log;
mod observer;
mod options;
mod progress;
mod randomness;
mod status;
pub mod telemetry;
mod throttle;
mod time;

pub use append::{AppendGroup, AppendOutcome, Appended, AppendedFrame, InputId, InputOffset};
pub use backlog::Backlog;
pub use backoff::Backoff;
pub use dead_letter::{DeadLetter, DeadLetterReason, Verdict};
pub use dead_letter_store::{DeadLetterCounts, DeadLetterStore, Filter, RefusedReplay, Replay};
pub use dedup::DedupOptions;
pub use durable_log::{DurableLog, Resumption};
pub use engine::{Ended, Engine, EngineBuilder, FinishOptions, Summary};
pub use event::{EventKey, due_at};
pub use key_set::{KeyRange, KeySet};
pub use leased::{LeasedEvent, LeasedFrame};
pub use log::{AppendError, EventLog, Lease, LogError, Wanted};
pub use memory_log::{MemoryLog, MemoryLogOptions};
pub use observer::{Attempt, DeliveryObserver, ReplayedEvent, Settlement};
pub use options::{DestinationOptions, MAX_EVENTS_PER_REQUEST};
pub use progress::{
    DestinationProgress, Held, HoldCause, LastError, LastWarning, Progress, RetryClass, Totals,
    Warnings,
};
pub use randomness::{Randomness, SeededRandomness, SystemRandomness};
pub use status::{DestinationStatus, Status, StatusReader, StatusTracker};
pub use time::{Clock, StartingClock, SystemClock, UnixMillis};
