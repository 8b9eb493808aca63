//! `cargo xtask deny`: licences, sources and doubles of dependencies, by `deny.toml`.

use crate::cargo::{self, Cargo};
use crate::problem::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Check advisories too, which needs the network
    #[arg(long)]
    advisories: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    check_all(args.advisories)
}

/// Fails when a dependency is not what `deny.toml` allows. Says so when cargo-deny is not installed.
pub(crate) fn check() -> Outcome {
    check_all(false)
}

fn check_all(advisories: bool) -> Outcome {
    if !cargo::has_subcommand("deny") {
        println!("not checked: `cargo install cargo-deny` first");
        return Ok(());
    }
    let mut checks = vec!["deny", "--locked", "check", "bans", "licenses", "sources"];
    if advisories {
        checks.push("advisories");
    }
    Cargo::new(checks).run("replace the dependency, or allow it in deny.toml with a reason")
}
