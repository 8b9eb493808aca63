//! `segue trace`: what became of one event, whether or not a process is delivering.

use clap::Args;

use crate::cli::args::Format;
use crate::cli::data_folder::DataFolderArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::prose::print;
use crate::render::trace;

#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    #[command(flatten)]
    folder: DataFolderArgs,

    /// The message id, event id or order id of the event
    #[arg(value_name = "ID")]
    id: String,

    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl TraceArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let found = self.folder.folder().trace(&self.id)?;
        print(&match self.format {
            Format::Table => trace::render(&found),
            Format::Json => format!("{}\n", serde_json::json!(found)),
        })?;
        Ok(Exit::Done)
    }
}
