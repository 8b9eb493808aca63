//! `segue map`: the outcome of every line as a line of JSON, or only the events.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use conversions_files::Origin;
use conversions_mapping::OutcomeCounts;
use jiff::Timestamp;
use segue_app::map::{MapOutput, map_files};

use crate::cli::args::{self, SettingsArgs};
use crate::cli::input;
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::render::terminal::{counted, grouped};

#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    #[command(flatten)]
    settings: SettingsArgs,

    /// The time to use instead of the clock's, like 2026-11-23T12:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = args::parse_time)]
    now: Option<Timestamp>,

    /// Print only the server events of accepted lines; the other lines are counted on standard error
    #[arg(long)]
    events_only: bool,

    /// Files of events, one JSON object a line, plain or gzip; `-` or no file is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

impl MapArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let mapping = self.settings.mapping()?;
        let inputs = Origin::from_arguments(&self.files);
        input::check(&inputs)?;
        let form = if self.events_only {
            MapOutput::Events
        } else {
            MapOutput::Outcomes
        };
        let mut output = io::stdout().lock();
        let counts = map_files(inputs, mapping, self.now, form, &mut output)?;
        if self.events_only {
            say(&one_line(&counts));
        }
        Ok(Exit::Done)
    }
}

/// The counts for people.
fn one_line(counts: &OutcomeCounts) -> String {
    let with_reasons = |what: &str, reasons: &BTreeMap<&str, u64>| {
        let total = grouped(reasons.values().sum());
        let reasons: Vec<_> = reasons
            .iter()
            .map(|(reason, count)| format!("{reason} {}", grouped(*count)))
            .collect();
        if reasons.is_empty() {
            format!("{total} {what}")
        } else {
            format!("{total} {what} ({})", reasons.join(", "))
        }
    };
    format!(
        "{} read, {} accepted, {}, {}",
        counted(counts.read, "line", "lines"),
        grouped(counts.accepted),
        with_reasons("skipped", &counts.skipped),
        with_reasons("rejected", &counts.rejected),
    )
}
