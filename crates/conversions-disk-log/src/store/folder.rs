//! The data folder: its files, who may read them, and its format.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::OpenError;

/// The format of the data folder that this version reads and writes. It refuses others: to read one in part would lose
/// events.
pub(crate) const FORMAT: u64 = 3;

/// A folder that holds a log.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// The marker that says that a folder holds a log, and in which format.
#[derive(Serialize, Deserialize)]
struct Marker {
    format: u64,
}

impl Folder {
    /// Makes the folder unless it is there, readable by its owner only: events hold IP addresses and user agents in
    /// clear.
    pub(crate) fn create(path: &Path) -> Result<Self, OpenError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(path)
            .map_err(|source| folder_error(path, source))?;
        let folder = Self {
            path: path.to_owned(),
        };
        folder.format()?;
        Ok(folder)
    }

    /// A folder that must hold a log already.
    pub(crate) fn existing(path: &Path) -> Result<Self, OpenError> {
        let folder = Self {
            path: path.to_owned(),
        };
        if folder.format()?.is_some() {
            Ok(folder)
        } else {
            Err(OpenError::NoLog {
                path: path.to_owned(),
            })
        }
    }

    /// Bytes that are free on its disk for other users than root, and the size of the disk.
    pub(crate) fn free_bytes(&self) -> io::Result<(u64, u64)> {
        let disk = rustix::fs::statvfs(&self.path)?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        Ok((bytes(disk.f_bavail), bytes(disk.f_blocks)))
    }

    pub(crate) fn events(&self) -> PathBuf {
        self.path.join("events.redb")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn dead_letters(&self) -> PathBuf {
        self.path.join("dead-letters.redb")
    }

    pub(crate) fn status(&self) -> PathBuf {
        self.path.join("status.json")
    }

    fn marker(&self) -> PathBuf {
        self.path.join("format.json")
    }

    /// Refuses a folder that has held a log and lacks this file: to make an empty one in its place would hide a loss.
    pub(crate) fn check_not_lost(&self, file: &Path) -> Result<(), OpenError> {
        let is_there = fs::metadata(file).is_ok_and(|file| file.len() > 0);
        if is_there || self.format()?.is_none() {
            return Ok(());
        }
        Err(OpenError::Missing {
            name: file.display().to_string(),
        })
    }

    /// Writes the marker: the folder holds a log from now on.
    pub(crate) fn write_marker(&self) -> Result<(), OpenError> {
        let path = self.marker();
        if self.format()?.is_some() {
            return Ok(());
        }
        let text = serde_json::to_vec(&Marker { format: FORMAT }).unwrap_or_default();
        replace_file(&path, &text, true).map_err(|source| folder_error(&path, source))
    }

    /// The format in the marker; `None` without a marker. A format that is not known here is an error.
    fn format(&self) -> Result<Option<u64>, OpenError> {
        let path = self.marker();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(folder_error(&path, source)),
        };
        let damaged = |error: serde_json::Error| OpenError::Damaged {
            name: path.display().to_string(),
            reason: error.to_string(),
        };
        let Marker { format } = serde_json::from_slice(&text).map_err(damaged)?;
        if format != FORMAT {
            return Err(OpenError::OtherFormat {
                found: format,
                known: FORMAT,
            });
        }
        Ok(Some(format))
    }
}

/// Replaces a file in one step, so that readers see either the old text or the new. Only its owner may read it.
pub(crate) fn replace_file(path: &Path, text: &[u8], durable: bool) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(text)?;
    if durable {
        file.sync_all()?;
    }
    drop(file);
    fs::rename(&fresh, path)?;
    if durable {
        sync_folder_of(path)?;
    }
    Ok(())
}

/// Makes the names in a file's folder durable.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        // A bare name lies in the current folder.
        #[cfg(unix)]
        Some(folder) if folder.as_os_str().is_empty() => fs::File::open(".")?.sync_all(),
        #[cfg(unix)]
        Some(folder) => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn folder_error(path: &Path, source: io::Error) -> OpenError {
    OpenError::Folder {
        path: path.to_owned(),
        source,
    }
}
