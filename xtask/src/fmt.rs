//! `cargo xtask fmt`: formats the code, or checks that it is formatted.

use crate::cargo::Cargo;
use crate::problem::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; fail when something is not formatted.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    if args.check {
        check()
    } else {
        Cargo::new(["fmt", "--all"]).run(INSTALL)
    }
}

/// Fails when something is not formatted.
pub(crate) fn check() -> Outcome {
    Cargo::new(["fmt", "--all", "--check"]).run("run `cargo xtask fmt`")
}

const INSTALL: &str =
    "read the message above; a missing rustfmt comes with `rustup component add rustfmt`";
