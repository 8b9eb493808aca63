//! The dead letters of a data folder: kept until a person has decided, or for as long as the settings say.
//!
//! They are in a file of their own, which several processes may use at the same time: an operator lists, replays and
//! purges while the engine runs. A replay is a request; the engine that has the log open takes it up within seconds, or the
//! next one when it starts.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use redb::{ConcurrencyMode, ReadableTable, ReadableTableMetadata};

use crate::dead_letter::{DeadLetter, DeadLetterReason};
use crate::log::{EventKey, LogError};
use crate::store::{End, FileStorage, Folder, OpenError, Storage, Store, StoreOptions};
use crate::time::UnixMillis;

mod filter;
mod letter;
mod replay;
mod salvage;
mod tables;

pub use filter::Filter;
pub use replay::{RefusedReplay, Replay};
use tables::{COUNTS, LETTERS, REPLAYS, UNCONFIRMED};

/// How much is kept, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetterOptions {
    /// At most so many. When they are used up, destinations are held rather than anything dropped.
    pub letters: u64,
    /// At most so many bytes.
    pub bytes: u64,
    /// How long a letter is kept.
    pub retention: Duration,
}

impl Default for DeadLetterOptions {
    /// A million letters, 1 GB, 90 days.
    fn default() -> Self {
        Self {
            letters: 1_000_000,
            bytes: 1_000_000_000,
            retention: Duration::from_hours(90 * 24),
        }
    }
}

/// The dead letters of a data folder. All methods block on the disk.
pub struct DeadLetters {
    store: Store,
    options: DeadLetterOptions,
}

/// Letters that are read in one go; others may write in between.
const PAGE: usize = 256;

impl DeadLetters {
    /// Opens the dead letters of a data folder that holds a log; the log itself may be in use.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: there is no log, or its folder cannot be used.
    pub fn open(folder: &Path, options: DeadLetterOptions) -> Result<Self, OpenError> {
        Self::in_folder(&Folder::existing(folder)?, options)
    }

    pub(crate) fn in_folder(
        folder: &Folder,
        options: DeadLetterOptions,
    ) -> Result<Self, OpenError> {
        let path = folder.dead_letters();
        folder.check_held(&path)?;
        let open = || {
            Self::on(
                Arc::new(FileStorage { path: path.clone() }),
                options,
                ConcurrencyMode::MultiWriter,
                Duration::from_secs(1),
            )
        };
        match open() {
            Err(error @ OpenError::Damaged { .. }) => {
                tracing::error!("{error}; saving what can be read");
                let saved = salvage::salvage_letters(&path)?.ok_or(error)?;
                saved.tell();
                open()
            }
            opened => opened,
        }
    }

    pub(crate) fn on(
        storage: Arc<dyn Storage>,
        options: DeadLetterOptions,
        mode: ConcurrencyMode,
        reopen_after: Duration,
    ) -> Result<Self, OpenError> {
        let store = StoreOptions {
            cache_bytes: 4 << 20,
            mode,
            reopen_after,
        };
        Ok(Self {
            store: Store::open(storage, store)?,
            options,
        })
    }

    /// Visits the letters that pass the filter, oldest first, until the visitor breaks off. Says how many were visited.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the file cannot be read.
    pub fn visit(
        &self,
        filter: &Filter,
        mut visitor: impl FnMut(DeadLetter) -> ControlFlow<()>,
    ) -> Result<u64, LogError> {
        let mut visited = 0;
        let mut from = 0;
        loop {
            let page = self.page(from)?;
            let Some(last) = page.last().map(|letter| letter.id.0) else {
                return Ok(visited);
            };
            for letter in page {
                if filter.passes(&letter) {
                    visited += 1;
                    if visitor(letter).is_break() {
                        return Ok(visited);
                    }
                }
            }
            from = last + 1;
        }
    }

    /// One letter.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the file cannot be read.
    pub fn get(&self, id: EventKey) -> Result<Option<DeadLetter>, LogError> {
        self.store.read(|transaction| {
            let table = tables::open(transaction, LETTERS)?;
            let value = table.map(|table| table.get(id.0)).transpose()?.flatten();
            Ok(value.and_then(|value| letter::read(id, value.value())))
        })
    }

    /// How many letters there are, by destination and reason.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the file cannot be read.
    pub fn counts(&self) -> Result<BTreeMap<String, BTreeMap<DeadLetterReason, u64>>, LogError> {
        self.store.read(|transaction| {
            let mut counts: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
            let Some(table) = tables::open(transaction, COUNTS)? else {
                return Ok(counts);
            };
            for row in table.iter()? {
                let (key, count) = row?;
                let (destination, reason) = key.value();
                if let Some(reason) = DeadLetterReason::from_name(reason) {
                    let counts = counts.entry(destination.to_owned()).or_default();
                    counts.insert(reason, count.value());
                }
            }
            Ok(counts)
        })
    }

    /// Removes the letters that pass the filter, for good; with `dry_run` only counts them.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the file cannot be read or written.
    pub fn purge(&self, filter: &Filter, dry_run: bool) -> Result<u64, LogError> {
        let mut ids = Vec::new();
        let found = self.visit(filter, |letter| {
            ids.push(letter.id);
            ControlFlow::Continue(())
        })?;
        if !dry_run {
            self.remove(&ids)?;
        }
        Ok(found)
    }

    /// Removes letters that are older than the settings keep them.
    pub(crate) fn expire(&self, now: UnixMillis) -> Result<u64, LogError> {
        self.purge(
            &Filter::all().until(now.minus(self.options.retention)),
            false,
        )
    }

    /// Keeps letters, unconfirmed. One that is there already under its id is replaced.
    pub(crate) fn keep(&self, letters: &[DeadLetter]) -> Result<(), LogError> {
        let limit = self.options;
        let kept = self.store.write(|transaction| {
            {
                let mut table = transaction.open_table(LETTERS)?;
                let mut counts = transaction.open_table(COUNTS)?;
                let mut unconfirmed = transaction.open_table(UNCONFIRMED)?;
                let mut bytes = 0_u64;
                for letter in letters {
                    let value = letter::write(letter);
                    bytes += u64::try_from(value.len()).unwrap_or(u64::MAX);
                    if let Some(old) = table.insert(letter.id.0, value.as_slice())? {
                        let size = u64::try_from(old.value().len()).unwrap_or(u64::MAX);
                        bytes = bytes.saturating_sub(size);
                        if let Some(old) = letter::read(letter.id, old.value()) {
                            tables::add_to_count(&mut counts, &old, -1)?;
                        }
                    }
                    tables::add_to_count(&mut counts, letter, 1)?;
                    unconfirmed.insert(letter.id.0, [].as_slice())?;
                }
                let held = tables::add_bytes(transaction, bytes, 0)?;
                if table.len()? > limit.letters || held > limit.bytes {
                    return Ok(End::Abort(false));
                }
            }
            Ok(End::Commit(true))
        })?;
        if kept {
            return Ok(());
        }
        Err(LogError::DeadLettersFull {
            limit: limit.letters,
        })
    }

    /// The events of these letters are gone from the log.
    pub(crate) fn confirm(&self, ids: &[EventKey]) -> Result<(), LogError> {
        self.store.write(|transaction| {
            let mut unconfirmed = transaction.open_table(UNCONFIRMED)?;
            for id in ids {
                unconfirmed.remove(id.0)?;
            }
            drop(unconfirmed);
            Ok(End::Commit(()))
        })
    }

    /// Letters whose events may still be in the log, because a process ended in between.
    pub(crate) fn unconfirmed(&self) -> Result<Vec<EventKey>, LogError> {
        self.store.read(|transaction| {
            let Some(table) = tables::open(transaction, UNCONFIRMED)? else {
                return Ok(Vec::new());
            };
            let ids = table.iter()?.map(|row| Ok(EventKey(row?.0.value())));
            ids.collect()
        })
    }

    /// Of these ids, those that no letter has.
    pub(crate) fn missing(&self, mut ids: Vec<u64>) -> Result<Vec<u64>, LogError> {
        self.store.read(|transaction| {
            if let Some(table) = tables::open(transaction, LETTERS)? {
                let mut missing = Vec::new();
                for id in ids {
                    if table.get(id)?.is_none() {
                        missing.push(id);
                    }
                }
                ids = missing;
            }
            Ok(ids)
        })
    }

    /// Removes letters.
    pub(crate) fn remove(&self, ids: &[EventKey]) -> Result<(), LogError> {
        for ids in ids.chunks(PAGE * 16) {
            self.store.write(|transaction| {
                let mut table = transaction.open_table(LETTERS)?;
                let mut counts = transaction.open_table(COUNTS)?;
                let mut replays = transaction.open_table(REPLAYS)?;
                let mut freed = 0;
                for id in ids {
                    replays.remove(id.0)?;
                    if let Some(old) = table.remove(id.0)? {
                        freed += u64::try_from(old.value().len()).unwrap_or(u64::MAX);
                        if let Some(old) = letter::read(*id, old.value()) {
                            tables::add_to_count(&mut counts, &old, -1)?;
                        }
                    }
                }
                tables::add_bytes(transaction, 0, freed)?;
                Ok(End::Commit(()))
            })?;
        }
        Ok(())
    }

    pub(crate) fn close(&self) {
        self.store.close();
    }

    /// Letters from an id on.
    fn page(&self, from: u64) -> Result<Vec<DeadLetter>, LogError> {
        self.store.read(|transaction| {
            let Some(table) = tables::open(transaction, LETTERS)? else {
                return Ok(Vec::new());
            };
            let mut page = Vec::new();
            for row in table.range(from..)?.take(PAGE) {
                let (id, value) = row?;
                let id = EventKey(id.value());
                page.push(
                    letter::read(id, value.value()).unwrap_or_else(|| letter::unreadable(id)),
                );
            }
            Ok(page)
        })
    }
}

impl std::fmt::Debug for DeadLetters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeadLetters").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
