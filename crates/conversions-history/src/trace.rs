//! What became of each event, found by its `messageId`, `event_id` or `order_id`.
//!
//! Records are appended to segments, without an index: a search reads all of them, which takes a fraction of a second.
//! `docs/design/history.md` has the files.

mod batch;
mod buffer;
mod event;
mod fingerprint;
mod recent;
mod record;
mod search;
mod segments;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use crate::folder::OpenError;
use crate::history::{ClockFn, system_clock};
use buffer::Buffer;
use fingerprint::Key;
use recent::Recent;
use writer::Writer;

pub use batch::{EventBatch, NewTracedEvent};
pub use event::{
    FieldProvenance, Provenance, TraceSearch, TracedAttempt, TracedEnd, TracedEvent, TracedOutcome,
    TracedReplay,
};
pub use record::{AttemptRecord, ReplayRecord, SettlementRecord};

/// The folder of the trace inside a data folder.
pub(crate) const FOLDER: &str = "trace";
/// How long records wait in memory.
const WRITE_EVERY: Duration = Duration::from_millis(250);

/// How a trace is kept.
#[derive(Clone)]
pub struct TraceOptions {
    /// Events that are kept; the newest stay.
    pub max_events: u64,
    /// How long they are kept.
    pub max_age: Duration,
    /// Bytes on disk, at most.
    pub max_bytes: u64,
    /// The time of day.
    pub clock: ClockFn,
}

impl Default for TraceOptions {
    /// A million events, seven days, 300 MB, this machine's clock.
    fn default() -> Self {
        Self {
            max_events: 1_000_000,
            max_age: Duration::from_hours(7 * 24),
            max_bytes: 300_000_000,
            clock: system_clock(),
        }
    }
}

impl std::fmt::Debug for TraceOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TraceOptions")
            .field("max_events", &self.max_events)
            .field("max_age", &self.max_age)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

/// The trace of a data folder while a process adds to it. All methods may be called from many threads.
pub struct Trace {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    key: Key,
    buffer: Buffer,
    writer: Mutex<Writer>,
    recent: Mutex<Recent>,
    changes: watch::Sender<u64>,
    is_stopping: AtomicBool,
}

impl Shared {
    /// Writes what was told so far, and shows it among the newest.
    fn flush(&self) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(told) = self.buffer.take() else {
            return;
        };
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let change = recent.add(&told);
        drop(recent);
        writer.write(&told);
        self.buffer.recycle(told);
        self.changes.send_replace(change);
    }
}

impl Trace {
    /// Opens the trace of a data folder, or begins one, and starts the thread that writes it. Damage is logged; what
    /// follows it in its segment is lost.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created or read.
    pub fn open(data_folder: &Path, options: TraceOptions) -> Result<Self, OpenError> {
        let path = data_folder.join(FOLDER);
        let failed = |error| OpenError::new(&path, error);
        let (key, is_new) = Key::open(&path).map_err(failed)?;
        let writer = Writer::open(&path, options, is_new).map_err(failed)?;
        let shared = Arc::new(Shared {
            key,
            buffer: Buffer::default(),
            writer: Mutex::new(writer),
            recent: Mutex::default(),
            changes: watch::Sender::new(0),
            is_stopping: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("trace".to_owned())
            .spawn(move || {
                while !of_thread.is_stopping.load(Ordering::Relaxed) {
                    std::thread::park_timeout(WRITE_EVERY);
                    of_thread.flush();
                }
                of_thread.flush();
            })
            .map_err(failed)?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// A batch for the events of one request, to be filled while it is handled and given to [`accepted`](Self::accepted).
    #[must_use]
    pub fn batch(&self) -> EventBatch {
        EventBatch::new(self.shared.key.clone())
    }

    /// Adds the events of a request. `keys` has one item for each accepted event in order: its key in the log, or `None`
    /// for a repetition. Copies into a buffer; when that is full, the events are counted as dropped. The batch is empty
    /// afterwards.
    pub fn accepted(&self, batch: &mut EventBatch, keys: &[Option<u64>]) {
        self.told(self.shared.buffer.add_events(batch, keys));
    }

    /// Adds a request to Meta that failed, with the keys of its events as ranges: first key and number.
    pub fn attempted(&self, attempt: &AttemptRecord<'_>, keys: impl Iterator<Item = (u64, u64)>) {
        self.told(
            self.shared
                .buffer
                .add(|out| record::put_attempt(out, attempt, keys)),
        );
    }

    /// Adds the end of events, with their keys as ranges: first key and number.
    pub fn settled(
        &self,
        settlement: &SettlementRecord<'_>,
        keys: impl Iterator<Item = (u64, u64)>,
    ) {
        let put = |out: &mut Vec<u8>| record::put_settlement(out, settlement, keys);
        self.told(self.shared.buffer.add(put));
    }

    /// Adds that a dead letter is an event again, under another key. Told twice, it is shown once.
    pub fn replayed(&self, replay: &ReplayRecord<'_>) {
        let [event_id, order_id] = replay.ids;
        let ids = [None, event_id, order_id];
        let put_ids = |out: &mut Vec<u8>| batch::put_fingerprints(out, &self.shared.key, ids);
        let put = |out: &mut Vec<u8>| record::put_replay(out, replay, put_ids);
        self.told(self.shared.buffer.add(put));
    }

    fn told(&self, is_much: bool) {
        if let Some(thread) = self.thread.as_ref().filter(|_| is_much) {
            thread.thread().unpark();
        }
    }

    /// Writes what was told so far.
    pub fn flush(&self) {
        self.shared.flush();
    }

    /// The newest events, newest first: at most 1,000, out of memory, a quarter of a second behind.
    #[must_use]
    pub fn recent(&self) -> Vec<Arc<TracedEvent>> {
        let recent = self.shared.recent.lock();
        recent
            .unwrap_or_else(PoisonError::into_inner)
            .newest_first()
    }

    /// Tells when [`recent`](Self::recent) changes: the number of the latest change. Events whose
    /// [`change`](TracedEvent::change) is greater than a number seen before are new or have changed.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// Records that were not kept, because the disk is slower than events come.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.buffer.dropped()
    }

    /// Finds the events with this `messageId`, `event_id` or `order_id`. Blocks while all segments are read, up to some
    /// tenths of a second, and while another search runs.
    ///
    /// # Errors
    ///
    /// When a segment cannot be read.
    pub fn search(&self, id: &str) -> Result<TraceSearch, OpenError> {
        self.shared.flush();
        let writer = self.shared.writer.lock();
        let (folder, notes) = {
            let writer = writer.unwrap_or_else(PoisonError::into_inner);
            (writer.folder().to_owned(), writer.notes())
        };
        let mut found = search::search(&folder, self.shared.key.fingerprint(id))
            .map_err(|error| OpenError::new(&folder, error))?;
        found.notes.extend(notes);
        let recent = self.shared.recent.lock();
        recent
            .unwrap_or_else(PoisonError::into_inner)
            .add_provenance(&mut found.events);
        Ok(found)
    }

    /// Finds events in a data folder, also while another process adds to it. Without a trace nothing is found.
    ///
    /// # Errors
    ///
    /// When its files cannot be read.
    pub fn search_folder(data_folder: &Path, id: &str) -> Result<TraceSearch, OpenError> {
        let path = data_folder.join(FOLDER);
        let search = || match Key::read(&path)? {
            Some(key) => search::search(&path, key.fingerprint(id)),
            None => Ok(TraceSearch::default()),
        };
        search().map_err(|error| OpenError::new(&path, error))
    }
}

/// Writes what was told last, and stops writing.
impl Drop for Trace {
    fn drop(&mut self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod clock_tests;

#[cfg(test)]
mod replay_tests;
