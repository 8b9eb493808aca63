//! `segue dead-letters`: list, show, replay, export or purge events that were given up.

mod args;
mod export;
mod list;
mod purge;
mod replay;
mod show;

use std::collections::BTreeSet;
use std::path::Path;

use segue_app::destinations::{Mode, log_name};

pub(crate) use args::DeadLettersArgs;

use crate::cli::args::SettingsArgs;
use crate::cli::dead_letters::args::Action;
use crate::exit::Exit;
use crate::failure::Failure;

impl DeadLettersArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        match &self.action {
            Action::List(args) => list::run(args),
            Action::Show(args) => show::run(args),
            Action::Replay(args) => replay::run(args),
            Action::Export(args) => export::run(args),
            Action::Purge(args) => purge::run(args),
        }
    }
}

/// The names that the destinations of a settings file have in a data folder.
pub(crate) fn destination_names(
    settings: Option<&Path>,
) -> Result<Option<BTreeSet<String>>, Failure> {
    let Some(path) = settings else {
        return Ok(None);
    };
    let args = SettingsArgs {
        settings: Some(path.to_owned()),
        destination: None,
    };
    let settings = args.load()?;
    let names = settings
        .destinations
        .iter()
        .map(|destination| log_name(destination, Mode::Meta, true));
    Ok(Some(names.collect()))
}
