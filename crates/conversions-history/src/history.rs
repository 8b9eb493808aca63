//! Counts of what happened, by the minute for two days and by the hour for fourteen.
//!
//! The counts of a minute are written when it is over, so a crash loses a minute at most. `docs/design/history.md` has the
//! files.

mod counts;
mod files;
mod load;
mod match_keys;
mod query;
mod report;
mod retention;
mod store;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::folder::OpenError;
use store::Store;

pub use counts::{Counter, CounterNumber, Counts, EventNameNumber};
pub use match_keys::MatchKeySet;
pub use report::{AnswerTimes, DestinationCounts, HistoryReport, MatchKeys, Range, Slot};
pub(crate) use retention::ClockWatch;

/// The folder of the history inside a data folder.
pub(crate) const FOLDER: &str = "history";
/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);

/// A clock: milliseconds since 1970.
pub type ClockFn = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How a history is kept.
#[derive(Clone)]
pub struct HistoryOptions {
    /// Days that are kept.
    pub days: u32,
    /// Bytes on disk, at most.
    pub max_bytes: u64,
    /// The time of day.
    pub clock: ClockFn,
    /// Whether the clock is believed whatever it says, when it is made up for instance. Otherwise nothing is rolled up or
    /// removed until it has run on for an hour without a jump.
    pub is_clock_trusted: bool,
}

impl Default for HistoryOptions {
    /// Fourteen days, 20 MB, this machine's clock.
    fn default() -> Self {
        Self {
            days: 14,
            max_bytes: 20_000_000,
            clock: system_clock(),
            is_clock_trusted: false,
        }
    }
}

impl std::fmt::Debug for HistoryOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HistoryOptions")
            .field("days", &self.days)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

/// This machine's clock.
pub(crate) fn system_clock() -> ClockFn {
    Arc::new(|| jiff::Timestamp::now().as_millisecond())
}

/// The history of a data folder while a process adds to it. All methods may be called from many threads.
pub struct History {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

struct Shared {
    store: Mutex<Store>,
    is_stopping: std::sync::atomic::AtomicBool,
    clock: ClockFn,
}

impl Shared {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl History {
    /// Opens the history of a data folder, or begins one, and starts the thread that writes it. A file of another version
    /// is put aside, which is logged.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created or read.
    pub fn open(data_folder: &Path, options: &HistoryOptions) -> Result<Self, OpenError> {
        let path = data_folder.join(FOLDER);
        let clock = Arc::clone(&options.clock);
        let store = Store::open(&path, options).map_err(|error| OpenError::new(&path, error))?;
        let shared = Arc::new(Shared {
            store: Mutex::new(store),
            is_stopping: std::sync::atomic::AtomicBool::new(false),
            clock,
        });
        let of_writer = Arc::clone(&shared);
        let writer = std::thread::Builder::new()
            .name("history".to_owned())
            .spawn(move || write_behind(&of_writer))
            .map_err(|error| OpenError::new(&path, error))?;
        Ok(Self {
            shared,
            writer: Some(writer),
        })
    }

    /// Adds counts. One short lock; nothing is written here.
    pub fn record(&self, add: impl FnOnce(&mut Counts)) {
        add(self.shared.store().counts());
    }

    /// Writes what was counted in the current minute too.
    pub fn flush(&self) {
        self.shared.store().tick((self.shared.clock)(), true);
    }

    /// What happened in a range of time that ends now.
    #[must_use]
    pub fn report(&self, range: Range) -> HistoryReport {
        let now = (self.shared.clock)();
        self.shared.store().report(range, now)
    }

    /// What a data folder knows, also while another process adds to it. Without a history it is empty.
    ///
    /// # Errors
    ///
    /// When its files cannot be read.
    pub fn read(data_folder: &Path, range: Range, now_ms: i64) -> Result<HistoryReport, OpenError> {
        let path = data_folder.join(FOLDER);
        let mut store = Store::read(&path).map_err(|error| OpenError::new(&path, error))?;
        Ok(store.report(range, now_ms))
    }
}

/// Writes what the last minute had, and stops writing.
impl Drop for History {
    fn drop(&mut self) {
        self.shared
            .is_stopping
            .store(true, std::sync::atomic::Ordering::Relaxed);
        if let Some(writer) = self.writer.take() {
            writer.thread().unpark();
            let _ = writer.join();
        }
    }
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

fn write_behind(shared: &Shared) {
    loop {
        std::thread::park_timeout(TICK);
        let is_stopping = shared
            .is_stopping
            .load(std::sync::atomic::Ordering::Relaxed);
        // The lock is held while a few kilobytes are written, once a minute and without a sync.
        let mut store = shared.store();
        store.tick((shared.clock)(), is_stopping);
        drop(store);
        if is_stopping {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
