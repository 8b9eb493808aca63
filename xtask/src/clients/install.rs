//! The libraries, installed in the versions that are pinned, once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Missing;
use crate::{cargo, terminal};

/// Where the versions are pinned.
const PINNED: &str = "tests/clients/packages";
/// What was pinned when a folder was filled; written last.
const DONE: &str = "installed.txt";
/// Lines of an installer's complaint that are shown.
const SHOWN: usize = 20;

/// Where the libraries are installed: outside the tree that is committed.
pub(super) fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .map_or_else(
            || cargo::root().join("target"),
            |target| cargo::root().join(target),
        )
        .join("clients")
}

/// The libraries for Node and for browsers: a folder with `node_modules`.
pub(super) fn node_modules() -> Result<PathBuf, Missing> {
    let files = ["package.json", "package-lock.json"];
    install("npm", "node", &files, |folder| {
        let mut command = Command::new("npm");
        command
            .args([
                "install",
                "--no-save",
                "--omit=optional",
                "--ignore-scripts",
            ])
            .args(["--no-audit", "--no-fund"])
            .args(["--fetch-retries=2", "--fetch-timeout=60000"])
            .current_dir(folder);
        command
    })
}

/// The library for Python: a folder of packages.
pub(super) fn python_packages() -> Result<PathBuf, Missing> {
    install("pip", "python", &["requirements.txt"], |folder| {
        let mut command = Command::new("python3");
        command
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--no-deps", "--only-binary", ":all:"])
            .args(["--retries", "2", "--timeout", "60"])
            .args(["--requirement", "requirements.txt", "--target", "."])
            .current_dir(folder);
        command
    })
}

/// Fills a folder, unless it was filled from the same files before.
fn install(
    program: &str,
    name: &str,
    files: &[&str],
    command: impl Fn(&Path) -> Command,
) -> Result<PathBuf, Missing> {
    let failed = |why: &dyn std::fmt::Display| {
        Missing(format!(
            "the libraries that `{program}` installs, because it needs a package registry that answers and did not \
             get what it asked for ({why}); try again later"
        ))
    };
    let folder = folder().join(name);
    let pinned = read(files).map_err(|error| failed(&error))?;
    if fs::read_to_string(folder.join(DONE)).is_ok_and(|done| done == pinned) {
        return Ok(folder);
    }
    println!("installing with {program}");
    prepare(&folder, files).map_err(|error| failed(&error))?;
    let output = command(&folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(&error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        said.lines()
            .take(SHOWN)
            .for_each(|line| println!("{}", terminal::faint(line)));
        return Err(failed(&output.status));
    }
    fs::write(folder.join(DONE), pinned).map_err(|error| failed(&error))?;
    Ok(folder)
}

fn read(files: &[&str]) -> std::io::Result<String> {
    let texts = files
        .iter()
        .map(|file| fs::read_to_string(cargo::root().join(PINNED).join(file)));
    texts.collect()
}

/// An empty folder with nothing but what pins the versions.
fn prepare(folder: &Path, files: &[&str]) -> std::io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for file in files {
        fs::copy(cargo::root().join(PINNED).join(file), folder.join(file))?;
    }
    Ok(())
}
