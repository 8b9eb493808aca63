//! The store of records, a log-structured merge tree: records are learned in memory ([`shard`]), written to a write-ahead log
//! every second ([`write_ahead_log`]), moved into sorted runs ([`flush`], [`sorted_run`]), and runs are merged
//! ([`compaction`]).
//!
//! Learning does not read the disk. A new record is merged with the one in memory, and with those on disk at a look-up or
//! when runs are merged. This works because the result of a merge does not depend on the order.

mod bloom;
mod compaction;
mod flush;
mod folder;
mod forget;
mod id_sample;
mod open;
mod room;
mod runs;
mod shard;
mod signal;
mod sorted_run;
mod write_ahead_log;

use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

pub(crate) use self::flush::Durability;
pub(crate) use self::folder::Folder;
use self::id_sample::IdSample;
use self::room::Room;
use self::shard::{Growth, InMemory, Shard, merge_behind};
use self::signal::Signal;
use self::sorted_run::{SortedRun, SortedRunError};
use self::write_ahead_log::WriteAheadLog;
use crate::apart::Apart;
use crate::buffer::Buffer;
use crate::fingerprint::{Fingerprint, Key};

/// How many parts the ids are divided into, each with its own lock: many more than threads, so that they seldom wait.
const SHARDS: usize = 64;
/// Runs from which on no other is written before some were merged: each takes memory, an open file and a look at its filter.
const MAX_RUNS: usize = 40;
/// Length at which a log is replaced by a new one that holds only what is not in a run.
const LOG_LIMIT: u64 = 64 << 20;

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) ttl_millis: u64,
    pub(crate) max_people: u64,
    /// How long learning waits for the disk before it gives up.
    pub(crate) backpressure_timeout: Duration,
    /// Bytes of the disk that stay free for other files.
    pub(crate) reserved_bytes: u64,
}

/// The records of all ids.
pub(crate) struct Store {
    folder: Folder,
    limits: Limits,
    key: Key,
    shards: Box<[Apart<Mutex<Shard>>]>,
    /// Oldest first.
    runs: ArcSwap<Vec<Arc<SortedRun>>>,
    /// Bytes of memory that the runs take.
    runs_memory: AtomicUsize,
    writer: Mutex<Writer>,
    /// Held while runs are merged or removed.
    compacting: Mutex<()>,
    memtable: Apart<Memtable>,
    /// Whether the memory is only looked at: nothing is written to its folder.
    is_read_only: bool,
    /// Whether the last write failed, so that what is learned could not be kept.
    is_stopped: AtomicBool,
    /// Whether learning has given up waiting for the disk. It does not wait again before a write has succeeded.
    is_overloaded: AtomicBool,
    /// Whether runs still hold records that were forgotten.
    needs_erasure: AtomicBool,
    /// Tells the running merge to end without a result.
    stops_compacting: AtomicBool,
    /// When everything was last merged, Unix milliseconds.
    merged_at: AtomicU64,
    signal: Signal,
}

/// How much was learned that is in no run.
#[derive(Default)]
struct Memtable {
    bytes: AtomicUsize,
    ids: AtomicUsize,
    people: AtomicUsize,
}

impl Memtable {
    fn clear(&self) {
        for counter in [&self.bytes, &self.ids, &self.people] {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

/// Room for what a look-up reads, so that several look-ups need it once.
#[derive(Default)]
pub(crate) struct Scratch {
    all: Buffer,
    merged: Buffer,
    pages: Buffer,
}

/// The log, which one thread at a time writes.
struct Writer {
    /// `None` after a failed write, until a new log is written.
    log: Option<WriteAheadLog>,
    number: u64,
    /// Logs of earlier processes. They are removed once the current log holds their records.
    stale_logs: Vec<u64>,
    /// None if the memory is only looked at.
    _lock: Option<File>,
}

impl Store {
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// Adds what was learned of an id; `false` if there was no room for it.
    pub(crate) fn learn(&self, fingerprint: Fingerprint, record: &[u8]) -> bool {
        self.learn_and(fingerprint, record, |_| ()).is_some()
    }

    /// Adds what was learned of an id, and appends everything that is known of it by then to `out`; `false` if there was no
    /// room for it, and nothing was done.
    pub(crate) fn learn_and_look_up(
        &self,
        fingerprint: Fingerprint,
        record: &[u8],
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> bool {
        let start = out.len();
        let in_memory =
            self.learn_and(fingerprint, record, |shard| shard.look_up(fingerprint, out));
        if let Some(InMemory::Part { epoch }) = in_memory {
            self.complete(fingerprint, epoch, scratch, (out, start));
        }
        in_memory.is_some()
    }

    /// Adds what was learned of an id, and does something more while its shard is locked; `None` if there was no room for it.
    fn learn_and<T>(
        &self,
        fingerprint: Fingerprint,
        record: &[u8],
        then: impl FnOnce(&mut Shard) -> T,
    ) -> Option<T> {
        if self.is_full() && !self.wait_for_room() {
            return None;
        }
        let mut shard = self.shard(fingerprint);
        let growth = shard.learn(fingerprint, record);
        // Counted under the lock: otherwise the writer could subtract the record before it was added.
        self.count(growth);
        let result = then(&mut shard);
        drop(shard);
        let is_much = || self.memtable.bytes.load(Ordering::Relaxed) >= self.room().flush_at();
        if growth.memtable > 0 && !self.is_read_only && is_much() {
            self.wake_writer();
        }
        Some(result)
    }

    /// Everything that is known of an id, appended to `out`.
    pub(crate) fn look_up(
        &self,
        fingerprint: Fingerprint,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        let in_memory = self.shard(fingerprint).look_up(fingerprint, out);
        if let InMemory::Part { epoch } = in_memory {
            self.complete(fingerprint, epoch, scratch, (out, start));
        }
    }

    /// Completes what stands in `out` from `start` on, which memory knew at that epoch, by what the runs know.
    fn complete(
        &self,
        fingerprint: Fingerprint,
        epoch: u64,
        scratch: &mut Scratch,
        (out, start): (&mut Vec<u8>, usize),
    ) {
        self.read_runs(fingerprint, scratch);
        let older = &scratch.all;
        if older.is_empty() && out.len() == start {
            return;
        }
        let limit = self.room().records() / SHARDS;
        let mut shard = self.shard(fingerprint);
        let growth = shard.complete(fingerprint, (older, epoch), limit, (out, start));
        self.count(growth);
    }

    /// Reads what the runs know of an id into `scratch.all`.
    fn read_runs(&self, fingerprint: Fingerprint, scratch: &mut Scratch) {
        let Scratch { all, merged, pages } = scratch;
        all.clear();
        for run in self.runs.load().iter().rev() {
            if crate::record::is_reset(all) {
                return;
            }
            match run.get(fingerprint, pages) {
                Ok(Some(older)) => merge_behind(all, 0, older, merged),
                Ok(None) => {}
                Err(error) => self.report_unreadable(run, &error),
            }
        }
    }

    /// About how many ids are known.
    pub(crate) fn ids(&self) -> u64 {
        self.sample().ids() + self.memtable.ids.load(Ordering::Relaxed) as u64
    }

    /// About how many people are known: ids that are no device, and no earlier id, of a user.
    pub(crate) fn people(&self) -> u64 {
        self.sample().people() + self.memtable.people.load(Ordering::Relaxed) as u64
    }

    fn sample(&self) -> IdSample {
        IdSample::union(self.runs.load().iter().map(|run| &run.sample))
    }

    /// Whether there are more people than allowed. The estimate is made only if the sum of all files does not rule it out.
    fn has_too_many_people(&self) -> bool {
        let at_most = self.runs.load().iter().map(|run| run.count).sum::<u64>()
            + self.memtable.ids.load(Ordering::Relaxed) as u64;
        at_most > self.limits.max_people && self.people() > self.limits.max_people
    }

    /// Bytes of the files.
    pub(crate) fn disk_bytes(&self) -> u64 {
        let in_runs: u64 = self.runs.load().iter().map(|run| run.bytes).sum();
        in_runs + self.writer().log.as_ref().map_or(0, |log| log.bytes)
    }

    /// Whether what is learned can be kept at present.
    pub(crate) fn is_learning(&self) -> bool {
        !self.is_stopped.load(Ordering::Relaxed)
    }

    fn room(&self) -> Room {
        Room::beside(self.runs_memory.load(Ordering::Relaxed))
    }

    fn shard(&self, fingerprint: Fingerprint) -> MutexGuard<'_, Shard> {
        let index = usize::try_from(fingerprint.lower() >> 56).unwrap_or(0) % SHARDS;
        // The index is within bounds: it is a remainder.
        let shard = self.shards.get(index).unwrap_or(&self.shards[0]);
        lock(shard)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        lock(&self.writer)
    }

    fn count(&self, growth: Growth) {
        // Most messages add nothing, and all threads would write to the same place for it.
        let add = |counter: &AtomicUsize, grown| {
            if grown > 0 {
                counter.fetch_add(grown, Ordering::Relaxed);
            }
        };
        add(&self.memtable.bytes, growth.memtable);
        add(&self.memtable.ids, growth.new_ids);
        add(&self.memtable.people, growth.new_people);
    }

    fn is_full(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
            || self.memtable.bytes.load(Ordering::Relaxed) >= self.room().memtable_limit()
    }

    fn report_unreadable(&self, run: &Arc<SortedRun>, error: &SortedRunError) {
        match error {
            // The process that uses the memory finds it, too.
            _ if self.is_read_only => {}
            SortedRunError::Damaged => self.put_aside(run),
            SortedRunError::Io(error) => {
                tracing::warn!(%error, "the match memory cannot be read; events go out without what it knows");
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
