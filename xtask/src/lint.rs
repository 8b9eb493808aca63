//! `cargo xtask lint`: clippy over every target of every crate, warnings being errors.

use crate::cargo::Cargo;
use crate::problem::Outcome;

/// The programs of `bench` too.
const MEASURING: &str = "bench/wire";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Apply what clippy can fix by itself.
    #[arg(long)]
    fix: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    if !args.fix {
        return check();
    }
    Cargo::new([
        "clippy",
        "--workspace",
        "--all-targets",
        "--features",
        MEASURING,
        "--fix",
        "--allow-dirty",
        "--allow-staged",
    ])
    .run("mend by hand what clippy could not")
}

/// Fails on the first warning.
pub(crate) fn check() -> Outcome {
    Cargo::new(["clippy", "--quiet", "--workspace", "--all-targets", "--features", MEASURING, "--", "--deny", "warnings"])
        .run("run `cargo xtask lint --fix`, then mend by hand what is left; an exception is `#[expect(lint, reason = \"…\")]`")
}
