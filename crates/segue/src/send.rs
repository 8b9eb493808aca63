//! `segue send`: files of events to Meta, or to a sandbox in this process.

mod account;
mod deliver;
mod dry_run;
mod durable;
mod feed;
mod plan;
mod report;
mod watch;

use crate::cli::SendArgs;
use crate::exit::Exit;
use crate::failure::{Failure, say, say_wrapped};
use crate::interrupt::Interrupt;
use crate::send::plan::Plan;
use crate::send::report::Report;

/// Runs the command.
pub(crate) fn run(args: &SendArgs) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::sentence(format!("cannot start: {error}")))?;
    let report = runtime.block_on(plan_and_deliver(args));
    // The thread that reads may wait for input that never comes; it ends with the process.
    runtime.shutdown_background();
    let Some(report) = report? else {
        say_wrapped(&format!(
            "Ended before anything was sent, as asked. Go on with the same command and --from-line {}.",
            args.from_line
        ));
        return Ok(Exit::Incomplete);
    };
    report.print(args.format)?;
    if let Some(failure) = &report.input_failure {
        say("Not all of the input could be read; what was read has been dealt with.");
        failure.report();
        return Ok(Exit::Unusable);
    }
    Ok(report.exit(args.strict))
}

/// Nothing if the run was asked to end while it was planned, for which files may have to be read.
async fn plan_and_deliver(args: &SendArgs) -> Result<Option<Report>, Failure> {
    let mut interrupt = Interrupt::listen();
    let owned = args.clone();
    let planning = tokio::task::spawn_blocking(move || Plan::make(&owned));
    let plan = tokio::select! {
        biased;
        () = interrupt.asked() => return Ok(None),
        plan = planning => plan,
    };
    let plan = plan.map_err(|_| {
        Failure::sentence(
            "planning stopped unexpectedly: this is a defect in segue, please report it",
        )
    })??;
    deliver::run(plan, interrupt).await.map(Some)
}
