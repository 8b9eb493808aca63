//! The dead letters of a data folder. They are kept until a person replays or purges them, or until their retention
//! ends.
//!
//! They have a file of their own, because several processes use it at the same time: an operator lists, replays and
//! purges while the engine runs, and redb lets only one process have `events.redb` open at full speed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{DeadLetter, DeadLetterStore, EventKey, Filter, LogError, UnixMillis};
use redb::{ConcurrencyMode, ReadableTable, ReadableTableMetadata};

use crate::store::{
    Damage, DamagedContents, End, FileStorage, Folder, OpenError, Storage, Store, StoreOptions,
    replace_damaged,
};

mod letter;
mod operate;
mod tables;

use tables::{COUNTS, LETTERS, REPLAYS, UNCONFIRMED};

/// How much is kept, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetterOptions {
    /// At most this many. When they are used up, destinations are held; nothing is dropped.
    pub letters: u64,
    /// At most this many bytes.
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

/// Letters that are read in one transaction. Other processes may write between two of them.
const PAGE: usize = 256;

impl DeadLetters {
    /// Opens the dead letters of a data folder that holds a log; the log itself may be in use.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: there is no log, or its folder cannot be used.
    pub fn open(folder: &Path, options: DeadLetterOptions) -> Result<Self, OpenError> {
        let opened = Self::in_folder(&Folder::existing(folder)?, options);
        opened.map_err(|error| match error {
            OpenError::Damaged { name, reason } => OpenError::DamagedDeadLetters { name, reason },
            error => error,
        })
    }

    /// Opens them for the process that has the log open: only it may put a damaged file aside, since others may have
    /// the file open as well.
    pub(crate) fn open_or_replace(
        folder: &Folder,
        options: DeadLetterOptions,
    ) -> Result<(Self, Option<Damage>), OpenError> {
        let path = folder.dead_letters();
        match Self::in_folder(folder, options) {
            Err(OpenError::Damaged { name, reason }) => {
                tracing::error!("{name} is damaged: {reason}");
                let damage = Damage {
                    contents: DamagedContents::DeadLetters,
                    damaged_file: replace_damaged(&path, |_| Ok(()))?,
                };
                Ok((Self::in_folder(folder, options)?, Some(damage)))
            }
            opened => Ok((opened?, None)),
        }
    }

    fn in_folder(folder: &Folder, options: DeadLetterOptions) -> Result<Self, OpenError> {
        let path = folder.dead_letters();
        folder.check_not_lost(&path)?;
        Self::on(
            Arc::new(FileStorage { path }),
            options,
            ConcurrencyMode::MultiWriter,
            Duration::from_secs(1),
        )
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

    /// Removes letters that are older than the settings keep them.
    pub(crate) fn expire(&self, now: UnixMillis) -> Result<u64, LogError> {
        self.purge(
            &Filter::all().until(now.minus(self.options.retention)),
            false,
        )
    }

    /// Stores letters, unconfirmed. One that is there already under its id is replaced.
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

    /// Confirms letters: their events are gone from the log.
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

    /// The next letters whose replay was requested, at most `count`.
    pub(crate) fn to_replay(&self, count: usize) -> Result<Vec<DeadLetter>, LogError> {
        self.store.read(|transaction| {
            let mut found = Vec::new();
            let replays = tables::open(transaction, REPLAYS)?;
            let letters = tables::open(transaction, LETTERS)?;
            let (Some(replays), Some(letters)) = (replays, letters) else {
                return Ok(found);
            };
            for row in replays.iter()?.take(count) {
                let id = EventKey(row?.0.value());
                let value = letters.get(id.0)?;
                found.extend(value.and_then(|value| letter::read(id, value.value())));
            }
            Ok(found)
        })
    }

    /// The highest id that a letter has; 0 without letters.
    pub(crate) fn highest_id(&self) -> Result<u64, LogError> {
        self.store.read(|transaction| {
            let Some(table) = tables::open(transaction, LETTERS)? else {
                return Ok(0);
            };
            let last = table.last()?;
            Ok(last.map_or(0, |(id, _)| id.value()))
        })
    }

    pub(crate) fn close(&self) {
        self.store.close();
    }
}

impl std::fmt::Debug for DeadLetters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeadLetters").finish_non_exhaustive()
    }
}
