//! Every exit status of the command.

use std::process::ExitCode;

/// An exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was done.
    Done,
    /// Not everything succeeded: undelivered events or, with `--strict`, rejected lines of `send`; refused replays; a purge that was
    /// not confirmed.
    Incomplete,
    /// Wrong usage, wrong settings, an input or output that cannot be used.
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

/// The status after a second interrupt: 128 plus the signal's number, as shells count.
pub(crate) const INTERRUPTED: i32 = 130;
