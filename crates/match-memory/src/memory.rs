//! The memory of one data folder.

mod person;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use self::person::{Person, Scope};

use crate::error::{ForgetError, OpenError};
use crate::field::Fields;
use crate::forget::{self, ForgetTarget};
use crate::options::Options;
use crate::store::{Durability, Store};
use crate::telemetry::Counters;

/// How often what was learned is written: with the time that it takes to look, a crash forgets less than a second.
const WRITE_EVERY: Duration = Duration::from_millis(800);
/// How often metrics are brought up to date: counting people takes milliseconds.
const PUBLISH_EVERY: Duration = Duration::from_secs(10);
/// How often it is looked whether another process wants something forgotten.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What earlier events said about people. Cheap to clone; all clones are one memory.
#[derive(Clone)]
pub struct Memory {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    store: Store,
    options: Options,
    counters: Counters,
    is_closing: AtomicBool,
    /// Whether nothing may be written.
    is_read_only: bool,
}

/// What the memory holds, and what it has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryStats {
    /// People who are known, to within a few per cent: users with their devices, and devices without a user.
    pub people: u64,
    /// Bytes of the files.
    pub disk_bytes: u64,
    /// Messages that something was learned from.
    pub learned: u64,
    /// Messages that nothing was learned from.
    pub not_learned: u64,
    /// Placeholder ids, such as `undefined`, that were ignored.
    pub ignored_ids: u64,
    /// Whether what is learned can be kept at present: not on a full disk.
    pub is_learning: bool,
}

impl Memory {
    /// Opens the memory of a data folder, or makes one, and starts the threads that write behind.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the folder cannot be used, or another process uses it. Damaged files are no error: they are put
    /// aside.
    pub fn open(data_dir: &Path, options: Options) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared {
            store: Store::open(data_dir, options.limits())?,
            options,
            counters: Counters::default(),
            is_closing: false.into(),
            is_read_only: false,
        });
        let spawn = |name: &str, run: fn(&Shared)| {
            let shared = Arc::clone(&shared);
            let builder = thread::Builder::new().name(name.to_owned());
            builder
                .spawn(move || run(&shared))
                .map_err(|source| OpenError::Folder {
                    path: data_dir.to_owned(),
                    source,
                })
        };
        let threads = vec![
            spawn("memory-write", Shared::write_behind)?,
            spawn("memory-merge", Shared::merge)?,
        ];
        let inner = Arc::new(Inner { shared, threads });
        Ok(Self { inner })
    }

    /// Opens the memory of a data folder to look at it, also while another process uses it. Nothing is written: what is
    /// learned is known to this value only.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when nothing was ever remembered there, or the files cannot be read.
    pub fn open_read_only(data_dir: &Path, options: Options) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared {
            store: Store::open_read_only(data_dir, options.limits())?,
            options,
            counters: Counters::default(),
            is_closing: false.into(),
            is_read_only: true,
        });
        let threads = Vec::new();
        let inner = Arc::new(Inner { shared, threads });
        Ok(Self { inner })
    }

    /// What is remembered under a name, such as a destination's. Two scopes know nothing of each other.
    ///
    /// The folder keeps the names of its scopes, so that an id can be forgotten in all of them.
    #[must_use]
    pub fn scope(&self, name: &str) -> Scope {
        let shared = &self.inner.shared;
        let added = if shared.is_read_only {
            Ok(())
        } else {
            shared.store.folder().add_scope(name)
        };
        if let Err(error) = added {
            tracing::error!(%error, "the match memory cannot write its scopes: `forget` will not find what is learned in this one");
        }
        Scope {
            memory: self.clone(),
            name: name.into(),
        }
    }

    /// What is remembered.
    #[must_use]
    pub fn remembers(&self) -> Fields {
        self.inner.shared.options.remember
    }

    /// Forgets a person, a device or everybody at once. Returns how many ids had records.
    ///
    /// The records leave the disk with a merge that begins at once.
    ///
    /// # Errors
    ///
    /// [`ForgetError`] when the files cannot be written, as in a memory that is only looked at. Even then, this process does not recall the records any more.
    pub fn forget(&self, target: &ForgetTarget<'_>) -> Result<u64, ForgetError> {
        let shared = &self.inner.shared;
        if shared.is_read_only {
            return Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem).into());
        }
        let scopes = shared.store.folder().scopes()?;
        let request = target.request(&scopes, shared.store.key());
        let count = forget::carry_out(&shared.store, &request)?;
        shared.store.wake();
        Ok(count)
    }

    /// Writes what was learned to disk now.
    pub fn flush(&self) {
        if !self.inner.shared.is_read_only {
            self.inner.shared.store.write_behind(Durability::Now);
        }
    }

    /// Merges files until nothing forgotten or expired is left in them.
    pub fn compact(&self) {
        self.inner.shared.compact();
    }

    /// What it holds and has done.
    #[must_use]
    pub fn stats(&self) -> MemoryStats {
        let shared = &self.inner.shared;
        let (learned, not_learned, ignored_ids) = shared.counters.read();
        MemoryStats {
            people: shared.store.people(),
            disk_bytes: shared.store.disk_bytes(),
            learned,
            not_learned,
            ignored_ids,
            is_learning: shared.store.is_learning(),
        }
    }
}

impl Shared {
    /// Runs until the memory is closed: writes every second or when there is much, and answers requests of other processes.
    fn write_behind(&self) {
        let mut written_at = Instant::now();
        let mut published_at = None;
        while !self.is_closing.load(Ordering::Acquire) {
            let has_much = self.store.wait(LOOK_EVERY);
            if has_much {
                self.store.write_behind(Durability::Later);
            }
            forget::answer_requests(&self.store);
            if written_at.elapsed() >= WRITE_EVERY {
                self.store.write_behind(Durability::Now);
                written_at = Instant::now();
            }
            if published_at.is_none_or(|at: Instant| at.elapsed() >= PUBLISH_EVERY) {
                self.counters
                    .publish(self.store.people(), self.store.disk_bytes());
                published_at = Some(Instant::now());
            }
        }
        self.store.write_behind(Durability::Now);
    }

    /// Runs until the memory is closed: merges runs.
    fn merge(&self) {
        while !self.is_closing.load(Ordering::Acquire) {
            self.compact();
            thread::park_timeout(WRITE_EVERY);
        }
    }

    fn compact(&self) {
        if self.is_read_only {
            return;
        }
        while self.store.compact((self.options.clock)()) {}
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.is_closing.store(true, Ordering::Release);
        self.shared.store.stop_compacting();
        self.shared.store.wake();
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory")
            .field("options", &self.inner.shared.options)
            .finish_non_exhaustive()
    }
}
