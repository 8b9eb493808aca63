//! Manual pages and completions. A test of the command writes them, so that the command itself stays free of the crates for it.

use std::fs;

use super::archive::{Entry, Files};
use super::build::Build;
use crate::cargo::Cargo;
use crate::files;
use crate::problem::{Outcome, Problem};

/// The variable that tells the test where to write.
const VARIABLE: &str = "SEGUE_MANUALS_FOLDER";

/// Has them written, and returns them by their path in an archive: `man/man1/…`, `completions/…`.
pub(super) fn write(build: &Build) -> Outcome<Files> {
    let folder = build.folder.join("manuals");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Problem::file(&folder, &error))?;
    }
    Cargo::new([
        "test",
        "--quiet",
        "--locked",
        "--package",
        "segue",
        "--bin",
        "segue",
    ])
    .arguments(["--", "--ignored", "--exact", "manuals::are_written"])
    .env(VARIABLE, &folder)
    .run("run `cargo test --package segue manuals` and mend what it says")?;
    let mut written = Files::new();
    for path in files::paths_below(&folder)? {
        let bytes = fs::read(&path).map_err(|error| Problem::file(&path, &error))?;
        let relative = path.strip_prefix(&folder).unwrap_or(&path);
        let entry = Entry {
            bytes,
            executable: false,
        };
        written.insert(relative.to_string_lossy().replace('\\', "/"), entry);
    }
    if written.is_empty() {
        return Err(Problem::new(
            "no manual page was written",
            "check that the test `manuals::are_written` of the command still has this name",
        ));
    }
    Ok(written)
}
