//! Why a folder with a log could not be opened.

use std::io;
use std::path::PathBuf;

use redb::{DatabaseError, StorageError};

/// Why a folder with a log could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "{name} is in use by another process: one process at a time may write to a data folder"
    )]
    InUse {
        /// The file.
        name: String,
    },
    /// The folder or a file in it cannot be used.
    #[error("the data folder {path} cannot be used")]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// The error underneath.
        source: io::Error,
    },
    /// It was written by a version with another format of the data folder.
    #[error(
        "the data folder has format {found}, and this version reads format {known}: with the version that wrote it, run `segue serve` until `segue status` \
         shows no event waiting, replay or purge the dead letters, then start with another folder"
    )]
    OtherFormat {
        /// The format of the folder.
        found: u64,
        /// The format of this version.
        known: u64,
    },
    /// The folder has held a log, and the file is gone or empty.
    #[error(
        "{name} is missing or empty, although this data folder has held a log: restore it, or move the folder away to start with an empty log"
    )]
    Missing {
        /// The file.
        name: String,
    },
    /// The file is damaged, and nothing in it can be read.
    #[error(
        "{name} is damaged and cannot be read ({reason}): restore it, or move the folder away to start with an empty log"
    )]
    Damaged {
        /// The file.
        name: String,
        /// What was found.
        reason: String,
    },
    /// The file of the dead letters is damaged. The process that opens the log puts it aside; others leave it alone.
    #[error(
        "{name} is damaged and cannot be read ({reason}): restore it, or let the next start of `send` or `serve` put it aside"
    )]
    DamagedDeadLetters {
        /// The file.
        name: String,
        /// What was found.
        reason: String,
    },
    /// There is no log in the folder.
    #[error("there is no log in {path}")]
    NoLog {
        /// The folder.
        path: PathBuf,
    },
    /// The storage failed.
    #[error("the storage failed")]
    Storage(#[from] io::Error),
}

impl OpenError {
    pub(super) fn of_database(error: DatabaseError, name: &str) -> Self {
        let name = name.to_owned();
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                Self::InUse { name }
            }
            DatabaseError::Storage(StorageError::Io(error))
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ) =>
            {
                Self::Damaged {
                    name,
                    reason: error.to_string(),
                }
            }
            DatabaseError::Storage(StorageError::Io(error)) => Self::Storage(error),
            error => Self::Damaged {
                name,
                reason: error.to_string(),
            },
        }
    }
}
