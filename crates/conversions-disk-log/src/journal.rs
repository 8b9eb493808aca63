//! The journal: a file to which groups of events and acknowledgements are appended, one frame a commit, one sync a frame.
//!
//! It makes a commit cheap: what is delivered soon never reaches the tables. Now and then everything in it that is not
//! settled is written into the tables, together with the number of the next frame, and the journal is begun anew; frames
//! with a lower number are ignored from then on.
//!
//! A frame is its magic, number, length and checksum, then its entries.

use std::io;
use std::sync::Arc;

use redb::StorageBackend;

use crate::shared::lock;
use crate::store::Storage;

mod entries;
mod reading;

pub(crate) use entries::{Entry, Page};
pub(crate) use reading::Found;

/// What every frame begins with.
const MAGIC: [u8; 4] = *b"sgJ1";
/// Magic, number, length, checksum.
const HEAD: usize = 4 + 8 + 4 + 4;
/// The file begins with its name, so that one that was emptied is told from one that was begun.
const TITLE: [u8; 16] = *b"segue journal 1\n";

/// The journal, open for appending.
pub(crate) struct Journal {
    storage: Arc<dyn Storage>,
    state: std::sync::Mutex<State>,
}

struct State {
    /// `None` after a failure, until it was begun anew.
    file: Option<Box<dyn StorageBackend>>,
    /// Where the next frame goes.
    end: u64,
    /// The number of the next frame.
    next: u64,
}

/// Why a frame was not written.
#[derive(Debug)]
pub(crate) enum JournalError {
    /// It is not there; the tables have to do for a while.
    Write(io::Error),
    /// Nobody knows whether it is there.
    Sync(io::Error),
}

impl Journal {
    /// Opens a journal and gives its frames to `visit`, but for those below `from`, which are in the tables. Without `from`
    /// every frame counts.
    pub(crate) fn open(
        storage: Arc<dyn Storage>,
        from: Option<u64>,
        visit: impl FnMut(&[u8]),
    ) -> io::Result<(Self, Found)> {
        let file = storage.open()?;
        let found = reading::read(&*file, from, visit)?;
        if file.len()? == 0 {
            file.write(0, &TITLE)?;
            file.sync_data()?;
        } else if found.lost == 0 && file.len()? > found.end {
            file.set_len(found.end)?;
        }
        let state = State {
            end: found.end,
            next: found.next,
            file: Some(file),
        };
        let journal = Self {
            storage,
            state: std::sync::Mutex::new(state),
        };
        Ok((journal, found))
    }

    /// Appends a frame, and returns when it is durable.
    pub(crate) fn write(&self, page: &mut Page) -> Result<(), JournalError> {
        let mut state = lock(&self.state);
        let State { file, end, next } = &mut *state;
        let Some(open) = file else {
            return Err(JournalError::Write(io::Error::other(
                "the journal is out of order",
            )));
        };
        let frame = page.frame(*next);
        let written = open
            .write(*end, frame)
            .map_err(JournalError::Write)
            .and_then(|()| open.sync_data().map_err(JournalError::Sync));
        match written {
            Ok(()) => {
                *end += u64::try_from(frame.len()).unwrap_or(u64::MAX);
                *next += 1;
            }
            // What lies behind the end now is nothing that anybody was told of.
            Err(_) => *file = None,
        }
        written
    }

    /// Begins anew: everything is in the tables. When that fails, the tables do without a journal.
    pub(crate) fn begin_anew(&self) {
        let mut state = lock(&self.state);
        let file = state.file.take().map_or_else(|| self.storage.open(), Ok);
        let begun = file.and_then(|file| {
            file.set_len(title_bytes())?;
            file.write(0, &TITLE)?;
            Ok(file)
        });
        match begun {
            Ok(file) => {
                state.file = Some(file);
                state.end = title_bytes();
            }
            Err(error) => tracing::debug!("the journal cannot be begun: {error}"),
        }
    }

    /// The number of the next frame.
    pub(crate) fn next(&self) -> u64 {
        lock(&self.state).next
    }

    /// Whether frames can be written.
    pub(crate) fn is_usable(&self) -> bool {
        lock(&self.state).file.is_some()
    }

    /// Whether no frame is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes() == 0
    }

    /// Bytes of frames.
    pub(crate) fn bytes(&self) -> u64 {
        lock(&self.state).end.saturating_sub(title_bytes())
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        self.storage.name()
    }

    /// Takes no more frames until it is begun anew.
    pub(crate) fn put_out_of_order(&self) {
        lock(&self.state).file = None;
    }
}

fn title_bytes() -> u64 {
    u64::try_from(TITLE.len()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
