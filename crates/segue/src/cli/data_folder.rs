//! `--data-dir DIR`: the option, and commands for the folder as advice gives them.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use jiff::Timestamp;
use segue_app::{DataFolder, LogLocation};
use segue_settings::LogEngine;

use crate::failure::Failure;

/// The environment variable that stands for `--data-dir`.
pub(crate) const VARIABLE: &str = "SEGUE_DATA_DIR";

/// Which data folder to use.
#[derive(Clone, Debug, Args)]
pub(crate) struct DataFolderArgs {
    /// The data folder: where `send` and `serve` keep undelivered events
    #[arg(long = "data-dir", env = VARIABLE, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
}

impl DataFolderArgs {
    /// The folder.
    pub(crate) fn folder(&self) -> DataFolder {
        DataFolder::new(&self.path)
    }
}

/// Which log to use, for commands that have `--settings` too.
#[derive(Clone, Debug, Args)]
pub(crate) struct LogArgs {
    /// The data folder: where `send` and `serve` keep undelivered events; not needed with settings that name a cluster
    #[arg(long = "data-dir", env = VARIABLE, value_name = "DIR", value_hint = ValueHint::DirPath, required_unless_present = "settings")]
    path: Option<PathBuf>,
}

impl LogArgs {
    /// The log on the cluster that the settings name, else that of the folder.
    pub(crate) fn log(&self, settings: Option<&Path>) -> Result<Log, Failure> {
        if let Some(path) = settings {
            let settings =
                segue_settings::load(path, Timestamp::now()).map_err(Failure::Settings)?;
            if settings.log.engine == LogEngine::Nats {
                return Ok(Log {
                    location: LogLocation::of_settings(&settings.log, DataFolder::new(""))?,
                    path: path.to_owned(),
                    is_on_cluster: true,
                });
            }
        }
        let path = self.path.as_deref();
        path.map(Log::of_folder).ok_or_else(|| {
            Failure::sentence(
                "these settings keep events in a data folder: name it with --data-dir",
            )
        })
    }
}

/// Where undelivered events are, and how commands for it are typed.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) location: LogLocation,
    /// The settings that name a cluster, or else the data folder.
    path: PathBuf,
    is_on_cluster: bool,
}

impl Log {
    pub(crate) fn of_folder(path: &Path) -> Self {
        Self {
            location: LogLocation::Folder(DataFolder::new(path)),
            path: path.to_owned(),
            is_on_cluster: false,
        }
    }

    /// The command `segue …` for this log, ready to be typed.
    pub(crate) fn command(&self, what: &str) -> String {
        if self.is_on_cluster {
            let settings = self.path.display().to_string();
            return format!("segue {what} --settings {}", quoted(&settings));
        }
        command(what, &self.path)
    }

    /// The command that sends what is kept here, and nothing else.
    pub(crate) fn command_to_send_kept(&self) -> String {
        if self.is_on_cluster {
            return self.command("serve --role deliver");
        }
        format!("{} /dev/null", self.command("send --settings FILE"))
    }
}

/// The command `segue …` for a data folder, ready to be typed.
pub(crate) fn command(what: &str, folder: &Path) -> String {
    command_in(what, folder, std::env::var_os(VARIABLE).as_deref())
}

fn command_in(what: &str, folder: &Path, variable: Option<&OsStr>) -> String {
    if variable == Some(folder.as_os_str()) {
        return format!("segue {what}");
    }
    let folder = folder.display().to_string();
    format!("segue {what} --data-dir {}", quoted(&folder))
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
    use super::*;

    #[test]
    fn commands_in_advice_can_be_typed() {
        let with = |path: &str, variable: Option<&str>| {
            command_in("status", Path::new(path), variable.map(OsStr::new))
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
