//! The journal, a write-ahead log: a file to which commits are appended, one record and one sync each.
//!
//! It makes a commit cheap: what is delivered soon never reaches the tables. A checkpoint writes everything in it that
//! is not settled into the tables, together with the number of the next record, and truncates the journal. Records with
//! a lower number are ignored from then on, so it does no harm when the truncation does not reach the disk.
//!
//! A record is its magic (4 bytes), number (8), length (4) and checksum (4), then its [entries]. The checksum covers the
//! number, so a record of an earlier round at the same place is not taken for one of this round. Of a damaged record the
//! frames are read, which have checksums of their own.

use std::io;
use std::sync::Arc;

use redb::StorageBackend;

use crate::lock::lock;
use crate::store::Storage;

mod entries;
mod reading;

pub(crate) use entries::{CommitBuilder, Entry, frames_in};
pub(crate) use reading::{JournalContents, Record};

/// What every record begins with.
const MAGIC: [u8; 4] = *b"sgJ2";
/// Magic, number, length, checksum.
const HEADER_BYTES: usize = 4 + 8 + 4 + 4;
/// The file begins with its name: a journal without records differs from a file that lost its content.
const TITLE: [u8; 16] = *b"segue journal 2\n";

/// The journal, open for appending.
pub(crate) struct Journal {
    storage: Arc<dyn Storage>,
    state: std::sync::Mutex<State>,
}

struct State {
    /// `None` after a failure, until it was truncated.
    file: Option<Box<dyn StorageBackend>>,
    /// Where the next record goes.
    end: u64,
    /// The number of the next record.
    next: u64,
}

/// Why a record was not written.
#[derive(Debug)]
pub(crate) enum JournalError {
    /// The record is not there. Until the next checkpoint, commits go into the tables.
    Write(io::Error),
    /// It is unknown whether the record is on the disk.
    Sync(io::Error),
}

impl Journal {
    /// Opens a journal and gives its records to `visit`, except for those below `from`, which are in the tables. Without
    /// `from` every record counts.
    pub(crate) fn open(
        storage: Arc<dyn Storage>,
        from: Option<u64>,
        visit: impl FnMut(Record),
    ) -> io::Result<(Self, JournalContents)> {
        let file = storage.open()?;
        let contents = reading::read(&*file, from, visit)?;
        if file.len()? == 0 {
            file.write(0, &TITLE)?;
            file.sync_data()?;
        } else if contents.damaged == 0 && file.len()? > contents.end {
            file.set_len(contents.end)?;
        }
        let state = State {
            end: contents.end,
            next: contents.next,
            file: Some(file),
        };
        let journal = Self {
            storage,
            state: std::sync::Mutex::new(state),
        };
        Ok((journal, contents))
    }

    /// Appends a record, and returns when it is durable.
    pub(crate) fn write(&self, record: &mut CommitBuilder) -> Result<(), JournalError> {
        let mut state = lock(&self.state);
        let State { file, end, next } = &mut *state;
        let Some(open) = file else {
            return Err(JournalError::Write(io::Error::other(
                "the journal is disabled",
            )));
        };
        let record = record.finish(*next);
        let written = open
            .write(*end, record)
            .map_err(JournalError::Write)
            .and_then(|()| open.sync_data().map_err(JournalError::Sync));
        match written {
            Ok(()) => {
                *end += u64::try_from(record.len()).unwrap_or(u64::MAX);
                *next += 1;
            }
            // Part of the record may be behind the end. It was not acknowledged, and the next checkpoint truncates it.
            Err(_) => *file = None,
        }
        written
    }

    /// Truncates the journal, since everything is in the tables. When that fails, commits go into the tables.
    pub(crate) fn truncate(&self) {
        let mut state = lock(&self.state);
        let file = state.file.take().map_or_else(|| self.storage.open(), Ok);
        let truncated = file.and_then(|file| {
            // No sync: if the old records come back after a loss of power, their numbers are too low to count.
            file.set_len(title_bytes())?;
            file.write(0, &TITLE)?;
            Ok(file)
        });
        match truncated {
            Ok(file) => {
                state.file = Some(file);
                state.end = title_bytes();
            }
            Err(error) => tracing::debug!("the journal cannot be truncated: {error}"),
        }
    }

    /// The number of the next record.
    pub(crate) fn next(&self) -> u64 {
        lock(&self.state).next
    }

    /// Whether records can be written.
    pub(crate) fn is_usable(&self) -> bool {
        lock(&self.state).file.is_some()
    }

    /// Whether no record is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes() == 0
    }

    /// Bytes of records.
    pub(crate) fn bytes(&self) -> u64 {
        lock(&self.state).end.saturating_sub(title_bytes())
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        self.storage.name()
    }

    /// Takes no more records until it is truncated.
    pub(crate) fn disable(&self) {
        lock(&self.state).file = None;
    }
}

fn title_bytes() -> u64 {
    u64::try_from(TITLE.len()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
