//! Writes what was learned: to the log every second, and into a run when there is enough of it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::compaction::{CompactionError, Plan};
use super::folder::{FileName, put_aside};
use super::shard::Records;
use super::sorted_run::{SortedRun, SortedRunWriter};
use super::write_ahead_log::WriteAheadLog;
use super::{FLUSH_AT, LOG_LIMIT, Store, Writer, lock};
use crate::fingerprint::Fingerprint;

/// How often all runs are merged, so that expired records leave the disk: once a day, in milliseconds.
const MERGE_ALL_EVERY: u64 = 24 * 3600 * 1000;

/// Bytes from which on records for the log are written as a frame.
const FRAME_BYTES: usize = 64 << 10;

/// When a write must survive a power failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// When the function returns.
    Now,
    /// Later, by a sync that follows. Until then it survives only the end of the process.
    Later,
}

impl Store {
    /// Writes to the log what it lacks, and a run if there is enough for one. [`Durability`] applies to the log.
    pub(crate) fn write_behind(&self, durability: Durability) {
        let mut writer = self.writer();
        let flushes = self.memtable_bytes.load(Ordering::Relaxed) >= FLUSH_AT
            || self.has_too_many_memtable_ids();
        // A run holds what the log lacks. Without a run the next call writes it.
        let is_log_needed = !flushes || durability == Durability::Now || writer.log.is_none();
        if is_log_needed {
            let result = self.write_log(&mut writer, durability);
            self.record_write(result);
        }
        if flushes {
            let result = self.flush_with(&mut writer);
            self.record_write(result);
        }
        drop(writer);
        self.wake_learners();
    }

    /// Writes everything that is in memory into a run.
    pub(crate) fn flush(&self) -> io::Result<()> {
        let mut writer = self.writer();
        self.write_log(&mut writer, Durability::Later)?;
        self.flush_with(&mut writer)
    }

    /// Whether there are more fresh ids alone than may be kept.
    fn has_too_many_memtable_ids(&self) -> bool {
        self.memtable_ids.load(Ordering::Relaxed) as u64 > self.limits.max_people
    }

    /// Makes the running merge end without a result, and all later ones too.
    pub(crate) fn stop_compacting(&self) {
        self.stops_compacting.store(true, Ordering::Relaxed);
    }

    /// Records whether a write has succeeded, and logs when learning stops and when it resumes.
    fn record_write(&self, result: io::Result<()>) {
        let failed = result.is_err();
        let was_stopped = self.is_stopped.swap(failed, Ordering::Relaxed);
        match result {
            Err(error) if !was_stopped => tracing::warn!(
                %error,
                "the match memory cannot be written: nothing is learned until it can; events are delivered as ever"
            ),
            Ok(()) if was_stopped => tracing::info!("the match memory can be written again"),
            _ => {}
        }
    }

    pub(super) fn write_log(&self, writer: &mut Writer, durability: Durability) -> io::Result<()> {
        match &mut writer.log {
            Some(log) if log.bytes < LOG_LIMIT => {
                let appended = self.append_unlogged(log, durability);
                if appended.is_err() {
                    // The log may end in half a frame. The next write replaces it.
                    writer.log = None;
                }
                appended
            }
            _ => self.rewrite_log(writer),
        }
    }

    fn append_unlogged(&self, log: &mut WriteAheadLog, durability: Durability) -> io::Result<()> {
        let mut body = Vec::new();
        let mut append = |body: &mut Vec<u8>| {
            self.folder.check_room(body.len() as u64)?;
            log.append(body)?;
            body.clear();
            io::Result::Ok(())
        };
        for shard in &self.shards {
            lock(shard).take_unlogged(&mut body);
            if body.len() >= FRAME_BYTES {
                append(&mut body)?;
            }
        }
        if !body.is_empty() {
            append(&mut body)?;
        }
        match durability {
            Durability::Now => log.sync(),
            Durability::Later => Ok(()),
        }
    }

    /// Replaces the log by a new one with everything that is not in a run.
    pub(super) fn rewrite_log(&self, writer: &mut Writer) -> io::Result<()> {
        writer.log = None;
        let log = WriteAheadLog::begin(&self.folder, writer.number, |log| {
            let mut body = Vec::new();
            for shard in &self.shards {
                body.clear();
                lock(shard).dump(&mut body);
                if !body.is_empty() {
                    log.append(&body)?;
                }
            }
            Ok(())
        })?;
        writer.log = Some(log);
        for stale in std::mem::take(&mut writer.stale_logs) {
            self.folder.remove(FileName::WriteAheadLog(stale))?;
        }
        Ok(())
    }

    /// Writes everything that is in memory into a run, and begins the next log, which gets what is learned meanwhile.
    fn flush_with(&self, writer: &mut Writer) -> io::Result<()> {
        if writer.log.is_none() {
            return Err(io::Error::other("there is no log"));
        }
        let flushing: Vec<_> = self
            .shards
            .iter()
            .map(|shard| lock(shard).begin_flush())
            .collect();
        let ids = self.memtable_ids.swap(0, Ordering::Relaxed);
        let bytes = self.memtable_bytes.swap(0, Ordering::Relaxed);
        let number = writer.number;
        // Not synced here: finishing the run syncs the folder, which makes the new log's name durable too.
        let written = WriteAheadLog::begin(&self.folder, number + 1, |_| Ok(()))
            .and_then(|next| Ok((self.write_run(&flushing, number)?, next)));
        drop(flushing);
        match written {
            Ok((run, next)) => {
                self.add_run(run);
                for shard in &self.shards {
                    lock(shard).end_flush();
                }
                writer.log = Some(next);
                writer.number = number + 1;
                self.folder.remove(FileName::WriteAheadLog(number))
            }
            Err(error) => {
                for shard in &self.shards {
                    let growth = lock(shard).undo_flush();
                    self.count(growth);
                }
                self.memtable_ids.fetch_add(ids, Ordering::Relaxed);
                self.memtable_bytes.fetch_add(bytes, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    fn write_run(&self, shards: &[Arc<Records>], number: u64) -> io::Result<Option<SortedRun>> {
        let mut records: Vec<(Fingerprint, &[u8])> =
            Vec::with_capacity(shards.iter().map(|shard| shard.len()).sum());
        for shard in shards {
            records.extend(shard.iter().map(|(id, record)| (*id, &**record)));
        }
        if records.is_empty() {
            return Ok(None);
        }
        records.sort_unstable_by_key(|(id, _)| *id);
        let has_resets = records
            .iter()
            .any(|(_, record)| crate::record::is_reset(record));
        let bytes: usize = records.iter().map(|(_, record)| record.len() + 64).sum();
        self.folder.check_room(bytes as u64)?;
        let name = FileName::SortedRun {
            first: number,
            last: number,
            has_resets,
        };
        let mut run = SortedRunWriter::begin(&self.folder, name, records.len(), bytes as u64)?;
        for (id, record) in records {
            run.push(id, record)?;
        }
        run.finish(&self.folder).map(Some)
    }

    fn add_run(&self, run: Option<SortedRun>) {
        let Some(run) = run.map(Arc::new) else { return };
        self.runs.rcu(|runs| {
            let mut runs = Vec::clone(runs);
            runs.push(Arc::clone(&run));
            runs
        });
    }

    /// Merges runs if it is time: a few of about the same size, or all, when records have to leave the disk. Returns
    /// whether anything was done.
    pub(crate) fn compact(&self, now: u64) -> bool {
        let _compacting = lock(&self.compacting);
        let oldest = now.saturating_sub(self.limits.ttl_millis);
        let is_erasing = self.needs_erasure.load(Ordering::Relaxed);
        if is_erasing {
            // The resets must be in a run before a merge can apply them to older records.
            let flushed = self.flush();
            if flushed.is_err() {
                self.record_write(flushed);
                return false;
            }
        }
        let runs = self.runs.load_full();
        let is_daily =
            now.saturating_sub(self.merged_at.load(Ordering::Relaxed)) >= MERGE_ALL_EVERY;
        let merges_all = !runs.is_empty() && (is_erasing || is_daily || self.has_too_many_people());
        let plan = if merges_all {
            Some(Plan::full(&runs, oldest, self.limits.max_people))
        } else {
            Plan::of_newest(&runs, oldest)
        };
        let Some(plan) = plan else {
            if is_erasing {
                self.needs_erasure.store(false, Ordering::Relaxed);
            }
            return false;
        };
        match plan.run(&self.folder, &self.stops_compacting) {
            Ok(None) => return false,
            Ok(Some(run)) => {
                self.replace_runs(&plan.runs, run);
                if merges_all {
                    // What was evicted or has expired may still be in the cache.
                    for shard in &self.shards {
                        lock(shard).drop_cache();
                    }
                    self.merged_at.store(now, Ordering::Relaxed);
                    self.needs_erasure.store(false, Ordering::Relaxed);
                }
            }
            Err(CompactionError::Damaged(name)) => {
                if let Some(run) = plan.runs.iter().find(|run| run.name == name) {
                    self.put_aside(run);
                }
            }
            Err(CompactionError::Read(error) | CompactionError::Write(error)) => {
                tracing::warn!(%error, "files of the match memory cannot be merged; it is tried again");
                return false;
            }
        }
        true
    }

    fn replace_runs(&self, old: &[Arc<SortedRun>], new: SortedRun) {
        let new = Arc::new(new);
        let is_old = |run: &Arc<SortedRun>| old.iter().any(|old| Arc::ptr_eq(old, run));
        self.runs.rcu(|runs| {
            let mut merged = Vec::with_capacity(runs.len());
            for run in runs.iter() {
                if !is_old(run) {
                    merged.push(Arc::clone(run));
                } else if old.first().is_some_and(|first| Arc::ptr_eq(first, run)) {
                    merged.push(Arc::clone(&new));
                }
            }
            merged
        });
        for run in old.iter().filter(|run| run.name != new.name) {
            if let Err(error) = self.folder.remove(run.name) {
                tracing::warn!(%error, "an old file of the match memory cannot be removed");
            }
        }
    }

    /// Puts a damaged run aside. If it has resets, all older runs go with it: without the resets, forgotten records in
    /// them would come back.
    pub(super) fn put_aside(&self, damaged: &Arc<SortedRun>) {
        let mut gone: Vec<Arc<SortedRun>> = Vec::new();
        self.runs.rcu(|runs| {
            gone.clear();
            let position = runs.iter().position(|run| Arc::ptr_eq(run, damaged));
            let Some(position) = position else {
                return Vec::clone(runs);
            };
            let first = if damaged.has_resets() { 0 } else { position };
            let mut kept = Vec::clone(runs);
            gone.extend(kept.drain(first..=position));
            kept
        });
        for run in &gone {
            put_aside(&self.folder, run.name);
        }
        for shard in &self.shards {
            lock(shard).drop_cache();
        }
    }
}
