//! `cargo xtask clients`: Segment's and RudderStack's own libraries, unmodified, against the real command.
//!
//! The libraries are installed with npm and pip into `target/clients`, in the versions that `tests/clients/packages`
//! pins; the journeys are in `tests/clients`. When a tool is missing or a registry does not answer, the
//! tests of its clients are skipped with a sentence. A failing test fails the command.

pub(crate) mod install;
pub(crate) mod tools;

use std::path::PathBuf;

use crate::cargo::{self, Cargo};
use crate::problem::{Outcome, Problem};
use crate::{terminal, test};

#[derive(clap::Args)]
#[command(
    after_help = "Ends with status 0 when every test passes that can run, and says in one sentence what is missing for \
    the others; with status 1 when a test fails, or, with --all, when one cannot run."
)]
pub(crate) struct Args {
    /// Run only tests whose name contains this: `node`, `python`, `browser`, `rudder`, `restart`, …
    filter: Option<String>,
    /// Install missing programs with apt-get, where there is one and we are root.
    #[arg(long)]
    install: bool,
    /// Fail when a client cannot be run.
    #[arg(long)]
    all: bool,
}

/// A missing requirement of a client: a sentence without its full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) String);

/// Variables for the tests.
struct Found {
    variable: &'static str,
    path: Result<PathBuf, Missing>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let found = look(args.install);
    let mut command = Cargo::new(["test", "--quiet", "--workspace", "--test", "clients"]);
    for Found { variable, path } in &found {
        if let Ok(path) = path {
            command = command.env(variable, path);
        }
    }
    command = command.arguments(["--"]).arguments(args.filter.as_deref());
    let outcome = test::test(
        command,
        "run one test alone with `cargo xtask clients NAME`, and read what it says",
    );
    let missing: Vec<&Missing> = found
        .iter()
        .filter_map(|found| found.path.as_ref().err())
        .collect();
    for Missing(what) in &missing {
        println!("{} {what}.", terminal::bad("not tested:"));
    }
    outcome?;
    if args.all && !missing.is_empty() {
        return Err(Problem::new(
            "not every client could be run",
            "install what is missing, or call `cargo xtask clients --install`",
        ));
    }
    Ok(())
}

/// Runs all of them, for continuous integration.
pub(crate) fn check(install: bool) -> Outcome {
    run(&Args {
        filter: None,
        install,
        all: false,
    })
}

/// Looks for every tool, and installs its libraries.
fn look(install: bool) -> [Found; 3] {
    let folder = install::folder();
    cargo::heading(&format!(
        "the clients are installed in {}",
        cargo::shown(&folder)
    ));
    [
        Found {
            variable: "SEGUE_CLIENTS_NODE",
            path: tools::node(install)
                .and_then(|()| install::node_modules(install::PINNED, "node")),
        },
        Found {
            variable: "SEGUE_CLIENTS_PYTHON",
            path: tools::python(install).and_then(|()| install::python_packages()),
        },
        Found {
            variable: "SEGUE_CLIENTS_CHROMIUM",
            path: tools::chromium(install),
        },
    ]
}
