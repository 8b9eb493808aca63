//! `segue log`: the streams of a cluster that keeps events.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use jiff::Timestamp;
use segue_app::destinations::{Mode, log_name};
use segue_app::{DataFolder, LogLocation, check_syncing};

use crate::cli::args;
use crate::exit::Exit;
use crate::failure::{Failure, say};

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    #[command(subcommand)]
    action: Action,

    /// The settings file, with `engine = "nats"` under `[log]`
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    settings: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// Make the streams of all destinations, or change them to what the settings say
    ///
    /// Takes credentials that may do so. `serve` needs none of that: it only checks them.
    Create,
    /// Check that the streams are there and promise what they should, as `serve` does when it starts
    Check,
}

impl LogArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let path = self.settings.as_deref();
        let path = path.ok_or_else(|| Failure::sentence("name a settings file with --settings"))?;
        let settings = segue_settings::load(path, Timestamp::now()).map_err(Failure::Settings)?;
        let destinations = settings.destinations.iter();
        let names: Vec<_> = destinations
            .map(|one| log_name(one, Mode::Meta, true))
            .collect();
        let location = LogLocation::of_settings(&settings.log, DataFolder::new(""))?;
        let runtime = args::runtime(tokio::runtime::Builder::new_current_thread())?;
        let all = names.join(", ");
        match self.action {
            Action::Create => {
                runtime.block_on(location.create(&names))?;
                say(&format!("made: the streams of {all}"));
            }
            Action::Check => {
                runtime.block_on(location.check(&names))?;
                say(&format!("as they should be: the streams of {all}"));
                check_syncing(&settings.log)?
                    .iter()
                    .for_each(|said| say(said));
            }
        }
        Ok(Exit::Done)
    }
}
