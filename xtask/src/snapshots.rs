//! `cargo xtask snapshots`: the review of insta's snapshots by insta's own tool, and a check that needs no tool.
//!
//! A test whose outcome differs from its snapshot leaves the new one beside it, as `*.snap.new` or, for a snapshot in a
//! source file, in `*.pending-snap`. `review`, `accept` and `reject` run cargo-insta, which the first of them installs into
//! `target/tools`.

mod check;

pub(crate) use check::{
    REFERENCES_VARIABLE, after_tests as check_after_tests, forget_references, is_pending,
    references_file,
};

use std::process::Command;

use crate::problem::{Outcome, Problem};
use crate::{cargo, tools};

/// The tool has the version of the library in `Cargo.toml`: it reads what the library writes.
const CARGO_INSTA: tools::Tool = tools::Tool {
    name: "cargo-insta",
    version: "^1.49",
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Shows each pending snapshot as a difference and asks what to do with it.
    Review(Options),
    /// Accepts pending snapshots.
    Accept(Options),
    /// Throws pending snapshots away.
    Reject(Options),
    /// Runs all tests; fails when a snapshot is pending or belongs to no test.
    Check,
}

#[derive(clap::Args)]
struct Options {
    /// Further options of cargo-insta, such as `--snapshot PATH`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    match &args.action {
        Action::Review(options) => insta("review", options),
        Action::Accept(options) => insta("accept", options),
        Action::Reject(options) => insta("reject", options),
        Action::Check => check::run(),
    }
}

fn insta(action: &str, options: &Options) -> Outcome {
    let program = CARGO_INSTA.installed()?;
    let status = Command::new(program)
        .args(["insta", action, "--workspace-root"])
        .arg(cargo::root())
        .args(&options.rest)
        .status();
    if status.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Problem::new(
        format!("`cargo insta {action}` failed"),
        "read what it says above",
    ))
}
