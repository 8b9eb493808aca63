//! `cargo xtask docs`: the documentation of our crates, warnings being errors.

use crate::cargo::Cargo;
use crate::problem::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Open it in a browser.
    #[arg(long)]
    open: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    build(if args.open { &["--open"] } else { &[] })
}

/// Fails on the first warning.
pub(crate) fn check() -> Outcome {
    build(&["--quiet"])
}

fn build(arguments: &[&str]) -> Outcome {
    Cargo::new(["doc", "--workspace", "--no-deps"])
        .arguments(arguments)
        .env("RUSTDOCFLAGS", "--deny warnings")
        .run("mend the documentation that the messages above name, then run `cargo xtask docs`")
}
