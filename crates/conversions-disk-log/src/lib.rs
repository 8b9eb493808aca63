//! An event log in a folder: what it has acknowledged survives the end of the process, however it ends, and the loss of
//! power.
//!
//! [`DiskLog`] implements the traits of `conversions-delivery`: [`EventLog`](conversions_delivery::EventLog) for the
//! engine and [`DurableLog`](conversions_delivery::DurableLog) for resuming. Other processes see the folder through
//! [`DeadLetters`] and [`StatusFile`] while an engine runs.
//!
//! Absent on purpose: sending, batching, retries. This is the only crate that knows the storage engine, redb.
//!
//! Programs that deliver events and must not lose them depend on this crate; libraries do not.
//!
//! ```
//! use std::ops::ControlFlow;
//! use std::sync::Arc;
//! use conversions_delivery::{DeadLetterStore, DestinationOptions, Engine, Filter, FinishOptions};
//! use conversions_disk_log::{DeadLetters, DiskLog, DiskLogOptions};
//! use conversions_transport::{NewEvent, RecordingTransport, SendError};
//! use facebook_conversions::reply::GraphError;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! # let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs() as i64;
//! let log = Arc::new(DiskLog::open(folder, DiskLogOptions::default())?);
//! let transport = Arc::new(RecordingTransport::new());
//! transport.push_answer(Err(SendError::refused(GraphError::new(400, 100, Some(2_804_050)))));
//! let engine = Engine::builder()
//!     .log(log)
//!     .destination("shop", transport, DestinationOptions::default())
//!     .start();
//! let event = NewEvent::new("shop", r#"{"event_name":"Lead","event_id":"m-1"}"#, now);
//! engine.append(vec![event]).await?;
//! engine.finish(FinishOptions::default(), std::future::pending()).await;
//!
//! // Another process may do this at any time.
//! let letters = DeadLetters::open(folder, DiskLogOptions::default().dead_letters)?;
//! letters.visit(&Filter::all(), &mut |letter| {
//!     assert_eq!(letter.reason.name(), "refused");
//!     assert_eq!(letter.labels().event_id.as_deref(), Some("m-1"));
//!     ControlFlow::Continue(())
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod change;
mod changes;
mod commit;
mod commit_loop;
mod dead_letters;
mod dedup;
mod disk_log;
mod frame_joiner;
mod input_counts;
mod inputs;
mod journal;
mod lease;
mod leased_frames;
mod lock;
mod maintenance;
mod opening;
mod options;
mod partition;
mod pending_writes;
mod reclaim;
mod recovery;
mod rows;
mod segment_use;
mod shared;
mod status_file;
mod store;
mod tables;
mod unflushed;
mod write_batch;

pub use dead_letters::{DeadLetterOptions, DeadLetters};
pub use disk_log::DiskLog;
pub use options::DiskLogOptions;
pub use status_file::StatusFile;
pub use store::{Damage, DamagedContents, OpenError, SegmentStorage, Storage};
