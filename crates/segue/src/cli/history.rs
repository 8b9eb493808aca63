//! `segue history`: what happened in the last hours, whether or not a process is delivering.

use clap::Args;

use crate::cli::args::Format;
use crate::cli::data_folder::DataFolderArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::prose::print;
use crate::render::{history, time};

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    folder: DataFolderArgs,

    /// How many hours to look back: up to 2 by the minute, up to 48 by quarters of an hour, up to 336 by the hour
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=336))]
    hours: u32,

    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl HistoryArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let report = self.folder.folder().history(self.hours, time::now())?;
        print(&match self.format {
            Format::Table => history::render(&report),
            Format::Json => format!("{}\n", serde_json::json!(report)),
        })?;
        Ok(Exit::Done)
    }
}
