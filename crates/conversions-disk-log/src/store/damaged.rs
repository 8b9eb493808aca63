//! Putting a damaged file aside, so that the log can start with a fresh one.
//!
//! Nothing is read out of a damaged database: redb promises nothing about a file that was changed behind its back. The
//! journal, which has a checksum for each frame, is the copy of what was acknowledged last.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use conversions_delivery::{Clock as _, SystemClock};
use jiff::Timestamp;
use redb::Database;

use super::backend::FileStorage;
use super::folder::sync_folder_of;
use super::{OpenError, Storage as _};

/// A file that was found damaged when the log was opened, and what that means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What the file held.
    pub contents: DamagedContents,
    /// Where the damaged file is now.
    pub damaged_file: PathBuf,
}

/// What a damaged file held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DamagedContents {
    /// The tables: where in the journal events are, deferred events, the `messageId`s that were seen, and how far inputs
    /// were read. The events of the journal are found again, the rest is lost.
    Tables {
        /// Events that were found in the journal. Some may have been delivered.
        recovered: u64,
    },
    /// Commits of the journal. What is whole in them is kept.
    Journal {
        /// Undelivered events of the journal that could be read.
        recovered: u64,
        /// Commits that could not be read as a whole.
        damaged_commits: u64,
    },
    /// The dead letters. All of them are lost.
    DeadLetters,
}

impl Damage {
    /// What happened and what it means, in sentences without values.
    #[must_use]
    pub fn message(&self) -> String {
        let file = self.damaged_file.display();
        match self.contents {
            DamagedContents::Tables { recovered } => format!(
                "The tables of the event log were damaged and were made anew from the journal: {recovered} events in it \
                 count as undelivered, and some of them may be sent a second time. Deferred and replayed events are lost. Messages and \
                 inputs from before may be accepted a second time. The damaged file is kept as {file}."
            ),
            DamagedContents::Journal {
                recovered,
                damaged_commits,
            } => format!(
                "The journal of the event log was damaged in {damaged_commits} commits; {recovered} undelivered events \
                 could be read. What had been delivered may be sent a second time. The damaged file is kept as {file}."
            ),
            DamagedContents::DeadLetters => format!(
                "The dead letters were damaged and are lost; new ones are kept in a fresh file. The damaged file is \
                 kept as {file}."
            ),
        }
    }
}

/// Puts an empty database, prepared by `prepare`, in the place of a damaged one. Returns the damaged file's new name.
pub(crate) fn replace_damaged(
    file: &Path,
    prepare: impl FnOnce(&Database) -> Result<(), redb::Error>,
) -> Result<PathBuf, OpenError> {
    let fresh = file.with_extension("fresh");
    make_database(&fresh, prepare)?;
    let aside = dated_name(file);
    // The name must never be without a file: a folder that has held a log and lacks it is refused as `Missing`. So the
    // old file gets its second name first. File systems without hard links leave a moment between two renames.
    if fs::hard_link(file, &aside).is_err() {
        fs::rename(file, &aside)?;
    }
    fs::rename(&fresh, file)?;
    sync_folder_of(file)?;
    Ok(aside)
}

/// Copies a damaged file to a dated name; the file itself is still in use.
pub(crate) fn copy_aside(file: &Path) -> io::Result<PathBuf> {
    let name = dated_name(file);
    fs::copy(file, &name)?;
    Ok(name)
}

fn make_database(
    path: &Path,
    prepare: impl FnOnce(&Database) -> Result<(), redb::Error>,
) -> Result<(), OpenError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let storage = FileStorage {
        path: path.to_owned(),
    };
    let failed = |error: redb::Error| OpenError::Storage(io::Error::other(error));
    let database = redb::Builder::new()
        .create_with_backend(storage.open_file()?)
        .map_err(|error| OpenError::of_database(error, &storage.name()))?;
    prepare(&database).map_err(failed)?;
    database
        .close()
        .map_err(|error| OpenError::of_database(error, &storage.name()))
}

/// A name that says when the file was put aside: `events.redb.damaged-2026-11-29T17-10-03Z`.
fn dated_name(file: &Path) -> PathBuf {
    let now = Timestamp::from_millisecond(SystemClock.now().0).unwrap_or_default();
    let date = now.strftime("%Y-%m-%dT%H-%M-%SZ");
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // Colons are left out, since some file systems refuse them. Damage twice within a second gets a number.
    let mut number = 1_u32;
    loop {
        let suffix = match number {
            1 => String::new(),
            number => format!("-{number}"),
        };
        let aside = file.with_file_name(format!("{name}.damaged-{date}{suffix}"));
        if !aside.exists() {
            return aside;
        }
        number += 1;
    }
}
