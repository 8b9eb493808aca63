//! `segue explain`: one event, and where every field of it comes from.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use conversions_files::Origin;
use jiff::Timestamp;
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

    /// A table for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// A file of events; `-` or no file is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
}

impl ExplainArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let mapping = self.settings.mapping()?;
        let files: Vec<PathBuf> = self.file.iter().cloned().collect();
        let inputs = Origin::from_arguments(&files);
        input::check(&inputs)?;
        let now = self.now.unwrap_or_else(Timestamp::now);
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
}
