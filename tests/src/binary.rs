//! The real command, built when the test needs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::{env, io};

/// A run of `segue` that inherits neither settings nor colours from the environment.
///
/// # Panics
///
/// When the command cannot be built.
#[must_use]
#[expect(clippy::expect_used, reason = "a test of the command fails without it")]
pub fn segue() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let path = BUILT.get_or_init(|| build("segue").expect("`cargo build --bin segue` succeeds"));
    clean(path)
}

/// A run of the sandbox as a program of its own.
///
/// # Panics
///
/// When it cannot be built.
#[must_use]
#[expect(clippy::expect_used, reason = "a test of the sandbox fails without it")]
pub fn graph_sandbox() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let path = BUILT.get_or_init(|| {
        build("graph-sandbox").expect("`cargo build --bin graph-sandbox` succeeds")
    });
    clean(path)
}

fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null());
    command
}

/// The output of a run: standard output, then standard error.
#[must_use]
pub fn output_text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Builds a binary of the workspace in the target folder of the running test, and returns its path. It is built as the whole
/// workspace's tests are, with any test, so that Cargo does not compile its dependencies once more with fewer features.
fn build(name: &str) -> io::Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--workspace", "--bin", name])
        .args(["--test", "phones"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    // target/debug/deps/test-0123 → target/debug/segue
    let test = env::current_exe()?;
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .ok_or(io::ErrorKind::NotFound)?;
    let built = folder.join(name);
    if status.success() && built.exists() {
        Ok(built)
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}
