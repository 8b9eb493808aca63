//! What went wrong and what to do about it: every command of this crate reports both.

use std::fmt;
use std::path::Path;

use crate::terminal;

/// What every command returns.
pub(crate) type Outcome<T = ()> = Result<T, Problem>;

/// Why a command stopped, and the next step for the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    what: String,
    next: String,
}

impl Problem {
    /// `what` says what is wrong, `next` what to type or to change, each in one sentence.
    pub(crate) fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            next: next.into(),
        }
    }

    /// A file that could not be read or written.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::new(
            format!("{}: {error}", path.display()),
            "check that the file exists and that you may read and write it",
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", terminal::bad("error:"), self.what)?;
        write!(f, "{} {}", terminal::strong(" next:"), self.next)
    }
}
