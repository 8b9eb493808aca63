//! Where a database keeps its bytes, and what goes wrong there.

use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// Where the bytes of a database or a journal are. It is opened again after each passing failure. A write beyond the
/// end makes the file longer.
pub trait Storage: Send + Sync {
    /// Opens them.
    ///
    /// # Errors
    ///
    /// When the storage cannot be used.
    fn open(&self) -> io::Result<Box<dyn StorageBackend>>;

    /// What messages call it.
    fn name(&self) -> String;
}

/// Where the flags of a redb file are. This is all that is assumed of redb's format; if it changes, files are checked
/// twice or by the repair alone.
const FLAGS_AT: u64 = 9;
/// The flag of a file that was not closed.
const NEEDS_REPAIR: u8 = 2;

/// A file that only its owner may read.
pub(crate) struct FileStorage {
    pub(crate) path: PathBuf,
}

impl FileStorage {
    pub(super) fn open_file(&self) -> io::Result<FileBackend> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        FileBackend::new(options.open(&self.path)?).map_err(io::Error::other)
    }
}

impl Storage for FileStorage {
    fn open(&self) -> io::Result<Box<dyn StorageBackend>> {
        Ok(Box::new(self.open_file()?))
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// Records what went wrong since the database was opened: redb's own errors do not say which operation failed.
#[derive(Debug, Default)]
pub(super) struct FaultRecorder {
    sync_failed: AtomicBool,
    first: Mutex<Option<String>>,
    length: AtomicU64,
}

impl FaultRecorder {
    pub(super) fn sync_failed(&self) -> bool {
        self.sync_failed.load(Ordering::Acquire)
    }

    pub(super) fn reason(&self) -> Option<String> {
        self.first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn clear_reason(&self) {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn storage_bytes(&self) -> u64 {
        self.length.load(Ordering::Relaxed)
    }

    fn record(&self, error: &io::Error) {
        self.first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(|| error.to_string());
    }
}

/// A backend whose failures are recorded.
pub(super) struct ObservedBackend {
    inner: Box<dyn StorageBackend>,
    faults: Arc<FaultRecorder>,
}

impl ObservedBackend {
    pub(super) fn new(inner: Box<dyn StorageBackend>, faults: Arc<FaultRecorder>) -> Self {
        Self { inner, faults }
    }

    /// Whether the file's header says that it was closed. An empty file counts as closed.
    pub(super) fn was_closed(&self) -> bool {
        let mut flags = [0];
        let read = self.inner.read(FLAGS_AT, &mut flags);
        let [flags] = flags;
        read.is_err() || flags & NEEDS_REPAIR == 0
    }

    fn observe<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.faults.record(error);
        }
        result
    }
}

impl fmt::Debug for ObservedBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObservedBackend").finish_non_exhaustive()
    }
}

type Lock = Result<bool, BackendError>;
type Done = Result<(), BackendError>;

impl StorageBackend for ObservedBackend {
    fn len(&self) -> io::Result<u64> {
        let length = self.observe(self.inner.len())?;
        self.faults.length.store(length, Ordering::Relaxed);
        Ok(length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.observe(self.inner.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.observe(self.inner.set_len(len))?;
        self.faults.length.store(len, Ordering::Relaxed);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let result = self.observe(self.inner.sync_data());
        if result.is_err() {
            self.faults.sync_failed.store(true, Ordering::Release);
        }
        result
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.observe(self.inner.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Lock {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Lock {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Done {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Done {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Done {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Lock {
        self.inner.query_lock_range(start, end)
    }
}
