//! A redb database that tells passing failures from fatal ones.
//!
//! After a failed sync it is unknown what is on the disk: the system may have dropped the unwritten pages, and a second
//! sync would succeed without them. Nothing is tried again until another process opens the database. Any other failure,
//! a full disk above all, leaves what was committed as it was: the database is closed, and opened again after a while.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use conversions_delivery::LogError;
use redb::{
    Builder, ConcurrencyMode, Database, ReadTransaction, ReadableDatabase, WriteTransaction,
};

mod backend;
mod damaged;
mod folder;
mod open_error;
mod segments;

pub(crate) use backend::FileStorage;
pub use backend::Storage;
use backend::{FaultRecorder, ObservedBackend};
pub use damaged::{Damage, DamagedContents};
pub(crate) use damaged::{copy_aside, replace_damaged};
pub(crate) use folder::{Folder, replace_file, sync_folder_of};
pub use open_error::OpenError;
pub(crate) use segments::FolderSegments;
pub use segments::SegmentStorage;

/// How a database is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoreOptions {
    /// Memory for pages.
    pub(crate) cache_bytes: usize,
    /// Whether other processes may have it open.
    pub(crate) mode: ConcurrencyMode,
    /// How long after a passing failure it is opened again.
    pub(crate) reopen_after: Duration,
}

/// A database, open or between a failure and the next try.
pub(crate) struct Store {
    storage: Arc<dyn Storage>,
    options: StoreOptions,
    faults: Arc<FaultRecorder>,
    state: RwLock<State>,
}

enum State {
    Open(Database),
    /// A failure that may pass: it is opened again at `retry_at`.
    Closed {
        reason: String,
        retry_at: Instant,
    },
    /// A fatal failure: what is in memory and on the disk may differ.
    Failed {
        reason: String,
    },
}

/// How a writing transaction ends.
pub(crate) enum End<T> {
    /// Everything becomes durable.
    Commit(T),
    /// Nothing was written, so no sync is needed.
    Abort(T),
}

impl Store {
    /// Opens the database, every page checked; creates it when the storage is empty.
    pub(crate) fn open(
        storage: Arc<dyn Storage>,
        options: StoreOptions,
    ) -> Result<Self, OpenError> {
        let faults = Arc::<FaultRecorder>::default();
        let database = open_database(&*storage, options, &faults)?;
        Ok(Self {
            storage,
            options,
            faults,
            state: RwLock::new(State::Open(database)),
        })
    }

    /// Reads. The closure sees one state of the database, the latest that was committed.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, LogError> {
        self.with(|database| {
            let transaction = database.begin_read()?;
            read(&transaction)
        })
    }

    /// Writes, and returns when what was written is durable. After an error nothing of it is there.
    pub(crate) fn write<T>(
        &self,
        write: impl FnOnce(&WriteTransaction) -> Result<End<T>, redb::Error>,
    ) -> Result<T, LogError> {
        self.with(|database| {
            let mut transaction = database.begin_write()?;
            // With one phase, redb falls back to the commit before when the newest does not verify. That would lose
            // acknowledged events without a word; with two phases it is reported as damage.
            transaction.set_two_phase_commit(true);
            match write(&transaction) {
                Ok(End::Commit(value)) => {
                    transaction.commit()?;
                    Ok(value)
                }
                Ok(End::Abort(value)) => {
                    transaction.abort()?;
                    Ok(value)
                }
                Err(error) => {
                    // The error that made it fail is the one to report.
                    let _ = transaction.abort();
                    Err(error)
                }
            }
        })
    }

    /// Gives free pages back to the file system. Waits for readers.
    pub(crate) fn compact(&self) -> Result<(), LogError> {
        let result = match &mut *self.state.write().unwrap_or_else(PoisonError::into_inner) {
            State::Open(database) => database.compact(),
            State::Closed { .. } | State::Failed { .. } => return Ok(()),
        };
        match result {
            Ok(_) => Ok(()),
            Err(error) => Err(self.close_after(&error.into())),
        }
    }

    /// Whether nothing has failed, or what had failed works again.
    pub(crate) fn is_open(&self) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        matches!(&*state, State::Open(_))
    }

    /// Closes the database for good.
    pub(crate) fn close(&self) {
        let reason = "it was closed".to_owned();
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State::Failed { reason };
    }

    /// Makes the database fail for good, because a file that belongs to it has.
    pub(crate) fn fail(&self, reason: String) -> LogError {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if !matches!(&*state, State::Failed { .. }) {
            *state = State::Failed {
                reason: reason.clone(),
            };
        }
        LogError::Failed { reason }
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        self.storage.name()
    }

    /// Bytes of the file.
    pub(crate) fn storage_bytes(&self) -> u64 {
        self.faults.storage_bytes()
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, LogError> {
        self.reopen_if_closed()?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let result = match &*state {
            State::Open(database) => act(database),
            State::Closed { reason, .. } => {
                return Err(LogError::Unavailable {
                    reason: reason.clone(),
                });
            }
            State::Failed { reason } => {
                return Err(LogError::Failed {
                    reason: reason.clone(),
                });
            }
        };
        drop(state);
        result.map_err(|error| self.close_after(&error))
    }

    /// Closes the database after a failure, and returns what kind of failure it was.
    fn close_after(&self, error: &redb::Error) -> LogError {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let State::Failed { reason } = &*state {
            return LogError::Failed {
                reason: reason.clone(),
            };
        }
        let reason = self.faults.reason().unwrap_or_else(|| error.to_string());
        let is_passing = matches!(
            error,
            redb::Error::Io(_) | redb::Error::PreviousIo | redb::Error::DatabaseClosed
        ) && !self.faults.sync_failed();
        if is_passing {
            let retry_at = Instant::now() + self.options.reopen_after;
            *state = State::Closed {
                reason: reason.clone(),
                retry_at,
            };
            LogError::Unavailable { reason }
        } else {
            *state = State::Failed {
                reason: reason.clone(),
            };
            LogError::Failed { reason }
        }
    }

    fn reopen_if_closed(&self) -> Result<(), LogError> {
        let is_due = |state: &State| matches!(state, State::Closed { retry_at, .. } if *retry_at <= Instant::now());
        if !is_due(&self.state.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if !is_due(&state) {
            return Ok(());
        }
        self.faults.clear_reason();
        match open_database(&*self.storage, self.options, &self.faults) {
            Ok(database) => {
                *state = State::Open(database);
                Ok(())
            }
            Err(OpenError::Damaged { reason, .. }) => {
                *state = State::Failed {
                    reason: reason.clone(),
                };
                Err(LogError::Failed { reason })
            }
            Err(error) => {
                let reason = error.to_string();
                *state = State::Closed {
                    reason: reason.clone(),
                    retry_at: Instant::now() + self.options.reopen_after,
                };
                Err(LogError::Unavailable { reason })
            }
        }
    }
}

fn open_database(
    storage: &dyn Storage,
    options: StoreOptions,
    faults: &Arc<FaultRecorder>,
) -> Result<Database, OpenError> {
    let backend = ObservedBackend::new(storage.open()?, Arc::clone(faults));
    // redb repairs a file that was not closed, and checks every page while it does. To check once more would double the
    // time, about a second per gigabyte.
    let was_closed = backend.was_closed();
    let open = || {
        Builder::new()
            .set_cache_size(options.cache_bytes)
            .set_concurrency_mode(options.mode)
            .set_check_integrity_on_open(was_closed)
            .create_with_backend(backend)
    };
    // redb may panic on a file that was changed behind its back, checks or not.
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(opened) => opened.map_err(|error| OpenError::of_database(error, &storage.name())),
        Err(_) => Err(OpenError::Damaged {
            name: storage.name(),
            reason: "its structure is broken".to_owned(),
        }),
    }
}
