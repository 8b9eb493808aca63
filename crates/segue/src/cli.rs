//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use jiff::{SignedDuration, Timestamp};

use crate::data_folder;
use crate::dead_letters::DeadLettersArgs;
use crate::init::InitArgs;
use crate::logging::LogFormat;
use crate::serve::ServeArgs;
use crate::status::StatusArgs;

/// Segment Track events in, Meta Conversions API events out.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Try it: segue send --sandbox examples/shop.ndjson")]
pub(crate) struct Cli {
    /// What to log on standard error: off, error, warn, info, debug, trace, or directives like `segue=debug`; error unless
    /// set, and warn for serve
    #[arg(long, global = true, env = "SEGUE_LOG", value_name = "LEVEL")]
    log_level: Option<String>,

    /// Log lines for people, or JSON for programs
    #[arg(long, global = true, env = "SEGUE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// What to log unless told otherwise: of what runs unattended, warnings too.
    pub(crate) fn log_level(&self) -> &str {
        let default = match self.command {
            Command::Serve(_) => "warn",
            _ => "error",
        };
        self.log_level.as_deref().unwrap_or(default)
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Map events and print what would be sent, one JSON object a line
    Map(MapArgs),
    /// Show where every field of one event comes from
    Explain(ExplainArgs),
    /// Check a settings file and show what is in force; with --events, check events too
    Check(CheckArgs),
    /// Send events to Meta, or to a sandbox
    Send(SendArgs),
    /// Take events from Segment's libraries over HTTP, and send them to Meta, or to a sandbox
    Serve(ServeArgs),
    /// Write a settings file to begin with, every setting explained in it
    Init(InitArgs),
    /// Look at dead letters, events that were given up; put them back, export or remove them
    DeadLetters(DeadLettersArgs),
    /// Show how delivery stands: what waits, what is held and why, what was given up
    Status(StatusArgs),
}

/// Which settings hold.
#[derive(Clone, Debug, Args)]
pub(crate) struct SettingsArgs {
    /// Settings, in TOML or JSON by the file's extension; without them the defaults hold
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,

    /// Which destination, if the settings have several
    #[arg(long, value_name = "NAME", requires = "settings")]
    pub(crate) destination: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,

    /// The time to go by instead of the clock's, like 2026-11-23T12:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    pub(crate) now: Option<Timestamp>,

    /// Print nothing but the server events of accepted lines; the others are counted on standard error
    #[arg(long)]
    pub(crate) events_only: bool,

    /// Files of events, one JSON object a line, gzip too; `-` or nothing is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,

    /// The time to go by instead of the clock's, like 2026-11-23T12:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    pub(crate) now: Option<Timestamp>,

    /// Explain the event in this line (from 1) instead of the first one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) line: Option<u64>,

    /// A table for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,

    /// A file of events; `-` or nothing is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,

    /// A file of events to check as well: which match keys they have, what is rejected and why
    ///
    /// Gzip too; `-` is standard input. docs/match-keys.md describes the report and its JSON.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) events: Option<PathBuf>,

    /// The time to go by, like 2026-11-23T12:00:00Z, instead of the newest time stamp of a file or the clock's
    #[arg(long, value_name = "RFC3339", value_parser = parse_time, requires = "events")]
    pub(crate) now: Option<Timestamp>,

    /// Print a JSON schema of settings files, for editors, and do nothing else
    #[arg(long, conflicts_with_all = ["settings", "events"])]
    pub(crate) schema: bool,

    /// A table for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

#[derive(Clone, Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the switches of a command line"
)]
pub(crate) struct SendArgs {
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,

    /// Send to a sandbox in this process, which answers like Meta; needs no pixel and no token
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) sandbox: bool,

    /// Send nothing; do everything else
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Exit with status 1 also when a line was rejected
    #[arg(long)]
    pub(crate) strict: bool,

    /// Write line number and reason of every rejected line to this file, as JSON lines
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) rejects: Option<PathBuf>,

    /// Keep what is not delivered yet in this folder: an interrupted run goes on by itself
    #[arg(long, env = data_folder::VARIABLE, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<PathBuf>,

    /// Read the input from its beginning, even if the data folder says that it was read before
    #[arg(long, requires = "data_dir")]
    pub(crate) restart: bool,

    /// Begin with this line (from 1) of the first file, to go on with an interrupted run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) from_line: u64,

    /// Give up after so long without progress, like 90s, 10m or 1h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_duration)]
    pub(crate) give_up_after: Duration,

    /// A table for people on standard error, or one JSON object on standard output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,

    /// Files of events, one JSON object a line, gzip too; `-` or nothing is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
}

/// For whom to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "expected a time with its zone, like 2026-11-23T12:00:00Z".to_owned())
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let parsed: Result<SignedDuration, _> = text.parse();
    let positive = parsed.ok().and_then(|time| Duration::try_from(time).ok());
    positive
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "expected a time, like 90s, 10m or 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_read() {
        assert_eq!(parse_duration("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert!(
            parse_duration("0s").is_err()
                && parse_duration("10").is_err()
                && parse_duration("-1s").is_err()
        );
        assert!(parse_time("2026-11-23T12:00:00Z").is_ok() && parse_time("2026-11-23").is_err());
    }
}
