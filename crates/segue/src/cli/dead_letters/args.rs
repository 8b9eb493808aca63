//! The options of `segue dead-letters`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueHint};
use conversions_delivery::{DeadLetterReason, UnixMillis};
use segue_insight::dead_letters::Selection;

use crate::cli::args::Format;
use crate::cli::data_folder::LogArgs;
use crate::cli::dead_letters::destination_names;
use crate::failure::Failure;
use crate::render::time::parse_moment;

#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    #[command(subcommand)]
    pub(crate) action: Action,
}

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List the events that were given up, and why
    List(ListArgs),
    /// Show all about one dead letter: Meta's answer, and the event
    Show(ShowArgs),
    /// Send dead letters again
    Replay(ReplayArgs),
    /// Write the events of dead letters as JSON lines; they stay dead letters
    Export(ExportArgs),
    /// Remove dead letters for good
    Purge(PurgeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,

    /// Rows of the table at most; the latest dead letters are shown
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rows: u64,

    /// A table for people, or one JSON object a line for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,

    /// A settings file that names a cluster
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,

    /// The id that `list` shows
    #[arg(value_name = "ID")]
    pub(crate) id: u64,

    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,

    /// Only say what would be sent again
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// The time to judge ages by instead of the clock's, like 2026-11-23T12:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = parse_moment)]
    pub(crate) now: Option<UnixMillis>,

    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,

    /// Write to this new file, which only you can read, and include the IP addresses and user agents that standard output
    /// leaves out
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PurgeArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,

    /// Only say what would be removed
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,

    /// Do not ask before removing
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

/// Which dead letters: those that meet every condition.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which ones (all, without these options)")]
pub(crate) struct SelectionArgs {
    /// Only these ids, as `list` shows them, separated by commas
    #[arg(long = "id", value_name = "ID", value_delimiter = ',')]
    pub(crate) ids: Vec<u64>,

    /// Only those given up for this reason
    #[arg(long, value_name = "REASON", value_parser = reason())]
    pub(crate) reason: Option<DeadLetterReason>,

    /// Only those given up at this time or later: 2026-11-23T12:00:00Z, or 36h for 36 hours ago
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) since: Option<UnixMillis>,

    /// Only those given up before this time
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) until: Option<UnixMillis>,

    /// Only those of this destination
    #[arg(long, value_name = "NAME")]
    pub(crate) destination: Option<String>,

    /// Only those of the destinations in this settings file; on the cluster that it names, if it names one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,
}

impl SelectionArgs {
    /// The selection, with the destinations of the settings file if one is given.
    pub(crate) fn selection(&self) -> Result<Selection, Failure> {
        Ok(Selection {
            ids: self.ids.clone(),
            reason: self.reason,
            since: self.since,
            until: self.until,
            destination: self.destination.clone(),
            destinations: destination_names(self.settings.as_deref())?,
        })
    }
}

fn reason() -> impl TypedValueParser<Value = DeadLetterReason> {
    let names = DeadLetterReason::ALL.map(DeadLetterReason::name);
    PossibleValuesParser::new(names)
        .try_map(|name| DeadLetterReason::from_name(&name).ok_or("there is no such reason"))
}
