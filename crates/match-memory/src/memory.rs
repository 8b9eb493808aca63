//! The memory of one data folder.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use facebook_conversions::UserData;

use crate::error::{ForgetError, OpenError};
use crate::field::Fields;
use crate::forget::{self, ForgetTarget};
use crate::learn::{PersonKeys, observe};
use crate::options::Options;
use crate::person_ids::PersonIds;
use crate::recall::{Period, Recalled, recall};
use crate::store::{Durability, Store};
use crate::telemetry::{Counters, NotLearned};

/// How far ahead of the clock a message may be dated: as far ahead as an event is held until it is due.
const AHEAD_MILLIS: u64 = 3_600_000;
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
}

/// What the memory holds, and what it has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryStats {
    /// Ids that are known, to within a few per cent.
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

    /// What is remembered under a name, such as a destination's. Two scopes know nothing of each other.
    ///
    /// The folder keeps the names of its scopes, so that an id can be forgotten in all of them.
    #[must_use]
    pub fn scope(&self, name: &str) -> Scope {
        if let Err(error) = self.inner.shared.store.folder().add_scope(name) {
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
    /// [`ForgetError`] when the files cannot be written. Even then, this process does not recall the records any more.
    pub fn forget(&self, target: &ForgetTarget<'_>) -> Result<u64, ForgetError> {
        let shared = &self.inner.shared;
        let scopes = shared.store.folder().scopes()?;
        let request = target.request(&scopes, shared.store.key());
        let count = forget::carry_out(&shared.store, &request)?;
        shared.store.wake();
        Ok(count)
    }

    /// Writes what was learned to disk now.
    pub fn flush(&self) {
        self.inner.shared.store.write_behind(Durability::Now);
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

/// What is remembered under one name.
#[derive(Clone, Debug)]
pub struct Scope {
    memory: Memory,
    name: Arc<str>,
}

impl Scope {
    /// The person of these ids.
    #[must_use]
    pub fn person<'s>(&'s self, ids: &PersonIds<'s>) -> Person<'s> {
        let shared = &*self.memory.inner.shared;
        let keys = PersonKeys::of(ids, &self.name, shared.store.key());
        Person { shared, keys }
    }
}

/// The person that a message is about.
pub struct Person<'m> {
    shared: &'m Shared,
    keys: PersonKeys<'m>,
}

impl Person<'_> {
    /// Learns from a message: when it was sent (Unix milliseconds), and what it says of the person.
    ///
    /// What is learned does not depend on the order of messages, nor on how often each is seen.
    ///
    /// # Errors
    ///
    /// [`NotLearned`] when nothing was learned from the message. It is counted; there is nothing else to do about it.
    pub fn learn(&self, time: u64, user_data: &UserData<'_>) -> Result<(), NotLearned> {
        let Shared {
            store,
            options,
            counters,
            ..
        } = self.shared;
        counters.ignored(self.keys.placeholders);
        let now = (options.clock)();
        let result = if time > now.saturating_add(AHEAD_MILLIS) {
            Err(NotLearned::Ahead)
        } else if time < now.saturating_sub(options.ttl_millis()) {
            Err(NotLearned::TooOld)
        } else {
            let records = observe(&self.keys, time, user_data, options.remember);
            let mut records = records.iter();
            if records.all(|(id, record)| store.learn(id, record)) {
                Ok(())
            } else {
                Err(NotLearned::NoRoom)
            }
        };
        match result {
            Ok(()) => counters.learned(),
            Err(reason) => counters.not_learned(reason),
        }
        result
    }

    /// Fills what an event of this time (Unix milliseconds) lacks of what is remembered, and says what it was.
    ///
    /// An `fbc` that the event derived from the address of its page gets the time at which the click was first seen. Learn
    /// from the event first: then its own ids are known.
    pub fn recall(&self, event_time: u64, user_data: &mut UserData<'_>) -> Recalled {
        let Shared {
            store,
            options,
            counters,
            ..
        } = self.shared;
        let period = Period {
            oldest: event_time.saturating_sub(options.ttl_millis()),
            event_time,
        };
        let recalled = recall(store, &self.keys, period, options.remember, user_data);
        counters.remembered(recalled.remembered);
        recalled
    }
}

impl std::fmt::Debug for Person<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
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
