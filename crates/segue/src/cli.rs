//! The command line: one file for each command, which reads its options, calls a library, and prints.

mod args;
mod check;
mod consume;
pub(crate) mod data_folder;
pub(crate) mod dead_letters;
mod explain;
mod forget;
mod history;
mod init;
mod input;
mod log;
mod map;
mod send;
mod serve;
mod status;
mod trace;

use clap::{Parser, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::logging::LogFormat;

const FIRST_STEPS: &str = "\
First steps, without an account at Meta:
  segue serve --sandbox       an endpoint to send to, and a page that shows what arrives
  segue init                  a settings file in which every setting is explained
  segue send --sandbox FILE   the same for a file of Segment messages, one a line";

/// Segment Track events in, Meta Conversions API events out.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = FIRST_STEPS)]
pub(crate) struct Cli {
    /// What to log on standard error: off, error, warn, info, debug, trace, or directives like `segue=debug`; by default
    /// error, and warn for serve and consume
    #[arg(long, global = true, env = "SEGUE_LOG", value_name = "LEVEL")]
    log_level: Option<String>,

    /// Log lines for people, or JSON for programs
    #[arg(long, global = true, env = "SEGUE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,

    #[command(subcommand)]
    command: Command,
}

impl Cli {
    /// What to log. `serve` and `consume` run unattended, so they log warnings too.
    pub(crate) fn log_level(&self) -> &str {
        let default = match self.command {
            Command::Serve(_) | Command::Consume(_) => "warn",
            _ => "error",
        };
        self.log_level.as_deref().unwrap_or(default)
    }

    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        match &self.command {
            Command::Map(args) => args.run(),
            Command::Explain(args) => args.run(),
            Command::Check(args) => args.run(),
            Command::Send(args) => args.run(),
            Command::Serve(args) => args.run(self.log_format),
            Command::Consume(args) => args.run(self.log_format),
            Command::Init(args) => args.run(),
            Command::DeadLetters(args) => args.run(),
            Command::Status(args) => args.run(),
            Command::Trace(args) => args.run(),
            Command::History(args) => args.run(),
            Command::Forget(args) => args.run(),
            Command::Log(args) => args.run(),
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Map events and print what would be sent, one JSON object a line
    Map(map::MapArgs),
    /// Show where every field of one event comes from
    Explain(explain::ExplainArgs),
    /// Check a settings file and show what is in force; with --events, check events too
    Check(check::CheckArgs),
    /// Send events to Meta, or to a sandbox
    Send(send::SendArgs),
    /// Take events from Segment's libraries over HTTP, and send them to Meta, or to a sandbox
    Serve(serve::ServeArgs),
    /// Take events from a broker, and send them to Meta, or to a sandbox
    Consume(consume::ConsumeArgs),
    /// Write a settings file to start with, in which every setting is explained
    Init(init::InitArgs),
    /// List dead letters, events that were given up; send them again, export or remove them
    DeadLetters(dead_letters::DeadLettersArgs),
    /// Show how delivery stands: what waits, what is held and why, what was given up
    Status(status::StatusArgs),
    /// Show what became of one event, by its message id, event id or order id
    Trace(trace::TraceArgs),
    /// Show what happened in the last hours: accepted, delivered, rejected, by destination
    History(history::HistoryArgs),
    /// Forget what the match memory knows of a person
    Forget(forget::ForgetArgs),
    /// Make or check the streams of a cluster of NATS servers that keeps events for several machines
    Log(log::LogArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
