//! What became of events: a `History` of counts by the minute, and a `Trace` that finds one event by its ids.
//!
//! Both live in the data folder, are written behind by a thread of their own, and are cheap to tell something: a
//! request costs one short lock. When the disk is full or slow they lose what they were told, say so, and nothing else
//! happens. A process that only looks reads the same files, also while another one writes them.
//!
//! Absent on purpose: contents of events, and contact data of any kind. Ids are kept as keyed fingerprints, which only
//! the key in the data folder can compare; Meta's error texts, which may quote an event, are not kept. Neither HTTP nor
//! the event log is known here: the program that owns them tells history and trace what happens.
//!
//! Programs that show what became of events depend on this crate; it knows the names of Meta's match keys and nothing
//! else of ours.
//!
//! ```
//! use conversions_history::history::{Counter, History, HistoryOptions, Range};
//!
//! # let folder = tempfile::tempdir()?;
//! let history = History::open(folder.path(), &HistoryOptions::default())?;
//! history.record(|counts| {
//!     counts.add(Counter::Messages { source: "web" }, 3);
//!     counts.add(Counter::Accepted { destination: "shop" }, 2);
//!     counts.add(Counter::Rejected { destination: "shop", reason: "missing_event_name" }, 1);
//! });
//! let report = history.report(Range::LastHour);
//! assert_eq!(report.slots.len(), 60);
//! assert_eq!(report.total.destinations["shop"].accepted, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block;
mod codec;
mod folder;
pub mod history;
pub mod trace;

pub use folder::OpenError;

/// Whether a process has kept history or trace in this data folder.
#[must_use]
pub fn is_kept_in(data_folder: &std::path::Path) -> bool {
    [history::FOLDER, trace::FOLDER]
        .iter()
        .any(|name| data_folder.join(name).is_dir())
}
