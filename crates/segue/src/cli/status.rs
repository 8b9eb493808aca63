//! `segue status`: how delivery stands, whether or not a process is delivering.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::args::Format;
use crate::cli::data_folder::LogArgs;
use crate::cli::dead_letters::destination_names;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::prose::print;
use crate::render::status;
use crate::render::time::now;

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    log: LogArgs,

    /// Only the destinations in this settings file; those on the cluster that it names, if it names one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    settings: Option<PathBuf>,

    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl StatusArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let only = destination_names(self.settings.as_deref())?;
        let log = self.log.log(self.settings.as_deref())?;
        let delivery = log.location.delivery_status(only.as_ref(), now())?;
        print(&match self.format {
            Format::Table => status::render(&delivery, &log),
            Format::Json => format!("{}\n", delivery.to_json()),
        })?;
        Ok(Exit::Done)
    }
}
