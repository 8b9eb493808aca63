//! `segue send`: files of events to Meta, or to a sandbox in this process.

mod account;
mod deliver;
mod dry_run;
mod durable;
mod feed;
mod input_id;
mod interrupt;
pub(crate) mod newest;
mod plan;
mod rejects;
mod report;
mod watch;

use crate::cli::SendArgs;
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::send::plan::Plan;

/// Runs the command.
pub(crate) fn run(args: &SendArgs) -> Result<Exit, Failure> {
    let plan = Plan::make(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::sentence(format!("cannot start: {error}")))?;
    let report = runtime.block_on(deliver::run(plan));
    // The thread that reads may wait for input that never comes; it ends with the process.
    runtime.shutdown_background();
    let report = report?;
    report.print(args.format)?;
    if let Some(failure) = &report.input_failure {
        say("Not all of the input could be read; what was read has been dealt with.");
        failure.report();
        return Ok(Exit::Unusable);
    }
    Ok(report.exit(args.strict))
}
