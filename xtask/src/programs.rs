//! Programs that Cargo builds for a step, in one selection of packages.
//!
//! Cargo compiles a dependency again wherever another selection of packages wants other features of it. So what a step only
//! runs is built as the whole workspace's tests are, and shares nearly everything with them.

use std::path::PathBuf;

use serde::Deserialize;

use crate::cargo::Cargo;
use crate::problem::{Outcome, Problem};

/// A small test. Dependencies get the features that tests want where a test is built too.
const ANY_TEST: &str = "phones";

/// A line of Cargo's messages; only those about a finished program have `executable`.
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Commands and test programs of the workspace, by their names.
pub(crate) struct Programs {
    built: Vec<(String, PathBuf)>,
}

impl Programs {
    /// Builds them; `features` are separated by commas.
    pub(crate) fn build(commands: &[&str], tests: &[&str], features: &str) -> Outcome<Self> {
        let commands = commands.iter().flat_map(|name| ["--bin", name]);
        let tests = tests.iter().flat_map(|name| ["--test", name]);
        let cargo = Cargo::new(["build", "--quiet", "--workspace"])
            .arguments(commands)
            .arguments(tests)
            .arguments(["--test", ANY_TEST, "--features", features]);
        Self::of(cargo)
    }

    /// Those that this command builds.
    pub(crate) fn of(cargo: Cargo) -> Outcome<Self> {
        let messages = cargo
            .arguments(["--message-format", "json-render-diagnostics"])
            .read("correct what the messages above name")?;
        let messages = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Message>(line).ok());
        let built = messages
            .filter_map(|message| Some((message.target?.name, message.executable?)))
            .collect();
        Ok(Self { built })
    }

    /// Where a program lies.
    pub(crate) fn path(&self, name: &str) -> Outcome<PathBuf> {
        let found = self.built.iter().find(|(built, _)| built == name);
        found.map(|(_, path)| path.clone()).ok_or_else(|| {
            Problem::new(
                format!("cargo did not say where it put {name}"),
                "run it again; if it stays so, look at `cargo build --message-format json`",
            )
        })
    }
}
