//! Why the memory cannot be used.

use std::io;
use std::path::PathBuf;

/// Why the memory of a data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder cannot be used.
    #[error("the match memory in {} cannot be used", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Nothing has ever been remembered in this data folder, so there is nothing to look at.
    #[error("nothing is remembered in {}", path.display())]
    NoMemory {
        /// The data folder.
        path: PathBuf,
    },
    /// Another process has it open.
    #[error("the match memory in {} is in use by another process", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
}

/// Why something was not forgotten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForgetError {
    /// Nothing has ever been remembered in this data folder.
    #[error("nothing is remembered in {}", path.display())]
    NoMemory {
        /// The data folder.
        path: PathBuf,
    },
    /// The memory cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Files cannot be read or written.
    #[error("the match memory cannot be written")]
    Io(#[from] io::Error),
    /// The process that has it open does not answer.
    #[error("the process that uses the match memory does not answer; it forgets as soon as it can")]
    NoAnswer,
}
