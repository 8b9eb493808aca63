//! `cargo xtask crash-test`: kills the command in the middle of its work, more often than the tests do.

use crate::cargo::Cargo;
use crate::problem::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often to kill it.
    #[arg(long, default_value_t = 100)]
    cycles: u64,
}

pub(crate) fn run(args: &Args) -> Outcome {
    Cargo::new([
        "test",
        "--package",
        "e2e",
        "--test",
        "crash",
        "--",
        "--nocapture",
    ])
    .env("SEGUE_CRASH_CYCLES", args.cycles.to_string())
    .run("read above what got lost or came twice; the delays are the same in every run")
}
