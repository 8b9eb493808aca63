//! `segue consume`: events from a broker reach Meta, or a sandbox in this process.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use segue_app::serve::{EndpointOptions, Role};

use crate::cli::args::Format;
use crate::cli::serve::EndpointArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logging::LogFormat;

#[derive(Clone, Debug, Args)]
pub(crate) struct ConsumeArgs {
    /// Settings, in TOML or JSON by the file's extension: `[[inputs]]`, the source whose rules apply, destinations
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    settings: PathBuf,

    /// The input to read, if the settings have several; by default all
    #[arg(long, value_name = "NAME")]
    input: Option<String>,

    #[command(flatten)]
    common: EndpointArgs,

    /// At the end, a line for people on standard error, or one JSON object on standard output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl ConsumeArgs {
    pub(super) fn run(&self, log_format: LogFormat) -> Result<Exit, Failure> {
        let options = EndpointOptions {
            settings: Some(self.settings.clone()),
            role: Role::Consume,
            input: self.input.clone(),
            ..EndpointOptions::default()
        };
        self.common.run(options, log_format, Some(self.format))
    }
}
