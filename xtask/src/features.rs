//! `cargo xtask features`: what the features of the command add, which no other check builds.

use crate::cargo::Cargo;
use crate::clients::{Missing, tools};
use crate::problem::Outcome;
use crate::{terminal, test};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Install what Kafka's client is built with, where there is apt-get and we are root.
    #[arg(long)]
    install: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    check(args.install)
}

/// Fails when clippy finds something in a build with all features, or a test of one of them fails. Kafka is left out, with a
/// sentence, where its client cannot be built.
pub(crate) fn check(install: bool) -> Outcome {
    let (command, inputs) = match tools::librdkafka(install) {
        Ok(()) => (
            "segue/full",
            "conversions-input/kafka,conversions-input/nats,e2e/kafka",
        ),
        Err(Missing(what)) => {
            println!("{} {what}.", terminal::bad("not tested:"));
            ("segue/nats,segue/otel", "conversions-input/nats")
        }
    };
    clippy(&["segue", "segue-app"], &["--features", command])?;
    clippy(
        &["conversions-input", "e2e"],
        &["--all-targets", "--features", inputs],
    )?;
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

fn clippy(packages: &[&str], what: &[&str]) -> Outcome {
    let packages = packages.iter().flat_map(|package| ["--package", package]);
    Cargo::new(["clippy", "--quiet"])
        .arguments(packages)
        .arguments(what)
        .arguments(["--", "--deny", "warnings"])
        .run("mend what clippy found in the code of a feature")
}
