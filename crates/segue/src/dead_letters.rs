//! `segue dead-letters`: events that were given up, for a person to look at, put back, keep elsewhere or remove.

mod args;
mod event_text;
mod export;
mod list;
mod purge;
mod reasons;
mod replay;
mod selection;
mod show;

use conversions_disk_log::{DeadLetterOptions, DeadLetters};

pub(crate) use args::DeadLettersArgs;
pub(crate) use list::awaiting_sentence;
pub(crate) use reasons::Counts;
pub(crate) use selection::destinations;

use crate::data_folder::DataFolder;
use crate::dead_letters::args::Action;
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(args: &DeadLettersArgs) -> Result<Exit, Failure> {
    match &args.action {
        Action::List(args) => list::run(args),
        Action::Show(args) => show::run(args),
        Action::Replay(args) => replay::run(args),
        Action::Export(args) => export::run(args),
        Action::Purge(args) => purge::run(args),
    }
}

/// Opens the dead letters of a folder, whether or not a process has its log open. How much is kept, and how long, is that
/// process's business.
pub(crate) fn open(folder: &DataFolder) -> Result<DeadLetters, Failure> {
    DeadLetters::open(&folder.path, DeadLetterOptions::default())
        .map_err(|error| folder.failure(&error))
}

#[cfg(test)]
pub(crate) mod tests;
