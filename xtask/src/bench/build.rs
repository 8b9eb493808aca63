//! Builds the programs that are measured, with the profile that is shipped.

use std::path::PathBuf;

use serde::Deserialize;

use crate::cargo::Cargo;
use crate::problem::{Outcome, Problem};

/// A line of cargo's messages; only those about a finished program have `executable`.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// Builds programs of a package with the profile `dist`, and returns their paths.
pub(super) fn programs<const N: usize>(
    package: &str,
    names: &[&str; N],
    more: &[&str],
) -> Outcome<[PathBuf; N]> {
    let cargo = Cargo::new([
        "build",
        "--quiet",
        "--profile",
        "dist",
        "--message-format",
        "json-render-diagnostics",
    ]);
    let names_as_arguments = names.iter().flat_map(|name| ["--bin", name]);
    let messages = cargo
        .arguments(["--package", package])
        .arguments(names_as_arguments)
        .arguments(more)
        .read("correct what the messages above name")?;
    let built: Vec<PathBuf> = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable)
        .collect();
    let find = |name: &&str| {
        let found = built
            .iter()
            .find(|path| path.file_stem().is_some_and(|stem| stem == *name));
        found.cloned()
    };
    let found: Vec<PathBuf> = names.iter().filter_map(find).collect();
    found.try_into().map_err(|_| {
        Problem::new(
            format!("cargo did not say where it put the programs of {package}"),
            "run it again; if it stays so, look at `cargo build --message-format json`",
        )
    })
}
