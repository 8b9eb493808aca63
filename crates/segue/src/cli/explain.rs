//! `segue explain`: one event, and where every field of it comes from.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use conversions_files::Origin;
use conversions_mapping::Mapping;
use jiff::Timestamp;
use segue_app::destinations::{Mode, choose_destination, log_name, mapping_of};
use segue_app::{DataFolder, MatchMemory};
use segue_insight::explain::explain_line;

use crate::cli::args::{self, Format, SettingsArgs};
use crate::cli::input;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::explanation;
use crate::render::prose::print_plain;

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    settings: SettingsArgs,

    /// The time to use instead of the clock's, like 2026-11-23T12:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = args::parse_time)]
    now: Option<Timestamp>,

    /// Explain the event in this line (from 1) instead of the first one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    line: Option<u64>,

    /// Add what the match memory of this data folder knows, as `send` and `serve` would; nothing is learned
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,

    /// A table for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// A file of events; `-` or no file is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
}

impl ExplainArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let now = self.now.unwrap_or_else(Timestamp::now);
        let mapping = self.mapping(now)?;
        let files: Vec<PathBuf> = self.file.iter().cloned().collect();
        let inputs = Origin::from_arguments(&files);
        input::check(&inputs)?;
        for origin in &inputs {
            let Some(explained) = explain_line(origin, self.line, &mapping, now)? else {
                return Err(Failure::sentence(match self.line {
                    Some(number) => format!(
                        "{origin} has no event in line {number}: the line is blank, or the input is shorter"
                    ),
                    None => format!("{origin} has no event"),
                }));
            };
            print_plain(&match self.format {
                Format::Table => explanation::render(&explained),
                Format::Json => format!("{}\n", explained.to_json()),
            })?;
        }
        Ok(Exit::Done)
    }

    /// The mapping, with the memory of the data folder if there is one.
    fn mapping(&self, now: Timestamp) -> Result<Mapping, Failure> {
        let Some(data_dir) = &self.data_dir else {
            return self.settings.mapping();
        };
        let settings = self.settings.load()?;
        if !settings.memory.enabled {
            return Err(Failure::sentence(
                "--data-dir shows what is remembered, but the settings remember nothing: set `enabled = true` in [memory]"
                    .to_owned(),
            ));
        }
        let memory = MatchMemory::new(settings.memory.clone());
        let name = self.settings.destination.as_deref();
        let destination = choose_destination(settings, name)?;
        memory.open_read_only(&DataFolder::new(data_dir.clone()), now)?;
        let name = log_name(&destination, Mode::Meta, true);
        Ok(memory.completing(mapping_of(&destination)?, &name))
    }
}
