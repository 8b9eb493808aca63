//! The application behind the command `segue`: sends files of events, serves an endpoint that takes events, and delivers to
//! the destinations that settings describe.
//!
//! - [`map`]: files of events become text.
//! - [`send`]: a [`SendJob`](send::SendJob) reads files and delivers their events; its report is data.
//! - [`serve`]: an [`Endpoint`](serve::Endpoint) takes events over HTTP or from brokers, reloads its settings, and reports its
//!   health.
//! - [`destinations`]: a destination of the settings, resolved to a mapping and a transport.
//! - [`DataFolder`]: the folder where events wait until they are delivered.
//!
//! Absent on purpose: terminals, command lines, signals that end a process. What a person should know during a run is a
//! [`Notice`], which the caller shows; the end is asked for with a [`Shutdown`].
//!
//! Programs that want the whole of `segue` in their process depend on this crate; the command is one.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use conversions_files::Origin;
//! use segue_app::destinations::Mode;
//! use segue_app::send::{SendJob, SendOptions, SilentObserver};
//! use segue_app::Shutdown;
//! use segue_settings::Settings;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("events.ndjson");
//! # std::fs::write(&path, "{\"type\":\"track\",\"event\":\"Lead\",\"userId\":\"u\",\"timestamp\":\"2026-11-20T10:00:00Z\"}\n")?;
//! # tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(async {
//! let options = SendOptions {
//!     destinations: Settings::default().destinations,
//!     memory: Settings::default().memory,
//!     mode: Mode::Sandbox,
//!     inputs: vec![Origin::File(path)],
//!     settings_file: None,
//!     rejects: None,
//!     data_dir: None,
//!     restart: false,
//!     from_line: 1,
//!     give_up_after: Duration::from_secs(60),
//! };
//! let job = SendJob::plan(options, &SilentObserver)?;
//! let (_handle, shutdown) = Shutdown::new();
//! let report = job.run(shutdown, Arc::new(SilentObserver)).await?;
//! assert_eq!(report.figures().totals.delivered, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | by default | what it adds |
//! |---|---|---|
//! | `nats` | no | a log on a cluster of NATS servers, and inputs from NATS `JetStream` |
//! | `kafka` | no | inputs from Kafka; it builds librdkafka |
//! | `consume` | no | the readers of inputs, without a client of a broker |
//! | `otel` | no | spans and metrics for a collector of OpenTelemetry, as `[otel]` of the settings says |

mod clock;
#[cfg(feature = "nats")]
mod cluster;
mod data_folder;
pub mod destinations;
mod error;
mod log_location;
pub mod map;
mod memory;
#[cfg(feature = "nats")]
mod nats_connection;
mod notice;
mod open_error;
mod open_log;
pub mod send;
pub mod serve;
mod shutdown;

pub use clock::RunClock;
#[cfg(feature = "nats")]
pub use cluster::Cluster;
pub use conversions_history::history::{DestinationCounts, HistoryReport};
pub use conversions_history::trace::{TraceSearch, TracedAttempt, TracedEnd, TracedEvent};
pub use data_folder::DataFolder;
pub use error::AppError;
pub use log_location::{LogLocation, check_syncing};
pub use match_memory::ForgetTarget;
pub use memory::MatchMemory;
pub use notice::Notice;
pub use segue_console::{counted, grouped};
pub use shutdown::{Shutdown, ShutdownHandle};
