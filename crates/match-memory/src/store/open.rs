//! Opening the memory: what is damaged is put aside, and the rest goes on without it.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use super::flush::Durability;
use super::folder::{FileName, Folder, put_aside};
use super::sorted_run::{SortedRun, SortedRunError};
use super::write_ahead_log::{self, Integrity};
use super::{Limits, SHARDS, Store, Writer};
use crate::apart::Apart;
use crate::error::OpenError;
use crate::fingerprint::Key;

/// How often the files of a memory are read anew while another process replaces them.
const ATTEMPTS: usize = 10;

/// Whether a file's contents are in another file by now.
fn is_superseded(name: &FileName, files: &[FileName]) -> bool {
    let (first, last) = match *name {
        FileName::WriteAheadLog(number) => (number, number),
        FileName::SortedRun { first, last, .. } => (first, last),
    };
    files
        .iter()
        .any(|other| other != name && covers(*other, first, last))
}

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
            needs_erasure: has_resets.into(),
            merged_at: merged_at.into(),
            ..Self::of_runs(folder, limits, key, runs, Some((file_lock, number)))
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

    /// Opens a memory to look at it, also while another process uses it. Nothing is written: what is learned is in this
    /// store only, as long as it fits into memory.
    pub(crate) fn open_read_only(data_dir: &Path, limits: Limits) -> Result<Self, OpenError> {
        let none = || OpenError::NoMemory {
            path: data_dir.to_owned(),
        };
        let folder = Folder::existing(data_dir).ok_or_else(none)?;
        let failed = |source| OpenError::Folder {
            path: data_dir.to_owned(),
            source,
        };
        let key = folder.key().map_err(failed)?.ok_or_else(none)?;
        let mut attempts = 0;
        loop {
            attempts += 1;
            match Self::read_files(data_dir, limits, key.clone()) {
                // The process that uses the memory has merged files meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < ATTEMPTS => {}
                result => return result.map_err(failed),
            }
        }
    }

    fn read_files(data_dir: &Path, limits: Limits, key: Key) -> io::Result<Self> {
        let folder = Folder::existing(data_dir).ok_or(io::ErrorKind::NotFound)?;
        let files = folder.files_to_read()?;
        let mut runs = Vec::new();
        for name in files.iter().filter(|name| !is_superseded(name, &files)) {
            if matches!(name, FileName::SortedRun { .. }) {
                match SortedRun::open(&folder, *name) {
                    Ok(run) => runs.push(Arc::new(run)),
                    Err(SortedRunError::Damaged) => {}
                    Err(SortedRunError::Io(error)) => return Err(error),
                }
            }
        }
        let store = Self::of_runs(folder, limits, key, runs, None);
        for name in files.iter().filter(|name| !is_superseded(name, &files)) {
            if let FileName::WriteAheadLog(number) = *name {
                write_ahead_log::read(&store.folder, number, |id, record| {
                    store.shard(id).restore(id, record);
                })?;
            }
        }
        Ok(store)
    }

    fn of_runs(
        folder: Folder,
        limits: Limits,
        key: Key,
        runs: Vec<Arc<SortedRun>>,
        writes: Option<(File, u64)>,
    ) -> Self {
        let is_read_only = writes.is_none();
        let (file_lock, number) = writes.unzip();
        let store = Self {
            limits,
            key,
            shards: (0..SHARDS).map(|_| Apart::default()).collect(),
            runs: Arc::new(runs).into(),
            runs_memory: 0.into(),
            writer: Mutex::new(Writer {
                log: None,
                number: number.unwrap_or(0),
                stale_logs: Vec::new(),
                _lock: file_lock,
            }),
            is_read_only,
            compacting: Mutex::default(),
            memtable: Apart::default(),
            is_stopped: false.into(),
            is_overloaded: false.into(),
            needs_erasure: false.into(),
            stops_compacting: false.into(),
            merged_at: 0.into(),
            signal: super::Signal::default(),
            folder,
        };
        store.measure_runs();
        store
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
