//! `cargo xtask semver`: whether the public API still keeps what the last release promised.

use std::process::Command;

use crate::cargo::{self, Cargo};
use crate::problem::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Compare with this tag or commit, instead of the last tag that begins with `v`
    #[arg(long, value_name = "REVISION")]
    baseline: Option<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    check_against(args.baseline.as_deref())
}

/// Fails when an incompatible change needs another version number than the workspace has. Says so when it cannot be checked.
pub(crate) fn check() -> Outcome {
    check_against(None)
}

fn check_against(baseline: Option<&str>) -> Outcome {
    let Some(baseline) = baseline.map(str::to_owned).or_else(last_tag) else {
        println!("not checked: no release is tagged yet (`git tag v0.2.0`)");
        return Ok(());
    };
    if !cargo::has_subcommand("semver-checks") {
        println!("not checked: `cargo install cargo-semver-checks` first");
        return Ok(());
    }
    Cargo::new(["semver-checks", "check-release", "--workspace"])
        .arguments([
            "--exclude",
            "bench",
            "--exclude",
            "e2e",
            "--exclude",
            "xtask",
        ])
        // A command has no API.
        .arguments(["--exclude", "segue", "--baseline-rev", &baseline])
        .run(
            "keep what was promised, or raise the version in Cargo.toml and say it in CHANGELOG.md",
        )
}

/// The last release among the ancestors of what is checked out.
fn last_tag() -> Option<String> {
    let output = Command::new("git")
        .current_dir(cargo::root())
        .args(["describe", "--tags", "--abbrev=0", "--match", "v*"])
        .output()
        .ok()?;
    let tag = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !tag.trim().is_empty()).then(|| tag.trim().to_owned())
}
