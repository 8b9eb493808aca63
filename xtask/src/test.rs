//! `cargo xtask test`: all tests and doctests by plain `cargo test`, or those that match a filter.

use std::time::Instant;

use crate::cargo::{self, Cargo};
use crate::problem::Outcome;
use crate::snapshots;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only tests whose name contains this.
    filter: Option<String>,
    /// Only this package.
    #[arg(short, long)]
    package: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let start = Instant::now();
    let mut arguments = vec!["test", "--quiet", "--no-fail-fast"];
    if args.package.is_empty() {
        arguments.push("--workspace");
    }
    for package in &args.package {
        arguments.extend(["--package", package.as_str()]);
    }
    arguments.push("--");
    arguments.extend(args.filter.iter().map(String::as_str));
    let outcome = Cargo::new(arguments).run(NEXT);
    println!("tests took {}", cargo::elapsed(start));
    outcome
}

/// Everything, leaving pending snapshots alone and noting which snapshots the tests asked for.
pub(crate) fn check() -> Outcome {
    snapshots::forget_references()?;
    Cargo::new(["test", "--quiet", "--workspace", "--no-fail-fast"])
        .env("INSTA_UPDATE", "no")
        .env(snapshots::REFERENCES_VARIABLE, snapshots::references_file())
        .run(NEXT)
}

const NEXT: &str = "run one test alone with `cargo xtask test NAME`; when a snapshot differs, `cargo xtask test` and \
                    then `cargo xtask snapshots review`";
