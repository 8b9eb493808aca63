//! The status of a running engine as a small file in the data folder, for other processes.

use std::path::Path;
use std::time::UNIX_EPOCH;

use conversions_delivery::{Status, StatusReader, UnixMillis};

use crate::store::{Folder, OpenError};

/// Reads the status that the engine of a data folder wrote last.
#[derive(Clone, Debug)]
pub struct StatusFile {
    folder: Folder,
}

impl StatusFile {
    /// The status file of a data folder that holds a log; the log itself may be in use.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: there is no log, or its folder cannot be used.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let folder = Folder::existing(folder)?;
        Ok(Self { folder })
    }
}

impl StatusReader for StatusFile {
    type Error = OpenError;

    fn read_status(&self) -> Result<Option<Status>, OpenError> {
        let path = self.folder.status();
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(OpenError::Folder { path, source }),
        };
        let mut status: Status =
            serde_json::from_slice(&text).map_err(|error| OpenError::Damaged {
                name: path.display().to_string(),
                reason: error.to_string(),
            })?;
        let modified = std::fs::metadata(&path).and_then(|metadata| metadata.modified());
        status.written_at = modified.ok().and_then(|time| {
            let since = time.duration_since(UNIX_EPOCH).ok()?;
            Some(UnixMillis(0).plus(since))
        });
        Ok(Some(status))
    }
}
