//! The folder where events wait until they are delivered.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use conversions_delivery::{Status, StatusReader as _, UnixMillis};
use conversions_disk_log::{
    DeadLetterOptions, DeadLetters, DiskLog, DiskLogOptions, OpenError, StatusFile,
};
use conversions_history::history::{History, HistoryReport, Range};
use conversions_history::trace::{Trace, TraceSearch};
use match_memory::{ForgetError, ForgetTarget};
use segue_insight::status::DeliveryStatus;

use crate::error::AppError;
use crate::notice::Notice;

/// A data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// The folder at this path. Nothing is opened yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the event log of the folder, or creates it, and tells `notice` what was found damaged. Must be called
    /// in a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the folder cannot be used, or another process has its log open.
    pub fn open_log(
        &self,
        options: DiskLogOptions,
        notice: impl Fn(Notice),
    ) -> Result<DiskLog, AppError> {
        let log = DiskLog::open(&self.path, options).map_err(|error| self.error(error))?;
        for damage in log.damage() {
            notice(Notice::LogDamaged(damage.clone()));
        }
        Ok(log)
    }

    /// Opens the dead letters of the folder, whether or not a process has its log open. How many are kept and for how long is
    /// an option of that process.
    ///
    /// # Errors
    ///
    /// When the folder has no log, or cannot be read.
    pub fn dead_letters(&self) -> Result<DeadLetters, AppError> {
        DeadLetters::open(&self.path, DeadLetterOptions::default())
            .map_err(|error| self.error(error))
    }

    /// What the process that delivers from the folder wrote last.
    ///
    /// # Errors
    ///
    /// When the folder has no log, or its status cannot be read.
    pub fn status(&self) -> Result<Option<Status>, AppError> {
        StatusFile::open(&self.path)
            .and_then(|file| file.read_status())
            .map_err(|error| self.error(error))
    }

    /// How delivery from the folder stands; with `only` for these destinations.
    ///
    /// # Errors
    ///
    /// When the folder has no log, or its status or dead letters cannot be read.
    pub fn delivery_status(
        &self,
        only: Option<&BTreeSet<String>>,
        now: UnixMillis,
    ) -> Result<DeliveryStatus, AppError> {
        let mut status = DeliveryStatus::new(self.status()?, now);
        // A running process counts them itself. After its end, a purge may have changed them.
        if !status.is_running() {
            match self.dead_letters() {
                Ok(letters) => status.count_dead_letters(&letters)?,
                Err(error) => status.uncounted = Some(error.sentence()),
            }
        }
        if let Some(only) = only {
            status.retain_destinations(only);
        }
        Ok(status)
    }

    /// Finds the events with this `messageId`, `event_id` or `order_id` in the trace of the folder, also while a process adds to
    /// it.
    ///
    /// # Errors
    ///
    /// When the folder has no log, or its trace cannot be read.
    pub fn trace(&self, id: &str) -> Result<TraceSearch, AppError> {
        self.check()?;
        Ok(Trace::search_folder(&self.path, id)?)
    }

    /// What happened in the last hours, also while a process counts.
    ///
    /// # Errors
    ///
    /// When the folder has no log, or its history cannot be read.
    pub fn history(&self, hours: u32, now: UnixMillis) -> Result<HistoryReport, AppError> {
        self.check()?;
        Ok(History::read(&self.path, Range::Hours(hours), now.0)?)
    }

    /// Whether it is a data folder: one with a log, or that of a machine whose log is on a cluster.
    fn check(&self) -> Result<(), AppError> {
        if conversions_history::is_kept_in(&self.path) {
            return Ok(());
        }
        let file = StatusFile::open(&self.path);
        file.map(drop).map_err(|error| self.error(error))
    }

    /// Forgets what the match memory of the folder knows of a person, also while a process uses it. Says how many ids something
    /// was known of; where nothing was ever remembered, of none.
    ///
    /// # Errors
    ///
    /// When the memory cannot be opened or written, or the process that uses it does not answer.
    pub fn forget(&self, target: &ForgetTarget<'_>) -> Result<u64, AppError> {
        match match_memory::forget(&self.path, target) {
            Err(ForgetError::NoMemory { .. }) if self.path.is_dir() => Ok(0),
            result => Ok(result?),
        }
    }

    fn error(&self, source: OpenError) -> AppError {
        AppError::DataFolder {
            folder: self.path.clone(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn sentence(path: &Path) -> String {
        let error = DataFolder::new(path).dead_letters().expect_err("no log");
        error.sentence().replace(&path.display().to_string(), "DIR")
    }

    #[test]
    fn a_wrong_folder_is_told_apart_from_one_that_was_never_used() {
        let parent = tempfile::tempdir().expect("a folder");
        let empty = parent.path();
        assert_eq!(
            sentence(empty),
            "the folder DIR is empty: nothing has been sent with --data-dir DIR yet"
        );
        let file = parent.path().join("file");
        assert_eq!(
            sentence(&file),
            "there is no folder DIR: is --data-dir right?"
        );
        fs::write(&file, "text").expect("written");
        assert_eq!(
            sentence(&file),
            "DIR is a file, and --data-dir takes a folder"
        );
        assert_eq!(
            sentence(empty),
            "DIR is not a data folder of segue: is --data-dir right? `send` and `serve` create one at their --data-dir"
        );
    }

    #[test]
    fn send_and_serve_have_the_same_room_on_disk_by_default() {
        let serve = segue_settings::Endpoint::default();
        assert_eq!(serve.disk_bytes, DiskLogOptions::default().disk_bytes);
    }

    #[test]
    fn a_damaged_status_is_not_reported_as_a_damaged_log() {
        let data = tempfile::tempdir().expect("a folder");
        fs::write(data.path().join("format.json"), r#"{"format":3}"#).expect("written");
        fs::write(data.path().join("status.json"), "{").expect("written");
        let status = DataFolder::new(data.path()).delivery_status(None, UnixMillis(0));
        let sentence = status.expect_err("damaged").sentence();
        assert!(sentence.contains("replaces it"), "{sentence}");
    }
}
