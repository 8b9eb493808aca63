//! `--data-dir DIR`: which data folder is meant, how it is named in advice, and why it cannot be used.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use conversions_disk_log::{DiskLog, DiskLogOptions, OpenError};

use crate::failure::{Failure, say_wrapped};

/// The variable of the environment that stands for `--data-dir`.
pub(crate) const VARIABLE: &str = "SEGUE_DATA_DIR";

/// Which data folder is meant.
#[derive(Clone, Debug, Args)]
pub(crate) struct DataFolder {
    /// The data folder: where `send` and `serve` keep what is not delivered yet
    #[arg(long = "data-dir", env = VARIABLE, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
}

impl DataFolder {
    /// The command `segue …` for this folder, as one would type it.
    pub(crate) fn command(&self, what: &str) -> String {
        self.command_in(what, std::env::var_os(VARIABLE).as_deref())
    }

    fn command_in(&self, what: &str, variable: Option<&OsStr>) -> String {
        if variable == Some(self.path.as_os_str()) {
            return format!("segue {what}");
        }
        let folder = self.path.display().to_string();
        format!("segue {what} --data-dir {}", quoted(&folder))
    }

    /// The command that sends what is kept in this folder, and nothing else.
    pub(crate) fn send_what_is_kept(&self) -> String {
        format!("{} /dev/null", self.command("send --settings FILE"))
    }

    /// Opens the event log that is kept here, or makes one, and says what was found damaged. Must be called in a
    /// tokio runtime.
    pub(crate) fn open_log(&self, options: DiskLogOptions) -> Result<DiskLog, Failure> {
        let log = DiskLog::open(&self.path, options).map_err(|error| self.failure(&error))?;
        for damage in log.damage() {
            say_wrapped(&damage.message());
        }
        Ok(log)
    }

    /// Why it cannot be used, in a sentence that says what to do.
    pub(crate) fn failure(&self, error: &OpenError) -> Failure {
        let folder = self.path.display();
        match error {
            OpenError::NoLog { .. } => self.no_log(),
            OpenError::Folder { path, source } => Failure::sentence(match source.kind() {
                io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                    format!("{folder} is a file, and --data-dir takes a folder")
                }
                io::ErrorKind::PermissionDenied => format!(
                    "{} may not be used: permission denied; run this as the user that `send` or `serve` runs as",
                    path.display()
                ),
                _ => format!("{} cannot be used: {source}", path.display()),
            }),
            OpenError::Storage(source) if source.kind() == io::ErrorKind::PermissionDenied => {
                Failure::sentence(format!(
                    "the files in {folder} may not be used: permission denied; run this as the user that `send` or `serve` runs as"
                ))
            }
            OpenError::InUse { name } => Failure::sentence(format!(
                "{name} is in use by another process that does not share it: wait for its end, or end it, and try again"
            )),
            error => Failure::of(error),
        }
    }

    fn no_log(&self) -> Failure {
        let folder = self.path.display();
        Failure::sentence(
            match fs::read_dir(&self.path).map(|mut entries| entries.next()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    format!("there is no folder {folder}: is --data-dir right?")
                }
                Ok(None) => format!(
                    "the folder {folder} is empty: nothing has been sent with --data-dir {folder} yet"
                ),
                _ => format!(
                    "{folder} is not a data folder of segue: is --data-dir right? `send` and `serve` make one where theirs says"
                ),
            },
        )
    }
}

/// A word for a shell, in quotes if it needs them.
pub(crate) fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use conversions_disk_log::{DeadLetterOptions, DeadLetters};

    use super::*;

    fn folder(path: impl AsRef<Path>) -> DataFolder {
        DataFolder {
            path: path.as_ref().to_owned(),
        }
    }

    fn said(folder: &DataFolder) -> String {
        let error =
            DeadLetters::open(&folder.path, DeadLetterOptions::default()).expect_err("no log");
        match folder.failure(&error) {
            Failure::Sentence(sentence) => {
                sentence.replace(&folder.path.display().to_string(), "DIR")
            }
            other => panic!("no sentence: {other:?}"),
        }
    }

    #[test]
    fn a_wrong_folder_is_told_from_one_that_was_never_used() {
        let parent = tempfile::tempdir().expect("a folder");
        let empty = folder(parent.path());
        assert_eq!(
            said(&empty),
            "the folder DIR is empty: nothing has been sent with --data-dir DIR yet"
        );
        let file = folder(parent.path().join("file"));
        assert_eq!(said(&file), "there is no folder DIR: is --data-dir right?");
        fs::write(&file.path, "text").expect("written");
        assert_eq!(said(&file), "DIR is a file, and --data-dir takes a folder");
        assert_eq!(
            said(&empty),
            "DIR is not a data folder of segue: is --data-dir right? `send` and `serve` make one where theirs says"
        );
    }

    #[test]
    fn send_and_serve_have_the_same_room_on_disk_by_default() {
        let serve = segue_settings::Endpoint::default();
        assert_eq!(serve.disk_bytes, DiskLogOptions::default().disk_bytes);
    }

    #[test]
    fn advice_can_be_typed() {
        let with = |path: &str, variable: Option<&str>| {
            folder(path).command_in("status", variable.map(OsStr::new))
        };
        assert_eq!(
            with("/var/lib/segue", None),
            "segue status --data-dir /var/lib/segue"
        );
        assert_eq!(with("my data", None), "segue status --data-dir 'my data'");
        assert_eq!(with("it's", None), r"segue status --data-dir 'it'\''s'");
        assert_eq!(with("data", Some("data")), "segue status");
        assert_eq!(with("data", Some("other")), "segue status --data-dir data");
    }
}
