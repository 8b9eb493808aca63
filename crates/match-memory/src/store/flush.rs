//! Writes what was learned: to the log every second, and into a run when there is enough of it.

use std::io;
use std::sync::atomic::Ordering;

use super::folder::FileName;
use super::shard::Flushing;
use super::sorted_run::{SortedRun, SortedRunWriter};
use super::write_ahead_log::WriteAheadLog;
use super::{LOG_LIMIT, MAX_RUNS, Store, Writer, lock};
use crate::fingerprint::Fingerprint;

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
        let flushes = (self.memtable.bytes.load(Ordering::Relaxed) >= self.room().flush_at()
            || self.has_too_many_memtable_people())
            && self.runs.load().len() < MAX_RUNS;
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

    /// Whether there are more fresh people alone than may be kept.
    fn has_too_many_memtable_people(&self) -> bool {
        self.memtable.people.load(Ordering::Relaxed) as u64 > self.limits.max_people
    }

    /// Makes the running merge end without a result, and all later ones too.
    pub(crate) fn stop_compacting(&self) {
        self.stops_compacting.store(true, Ordering::Relaxed);
    }

    /// Records whether a write has succeeded, and logs when learning stops and when it resumes.
    pub(super) fn record_write(&self, result: io::Result<()>) {
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
        // Before the shards: what is learned meanwhile is counted for the next run, or twice.
        self.memtable.clear();
        let flushing: Vec<_> = self
            .shards
            .iter()
            .map(|shard| lock(shard).begin_flush())
            .collect();
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
                Err(error)
            }
        }
    }

    fn write_run(&self, shards: &[Flushing], number: u64) -> io::Result<Option<SortedRun>> {
        let mut records: Vec<(Fingerprint, &[u8])> =
            Vec::with_capacity(shards.iter().map(Flushing::len).sum());
        for shard in shards {
            records.extend(shard.records());
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
        let mut run = SortedRunWriter::begin(&self.folder, name, records.len())?;
        for (id, record) in records {
            run.push(id, record)?;
        }
        run.finish(&self.folder).map(Some)
    }
}
