//! `cargo xtask features`: what the features of the command add, which no other check builds.

use crate::cargo::Cargo;
use crate::problem::Outcome;
use crate::test;

#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Outcome {
    check()
}

/// Fails when clippy finds something in a build with all features, or a test of one of them fails.
pub(crate) fn check() -> Outcome {
    Cargo::new([
        "clippy",
        "--quiet",
        "--package",
        "segue",
        "--package",
        "segue-app",
    ])
    .arguments(["--features", "segue/full", "--", "--deny", "warnings"])
    .run("mend what clippy found in the code of a feature")?;
    let consume = [
        "test",
        "--quiet",
        "--package",
        "segue-app",
        "--features",
        "consume",
        "--lib",
        "consume",
    ];
    let next =
        "run them alone with `cargo test --package segue-app --features consume --lib consume`";
    test::test(Cargo::new(consume), next)?;
    let otel = [
        "test",
        "--quiet",
        "--package",
        "segue-app",
        "--features",
        "otel",
        "--test",
        "otel",
    ];
    let next = "run it alone with `cargo test --package segue-app --features otel --test otel`";
    test::test(Cargo::new(otel), next)
}
