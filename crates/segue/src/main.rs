//! `segue`: Segment Track events in, Meta Conversions API events out.
//!
//! A thin command over libraries: `cli` reads the command line and calls one library function, `render` shows the result to
//! people. What an event becomes is decided in `conversions-mapping`, how it is delivered in `conversions-delivery`.
//!
//! Nothing depends on this crate.

mod cli;
mod exit;
mod failure;
mod interrupt;
mod logging;
#[cfg(test)]
#[path = "../manuals.rs"] // Outside of `src`: no part of the command.
mod manuals;
mod render;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = logging::start(cli.log_level(), cli.log_format).and_then(|()| cli.run());
    let exit = exit.unwrap_or_else(|failure| {
        failure.report();
        match failure {
            Failure::BrokenPipe => Exit::Done,
            Failure::Settings(_) | Failure::Sentence(_) => Exit::Unusable,
        }
    });
    exit.into()
}
