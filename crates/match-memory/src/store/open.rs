//! Opening the memory: what is damaged is put aside, and the rest goes on without it.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use super::flush::Durability;
use super::folder::{FileName, Folder, put_aside};
use super::shard::Shard;
use super::sorted_run::{SortedRun, SortedRunError};
use super::write_ahead_log::{self, Integrity};
use super::{Limits, SHARDS, Store, Writer};
use crate::error::OpenError;

impl Store {
    /// Opens the memory of a data folder, or makes one.
    pub(crate) fn open(data_dir: &Path, limits: Limits) -> Result<Self, OpenError> {
        let folder = Folder::create(data_dir, limits.reserved_bytes).map_err(|source| {
            OpenError::Folder {
                path: data_dir.to_owned(),
                source,
            }
        })?;
        let failed = |source| OpenError::Folder {
            path: folder.path().to_owned(),
            source,
        };
        let Some(file_lock) = folder.lock().map_err(failed)? else {
            return Err(OpenError::InUse {
                path: folder.path().to_owned(),
            });
        };
        let mut files = folder.files().map_err(failed)?;
        let key = if let Some(key) = folder.key().map_err(failed)? {
            key
        } else {
            // Without the key they were written with, no id in them is ever found again.
            for name in std::mem::take(&mut files) {
                put_aside(&folder, name);
            }
            folder.make_key().map_err(failed)?
        };
        let runs = open_runs(&folder, &files).map_err(failed)?;
        let last = |name: &FileName| match name {
            FileName::WriteAheadLog(number) => *number,
            FileName::SortedRun { last, .. } => *last,
        };
        let number = files.iter().map(last).max().unwrap_or(0) + 1;
        let has_resets = runs.iter().any(|run| run.has_resets());
        let merged_at = runs.first().map_or(0, |run| modified(&folder, run.name));
        let store = Self {
            limits,
            key,
            shards: (0..SHARDS).map(|_| Mutex::<Shard>::default()).collect(),
            runs: Arc::new(runs).into(),
            writer: Mutex::new(Writer {
                log: None,
                number,
                stale_logs: Vec::new(),
                _lock: file_lock,
            }),
            compacting: Mutex::default(),
            memtable_bytes: 0.into(),
            memtable_ids: 0.into(),
            pending_bytes: 0.into(),
            is_stopped: false.into(),
            is_overloaded: false.into(),
            needs_erasure: has_resets.into(),
            stops_compacting: false.into(),
            merged_at: merged_at.into(),
            signal: super::Signal::default(),
            folder,
        };
        store
            .read_logs(&files)
            .map_err(|source| OpenError::Folder {
                path: store.folder.path().to_owned(),
                source,
            })?;
        // On a full disk the old logs stay until there is room.
        store.write_behind(Durability::Now);
        Ok(store)
    }

    /// Reads the logs that are in no run.
    fn read_logs(&self, files: &[FileName]) -> io::Result<()> {
        let runs = self.runs.load();
        for name in files {
            let FileName::WriteAheadLog(number) = *name else {
                continue;
            };
            self.writer().stale_logs.push(number);
            let is_in_run = runs.iter().any(|run| covers(run.name, number, number));
            if is_in_run {
                continue;
            }
            let integrity = write_ahead_log::read(&self.folder, number, |id, record| {
                let growth = self.shard(id).restore(id, record);
                self.count(growth);
            })?;
            if integrity == Integrity::Damaged {
                put_aside(&self.folder, *name);
            }
        }
        Ok(())
    }
}

/// Opens the runs, and removes those whose contents are in another by now.
fn open_runs(folder: &Folder, files: &[FileName]) -> io::Result<Vec<Arc<SortedRun>>> {
    let ranges: Vec<_> = files
        .iter()
        .copied()
        .filter(|name| matches!(name, FileName::SortedRun { .. }))
        .collect();
    let mut runs: Vec<Arc<SortedRun>> = Vec::new();
    for name in &ranges {
        let FileName::SortedRun { first, last, .. } = *name else {
            continue;
        };
        let is_in_other = |other: &&FileName| *other != name && covers(**other, first, last);
        if ranges.iter().any(|other| is_in_other(&other)) {
            folder.remove(*name)?;
            continue;
        }
        match SortedRun::open(folder, *name) {
            Ok(run) => runs.push(Arc::new(run)),
            Err(SortedRunError::Damaged) => {
                put_aside(folder, *name);
                if matches!(
                    name,
                    FileName::SortedRun {
                        has_resets: true,
                        ..
                    }
                ) {
                    // It hid what was forgotten in those before it.
                    runs.drain(..).for_each(|run| put_aside(folder, run.name));
                }
            }
            Err(SortedRunError::Io(error)) => return Err(error),
        }
    }
    Ok(runs)
}

/// Whether a run is made of these logs, among others.
fn covers(run: FileName, from: u64, to: u64) -> bool {
    matches!(run, FileName::SortedRun { first, last, .. } if first <= from && to <= last)
}

/// When a file was written, Unix milliseconds; 0 if unknown.
fn modified(folder: &Folder, name: FileName) -> u64 {
    let modified = std::fs::metadata(folder.path_of(name)).and_then(|file| file.modified());
    let since = modified
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}
