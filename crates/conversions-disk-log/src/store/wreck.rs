//! Saving from a damaged database what can be read.
//!
//! redb promises nothing about a file that was changed behind its back: reading may fail, and it may panic. So it is read
//! from a copy, from the front and from the back until it fails, and key by key in between.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    ConcurrencyMode, Database, Key, ReadOnlyDatabase, ReadTransaction, ReadableDatabase,
    ReadableTableMetadata, TableDefinition, TableError,
};

use super::backend::{FileStorage, Watched};
use super::folder::sync_folder_of;
use super::{FLAGS_AT, NEEDS_REPAIR, OpenError, Storage};

/// Rows that are read in one go.
const PAGE: usize = 256;
/// At most so many keys are tried one by one.
const WIDEST_GAP: u64 = 1_000_000;

/// What was saved from a damaged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvage {
    /// Events, or dead letters, that could be read.
    pub kept: u64,
    /// And that could not.
    pub lost: u64,
    /// Where the damaged file is now.
    pub damaged_file: PathBuf,
}

impl Salvage {
    /// Both together; the damaged file that is named is this one's.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.kept += other.kept;
        self.lost += other.lost;
        self
    }

    /// Tells the operator.
    pub(crate) fn tell(&self) {
        tracing::error!(
            kept = self.kept,
            lost = self.lost,
            "saved what could be read; the damaged file is {}",
            self.damaged_file.display()
        );
    }
}

/// Counts of rows that were and were not saved.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Saved {
    pub(crate) kept: u64,
    pub(crate) lost: u64,
}

/// Puts a new database in the place of a damaged one, filled by `rescue`. The damaged file is kept under another name. `None`
/// when nothing can be read; then everything is as it was.
pub(crate) fn salvage(
    file: &Path,
    rescue: fn(&mut Wreck, &Database) -> Option<Saved>,
) -> Result<Option<Salvage>, OpenError> {
    let copy = file.with_extension("wreck");
    let fresh = file.with_extension("saved");
    remove(&copy)?;
    fs::copy(file, &copy)?;
    // Of a file that was not closed redb would repair everything first, and refuse to because of the damage. The log commits in
    // two phases, so the commit that the header names is whole but for the damage, repaired or not.
    change_flags(&copy, |flags| flags & !NEEDS_REPAIR)?;
    remove(&fresh)?;
    let mut saved = rescue_into(&copy, &fresh, rescue)?;
    if saved.is_none() {
        // Perhaps it is only the latest commit whose very root is damaged.
        change_flags(&copy, |flags| flags ^ SECOND_SLOT)?;
        remove(&fresh)?;
        saved = rescue_into(&copy, &fresh, rescue)?.map(|saved| Saved {
            lost: saved.lost.max(1),
            ..saved
        });
    }
    remove(&copy)?;
    let Some(saved) = saved else {
        remove(&fresh)?;
        return Ok(None);
    };
    let damaged_file = free_name(file);
    fs::rename(file, &damaged_file)?;
    fs::rename(&fresh, file)?;
    sync_folder_of(file)?;
    Ok(Some(Salvage {
        kept: saved.kept,
        lost: saved.lost,
        damaged_file,
    }))
}

/// Copies a damaged file to another name.
pub(crate) fn copy_aside(file: &Path) -> io::Result<PathBuf> {
    let name = free_name(file);
    fs::copy(file, &name)?;
    Ok(name)
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Which of the two slots holds the latest commit.
const SECOND_SLOT: u8 = 1;

fn change_flags(copy: &Path, change: impl Fn(u8) -> u8) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(copy)?;
    let mut flags = [0];
    file.seek(SeekFrom::Start(FLAGS_AT))?;
    if file.read(&mut flags)? == 1 {
        file.seek(SeekFrom::Start(FLAGS_AT))?;
        file.write_all(&flags.map(change))?;
    }
    Ok(())
}

fn rescue_into(
    copy: &Path,
    fresh: &Path,
    rescue: fn(&mut Wreck, &Database) -> Option<Saved>,
) -> Result<Option<Saved>, OpenError> {
    let storage = FileStorage {
        path: fresh.to_owned(),
    };
    let backend = Watched::new(storage.open()?, Arc::default());
    let database = redb::Builder::new()
        .set_cache_size(16 << 20)
        .create_with_backend(backend)
        .map_err(|error| OpenError::of_database(error, &storage.name()))?;
    let mut wreck = Wreck {
        storage: FileStorage {
            path: copy.to_owned(),
        },
        database: None,
    };
    let saved = rescue(&mut wreck, &database);
    database
        .close()
        .map_err(|error| OpenError::of_database(error, &storage.name()))?;
    Ok(saved)
}

fn free_name(file: &Path) -> PathBuf {
    let mut number = 1_u32;
    loop {
        let name = file.with_extension(format!("damaged-{number}"));
        if !name.exists() {
            return name;
        }
        number += 1;
    }
}

/// A damaged database.
pub(crate) struct Wreck {
    storage: FileStorage,
    database: Option<ReadOnlyDatabase>,
}

impl Wreck {
    /// Reads, if that works at all.
    pub(crate) fn read<T>(
        &mut self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Option<T> {
        if self.database.is_none() {
            let opened = catch_unwind(AssertUnwindSafe(|| self.open()));
            self.database = opened.ok().flatten();
        }
        let database = self.database.take()?;
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            let transaction = database.begin_read()?;
            read(&transaction)
        }));
        let Ok(result) = attempt else {
            // After a panic it is opened anew for the next read.
            close(database);
            return None;
        };
        self.database = Some(database);
        result.ok()
    }

    fn open(&self) -> Option<ReadOnlyDatabase> {
        let backend = Watched::new(self.storage.open().ok()?, Arc::default());
        redb::Builder::new()
            .set_cache_size(16 << 20)
            // In this mode a reader does not ask how pages are allocated.
            .set_concurrency_mode(ConcurrencyMode::SingleWriter)
            .open_read_only_with_backend(backend)
            .ok()
    }

    /// Gives the rows of a table that can be read to `keep`, a few at a time; `None` when it does not take them. The keys in
    /// `gap`, made from the last one that was read from the front and the first one from the back, are tried one by one.
    pub(crate) fn rows<K: Row>(
        &mut self,
        table: TableDefinition<'_, K, &'static [u8]>,
        gap: fn(K, K) -> Vec<K>,
        mut keep: impl FnMut(&[(K, Vec<u8>)]) -> Option<()>,
    ) -> Option<Saved> {
        let expected = self.read(|transaction| match transaction.open_table(table) {
            Ok(table) => Ok(Some(table.len()?)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        });
        if expected == Some(None) {
            return Some(Saved::default());
        }
        let mut saved = Saved::default();
        let mut take = |page: &[(K, Vec<u8>)]| {
            saved.kept += u64::try_from(page.len()).unwrap_or(u64::MAX);
            keep(page)
        };
        let mut last = None;
        let mut first = None;
        let mut is_whole = false;
        while let Some(page) = self.page(table, (last, first), false) {
            let Some((key, _)) = page.last() else {
                is_whole = true;
                break;
            };
            // Damaged keys must not lead in a circle.
            if last.is_some_and(|last| *key <= last) {
                break;
            }
            last = Some(*key);
            take(&page)?;
        }
        while let Some(page) = self.page(table, (last, first), true).filter(|_| !is_whole) {
            let Some((key, _)) = page.last() else {
                break;
            };
            if first.is_some_and(|first| *key >= first) {
                break;
            }
            first = Some(*key);
            take(&page)?;
        }
        if let (Some(last), Some(first), false) = (last, first, is_whole) {
            for key in gap(last, first) {
                let value = self.read(|transaction| {
                    let value = transaction.open_table(table)?.get(key)?;
                    Ok(value.map(|value| value.value().to_vec()))
                });
                if let Some(Some(value)) = value {
                    take(&[(key, value)])?;
                }
            }
        }
        // A table whose very length cannot be read has lost something.
        saved.lost = expected
            .flatten()
            .map_or(1, |expected| expected.saturating_sub(saved.kept));
        Some(saved)
    }

    /// The first or last rows between two keys; when they cannot be read together, one only.
    fn page<K: Row>(
        &mut self,
        table: TableDefinition<'_, K, &'static [u8]>,
        (after, before): (Option<K>, Option<K>),
        from_the_back: bool,
    ) -> Option<Vec<(K, Vec<u8>)>> {
        let range = (
            after.map_or(Bound::Unbounded, Bound::Excluded),
            before.map_or(Bound::Unbounded, Bound::Excluded),
        );
        [PAGE, 1].into_iter().find_map(|count| {
            self.read(|transaction| {
                let table = transaction.open_table(table)?;
                let mut rows = table.range::<K>(range)?;
                let mut page = Vec::new();
                while page.len() < count {
                    let row = if from_the_back {
                        rows.next_back()
                    } else {
                        rows.next()
                    };
                    let Some(row) = row else { break };
                    let (key, value) = row?;
                    page.push((key.value(), value.value().to_vec()));
                }
                Ok(page)
            })
        })
    }
}

impl Drop for Wreck {
    fn drop(&mut self) {
        if let Some(database) = self.database.take() {
            close(database);
        }
    }
}

/// Closing a damaged database may panic as well.
fn close(database: ReadOnlyDatabase) {
    let _ = catch_unwind(AssertUnwindSafe(move || drop(database)));
}

/// Keys that are plain values.
pub(crate) trait Row: for<'a> Key<SelfType<'a> = Self> + Copy + Ord + 'static {}
impl<K: for<'a> Key<SelfType<'a> = K> + Copy + Ord + 'static> Row for K {}

/// The keys between two, if they are not too many to try.
pub(crate) fn keys_between(last: u64, first: u64) -> Vec<u64> {
    let gap = last.saturating_add(1)..first;
    if gap.end.saturating_sub(gap.start) > WIDEST_GAP {
        return Vec::new();
    }
    gap.collect()
}

/// Writes rows into a fresh database.
pub(crate) fn write_rows<K: Row>(
    fresh: &Database,
    table: TableDefinition<'_, K, &'static [u8]>,
    rows: &[(K, Vec<u8>)],
) -> Option<()> {
    let transaction = fresh.begin_write().ok()?;
    {
        let mut table = transaction.open_table(table).ok()?;
        for (key, value) in rows {
            table.insert(*key, value.as_slice()).ok()?;
        }
    }
    transaction.commit().ok()
}
