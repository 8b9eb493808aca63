//! `segue`: Segment Track events in, Meta Conversions API events out.
//!
//! A thin command over the libraries: it reads the command line, settings and files, and prints. What an event becomes
//! is decided in `conversions-mapping`, how it is delivered in `conversions-delivery`.
//!
//! Nothing depends on this crate.

mod check;
mod cli;
mod context;
mod data_folder;
mod dead_letters;
mod exit;
mod explain;
mod failure;
mod init;
mod input;
mod interrupt;
mod logging;
mod map;
mod match_keys;
mod process;
mod prose;
mod route;
mod send;
mod serve;
mod status;
mod terminal;
mod when;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;

fn main() -> ExitCode {
    let exit = run(&Cli::parse()).unwrap_or_else(|failure| {
        failure.report();
        match failure {
            Failure::NobodyReads => Exit::Done,
            Failure::Settings(_) | Failure::Sentence(_) => Exit::Unusable,
        }
    });
    exit.into()
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    logging::start(cli.log_level(), cli.log_format)?;
    match &cli.command {
        Command::Map(args) => map::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Check(args) => check::run(args),
        Command::Send(args) => send::run(args),
        Command::Serve(args) => serve::run(args, cli.log_format),
        Command::Init(args) => init::run(args),
        Command::DeadLetters(args) => dead_letters::run(args),
        Command::Status(args) => status::run(args),
    }
}
