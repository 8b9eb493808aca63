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
        WORKSPACES.iter().try_for_each(|manifest| {
            Cargo::new(["fmt", "--all", "--manifest-path", manifest]).run(INSTALL)
        })
    }
}

/// Fails when something is not formatted.
pub(crate) fn check() -> Outcome {
    WORKSPACES.iter().try_for_each(|manifest| {
        Cargo::new(["fmt", "--all", "--check", "--manifest-path", manifest])
            .run("run `cargo xtask fmt`")
    })
}

/// The manifests of the workspaces.
const WORKSPACES: [&str; 2] = ["Cargo.toml", "examples/embed/Cargo.toml"];

const INSTALL: &str =
    "read the message above; a missing rustfmt comes with `rustup component add rustfmt`";
