//! `cargo xtask features`: what the features of the command add, which no other check builds.

use crate::cargo::Cargo;
use crate::clients::{Missing, tools};
use crate::problem::Outcome;
use crate::{broker_programs, terminal, test};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Install what Kafka's client is built with, where there is apt-get and we are root.
    #[arg(long)]
    install: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    check(args.install)
}

/// Builds of which each is a crate by itself, as those get it who build it: what another crate of the workspace asks of a
/// dependency does not help it.
const ALONE: [(&str, &str); 6] = [
    ("segue", ""),
    ("segue", "nats"),
    ("segue-app", "consume"),
    ("segue-app", "otel"),
    ("conversions-log-nats", ""),
    ("conversions-nats", ""),
];

/// Fails when clippy finds something in a build with all features or with single ones, or a test of one of them fails. Kafka is
/// left out, with a sentence, where its client cannot be built.
pub(crate) fn check(install: bool) -> Outcome {
    let (command, inputs, tests) = match tools::librdkafka(install) {
        Ok(()) => ("segue/full", "nats,kafka", "e2e/kafka"),
        Err(Missing(what)) => {
            println!("{} {what}.", terminal::bad("not tested:"));
            ("segue/nats,segue/otel", "nats", "")
        }
    };
    clippy(&["segue", "segue-app"], &["--features", command])?;
    clippy(&["conversions-input"], &["--features", inputs])?;
    for (package, features) in ALONE {
        clippy(&[package], &["--features", features])?;
    }
    let tested: Vec<String> = inputs
        .split(',')
        .map(|input| format!("conversions-input/{input}"))
        .chain([tests.to_owned()])
        .collect();
    clippy(
        &["conversions-input", "e2e"],
        &["--all-targets", "--features", &tested.join(",")],
    )?;
    // The whole workspace, so that the dependencies are those of other tests.
    let consume = [
        "test",
        "--quiet",
        "--workspace",
        "--lib",
        "--features",
        broker_programs::features(install),
        "--",
        "consume",
    ];
    let next = "run them alone with `cargo test --package segue-app --features nats --lib consume`";
    test::test(Cargo::new(consume), next)?;
    let otel = [
        "test",
        "--quiet",
        "--workspace",
        "--features",
        "segue-app/otel",
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
        .arguments(["--config", &without_librdkafka()?])
        .arguments(["--", "--deny", "warnings"])
        .run("mend what clippy found in the code of a feature")
}

/// Tells Cargo that librdkafka is there. What is only checked is never linked, and its build takes longer than all of clippy.
fn without_librdkafka() -> Outcome<String> {
    let version = Cargo::new(["-vV"]).read("install the Rust toolchain")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.unwrap_or_default();
    Ok(format!("target.{host}.rdkafka.rustc-link-lib=[]"))
}
