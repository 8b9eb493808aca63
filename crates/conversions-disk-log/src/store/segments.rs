//! Where the segments of a journal are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use redb::StorageBackend;

use super::backend::{FileStorage, Storage as _};
use super::folder::sync_folder_of;

/// Where the segments of a journal are: files with a number each.
pub trait SegmentStorage: Send + Sync {
    /// The numbers of the segments that are there, in any order.
    ///
    /// # Errors
    ///
    /// When the storage cannot be used.
    fn list(&self) -> io::Result<Vec<u64>>;

    /// Opens a segment. One that is not there is made; it is there after a loss of power too.
    ///
    /// # Errors
    ///
    /// When the storage cannot be used.
    fn open(&self, number: u64) -> io::Result<Box<dyn StorageBackend>>;

    /// Removes a segment. After a loss of power it may be there again.
    ///
    /// # Errors
    ///
    /// When the storage cannot be used.
    fn remove(&self, number: u64) -> io::Result<()>;

    /// What messages call a segment.
    fn name(&self, number: u64) -> String;
}

/// Segments that are files of a folder: `events-1.journal` and so on.
pub(crate) struct FolderSegments {
    folder: PathBuf,
}

const PREFIX: &str = "events-";
const SUFFIX: &str = ".journal";

impl FolderSegments {
    pub(crate) fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    pub(crate) fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{PREFIX}{number}{SUFFIX}"))
    }
}

impl SegmentStorage for FolderSegments {
    fn list(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let name = file?.file_name();
            let number = name
                .to_str()
                .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
            numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        Ok(numbers)
    }

    fn open(&self, number: u64) -> io::Result<Box<dyn StorageBackend>> {
        let path = self.path(number);
        let is_there = path.exists();
        let file = FileStorage { path }.open()?;
        if !is_there {
            sync_folder_of(&self.path(number))?;
        }
        Ok(file)
    }

    fn remove(&self, number: u64) -> io::Result<()> {
        fs::remove_file(self.path(number))
    }

    fn name(&self, number: u64) -> String {
        self.path(number).display().to_string()
    }
}
