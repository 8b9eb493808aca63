//! The programs that are measured, built as they are shipped.

use std::path::PathBuf;

use serde::Deserialize;

use crate::cargo::Cargo;
use crate::problem::{Outcome, Problem};

/// A line of cargo's messages; only those about a finished program have `executable`.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// Builds a program with the profile of what is shipped, and says where it lies.
pub(super) fn program(package: &str, name: &str) -> Outcome<PathBuf> {
    let messages = Cargo::new([
        "build",
        "--quiet",
        "--profile",
        "dist",
        "--message-format",
        "json-render-diagnostics",
    ])
    .arguments(["--package", package, "--bin", name])
    .read("mend what the messages above name")?;
    let built = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable)
        .find(|path| path.file_stem().is_some_and(|stem| stem == name));
    built.ok_or_else(|| {
        Problem::new(
            format!("cargo did not say where it put {name}"),
            "run it again; if it stays so, look at `cargo build --message-format json`",
        )
    })
}
