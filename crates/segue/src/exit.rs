//! How the command ends: every exit status, in one place.

use std::process::ExitCode;

/// An exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was asked for is done.
    Done,
    /// Done, but not all of it succeeded: `send` has undelivered events, or, with `--strict`, rejected lines.
    Incomplete,
    /// Wrong usage, wrong settings, an input or output that does not work.
    Unusable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Incomplete => 1,
            Exit::Unusable => 2,
        })
    }
}

/// The status of a run that a second interrupt ended at once, as shells count: 128 and the signal's number.
pub(crate) const INTERRUPTED: i32 = 130;
