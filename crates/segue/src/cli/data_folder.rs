//! `--data-dir DIR`: the option, and commands for the folder as advice gives them.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use segue_app::DataFolder;

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

    /// The command `segue …` for this folder, ready to be typed.
    pub(crate) fn command(&self, what: &str) -> String {
        command(what, &self.path)
    }

    /// The command that sends what is kept in this folder, and nothing else.
    pub(crate) fn command_to_send_kept(&self) -> String {
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
