//! The real command, built when it is not there yet.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::{env, io};

/// A run of `segue` that inherits neither settings nor colours from the environment.
///
/// # Panics
///
/// When the command cannot be built.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "no test that needs the command can go on without it"
)]
pub fn segue() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let path = BUILT.get_or_init(|| build("segue").expect("`cargo build -p segue` succeeds"));
    let mut command = Command::new(path);
    command.env_clear().stdin(Stdio::null());
    command
}

/// Everything that a run has said.
#[must_use]
pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Builds a binary of the workspace next to the test that runs, and says where it is.
fn build(package: &str) -> io::Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--package", package])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    // target/debug/deps/test-0123 → target/debug/segue
    let test = env::current_exe()?;
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .ok_or(io::ErrorKind::NotFound)?;
    let built = folder.join(package);
    if status.success() && built.exists() {
        Ok(built)
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}
