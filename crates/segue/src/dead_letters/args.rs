//! The options of `segue dead-letters`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueHint};
use conversions_delivery::{DeadLetterReason, UnixMillis};

use crate::cli::Format;
use crate::data_folder::DataFolder;
use crate::when::parse_moment;

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
    /// Show all about one dead letter: Meta's words, and the event
    Show(ShowArgs),
    /// Put dead letters back to be sent again
    Replay(ReplayArgs),
    /// Write the events of dead letters as JSON lines; they stay where they are
    Export(ExportArgs),
    /// Remove dead letters for good
    Purge(PurgeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) folder: DataFolder,

    /// How many rows the table has at most: the latest
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
    pub(crate) folder: DataFolder,

    /// Settings, as other commands take them; a dead letter says by itself what it was
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, hide = true)]
    pub(crate) settings: Option<PathBuf>,

    /// Which one, as `list` numbers them
    #[arg(value_name = "ID")]
    pub(crate) id: u64,

    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub(crate) folder: DataFolder,

    /// Only say what would be put back
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// The time that ages are judged by instead of the clock's, like 2026-11-23T12:00:00Z
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
    pub(crate) folder: DataFolder,

    /// Write to this new file, which only you may read, instead of standard output, and with it the IP addresses and
    /// user agents, which are left out on standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PurgeArgs {
    #[command(flatten)]
    pub(crate) folder: DataFolder,

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

/// Which of them; every condition that is given has to be met.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which ones (all, if nothing is given here)")]
pub(crate) struct SelectionArgs {
    /// Only with these ids, as `list` numbers them, separated by commas
    #[arg(long = "id", value_name = "ID", value_delimiter = ',')]
    pub(crate) ids: Vec<u64>,

    /// Only those given up for this reason
    #[arg(long, value_name = "REASON", value_parser = reason())]
    pub(crate) reason: Option<DeadLetterReason>,

    /// Only those given up at this time or later: 2026-11-23T12:00:00Z, or 36h for so long ago
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) since: Option<UnixMillis>,

    /// Only those given up before this time
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) until: Option<UnixMillis>,

    /// Only those of this destination
    #[arg(long, value_name = "NAME")]
    pub(crate) destination: Option<String>,

    /// Only those of the destinations in this settings file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,
}

fn reason() -> impl TypedValueParser<Value = DeadLetterReason> {
    let names = DeadLetterReason::ALL.map(DeadLetterReason::name);
    PossibleValuesParser::new(names)
        .try_map(|name| DeadLetterReason::from_name(&name).ok_or("there is no such reason"))
}
