//! Installs the client libraries once, in the pinned versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::Missing;
use crate::{cargo, terminal};

/// The folder that pins the versions.
pub(super) const PINNED: &str = "tests/clients/packages";
/// A copy of the pinned versions, written when a folder is complete.
const DONE: &str = "installed.txt";
/// The time limit of an installer.
const PATIENCE: Duration = Duration::from_mins(4);
/// How many lines of an installer's error are shown.
const SHOWN: usize = 20;

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.map_or_else(
        || cargo::root().join("target"),
        |target| cargo::root().join(target),
    )
}

/// The folder of installed libraries, outside of the committed tree.
pub(super) fn folder() -> PathBuf {
    target().join("clients")
}

/// The libraries for Node and for browsers that a folder of the tree pins: a folder of this name with `node_modules`.
pub(crate) fn node_modules(pinned: &str, name: &str) -> Result<PathBuf, Missing> {
    let files = ["package.json", "package-lock.json"];
    install("npm", pinned, name, &files, |folder| {
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
            .args([
                "--fetch-retry-mintimeout=1000",
                "--fetch-retry-maxtimeout=5000",
            ])
            .current_dir(folder);
        command
    })
}

/// The library for Python: a folder of packages.
pub(super) fn python_packages() -> Result<PathBuf, Missing> {
    python_packages_of(PINNED, "python")
}

/// The packages for Python that a folder of the tree pins: a folder of this name with them.
pub(crate) fn python_packages_of(pinned: &str, name: &str) -> Result<PathBuf, Missing> {
    install("pip", pinned, name, &["requirements.txt"], |folder| {
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

/// Installs into a folder, unless it already has the same versions.
fn install(
    program: &str,
    pinned_in: &str,
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
    let pinned = read(pinned_in, files).map_err(|error| failed(&error))?;
    if fs::read_to_string(folder.join(DONE)).is_ok_and(|done| done == pinned) {
        return Ok(folder);
    }
    println!("installing with {program}");
    prepare(&folder, pinned_in, files).map_err(|error| failed(&error))?;
    let log = folder.join("install.log");
    let status = fs::File::create(&log)
        .and_then(|log| run(command(&folder).stdout(Stdio::null()).stderr(log)))
        .map_err(|error| failed(&error))?;
    if !status.success() {
        let said = fs::read_to_string(&log).unwrap_or_default();
        said.lines()
            .take(SHOWN)
            .for_each(|line| println!("{}", terminal::faint(line)));
        return Err(failed(&status));
    }
    fs::write(folder.join(DONE), pinned).map_err(|error| failed(&error))?;
    Ok(folder)
}

/// Runs an installer, and stops it at the time limit.
fn run(command: &mut Command) -> std::io::Result<ExitStatus> {
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if started.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(std::io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn read(pinned_in: &str, files: &[&str]) -> std::io::Result<String> {
    let texts = files
        .iter()
        .map(|file| fs::read_to_string(cargo::root().join(pinned_in).join(file)));
    texts.collect()
}

/// Empties a folder, and copies the pinned versions into it.
fn prepare(folder: &Path, pinned_in: &str, files: &[&str]) -> std::io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for file in files {
        fs::copy(cargo::root().join(pinned_in).join(file), folder.join(file))?;
    }
    Ok(())
}
