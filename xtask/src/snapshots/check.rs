//! The check: no snapshot waits for a review, and every snapshot belongs to a test.
//!
//! Tests name the snapshots that they ask for in a file, when its name is in an environment variable of insta's.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cargo;
use crate::files::{self, File};
use crate::problem::{Outcome, Problem};

/// The variable that tells insta where to note which snapshots tests ask for.
pub(crate) const REFERENCES_VARIABLE: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

/// Where we want them noted: outside the tree that is committed.
pub(crate) fn references_file() -> PathBuf {
    cargo::root()
        .join("target")
        .join("xtask")
        .join("snapshots-of-tests.txt")
}

/// To be called before the tests run.
pub(crate) fn forget_references() -> Outcome {
    let file = references_file();
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| Problem::file(folder, &error))?;
    }
    fs::write(&file, "").map_err(|error| Problem::file(&file, &error))
}

/// Runs the tests first.
pub(super) fn run() -> Outcome {
    crate::test::check()?;
    after_tests()
}

/// Relies on a complete run of the tests before.
pub(crate) fn after_tests() -> Outcome {
    let files = files::of_workspace()?;
    let pending = files.iter().filter(|file| is_pending(file));
    let list: Vec<_> = pending.map(|file| file.path.as_str()).collect();
    if !list.is_empty() {
        return Err(Problem::new(
            format!(
                "snapshots wait for a review:\n       {}",
                list.join("\n       ")
            ),
            "run `cargo xtask snapshots review`",
        ));
    }
    let file = references_file();
    let references = fs::read_to_string(&file).map_err(|_| {
        Problem::new(
            "no run of the tests has said which snapshots it asks for",
            "run `cargo xtask snapshots check`",
        )
    })?;
    let orphans = unreferenced(cargo::root(), &references)?;
    if orphans.is_empty() {
        return Ok(());
    }
    let list: Vec<_> = orphans.iter().map(|path| cargo::shown(path)).collect();
    Err(Problem::new(
        format!(
            "no test asks for these snapshots:\n       {}",
            list.join("\n       ")
        ),
        "delete them; when a test of theirs was skipped on this machine, let it run",
    ))
}

/// A line of a file of pending snapshots for a source file.
#[derive(Deserialize)]
struct Entry {
    run_id: String,
    /// Absent when the test passed.
    new: Option<serde_json::Value>,
}

/// Whether the file is, or has, a snapshot that waits for a review.
pub(crate) fn is_pending(file: &File) -> bool {
    if file.path.ends_with(".snap.new") {
        return true;
    }
    if !file.has_extension("pending-snap") {
        return false;
    }
    // Each run of the tests adds lines, also for tests that pass: only the last run counts.
    let lines = file.text.lines();
    let entries: Vec<Entry> = lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let Some(last) = entries.last() else {
        return false;
    };
    let mut of_last_run = entries.iter().filter(|entry| entry.run_id == last.run_id);
    of_last_run.any(|entry| entry.new.is_some())
}

/// Snapshots below a folder that are not among the references, a path a line.
fn unreferenced(root: &Path, references: &str) -> Outcome<Vec<PathBuf>> {
    // Tests write paths as they compose them, with `..` in between.
    let asked: BTreeSet<PathBuf> = references
        .lines()
        .filter_map(|line| Path::new(line).canonicalize().ok())
        .collect();
    let mut snapshots = files::paths_below(root)?;
    snapshots.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "snap")
    });
    snapshots.retain(|path| path.canonicalize().is_ok_and(|path| !asked.contains(&path)));
    Ok(snapshots)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{File, is_pending, unreferenced};

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_new_snapshot_is_pending_until_the_last_run_passes() {
        assert!(is_pending(&file("a.snap.new", "")));
        assert!(!is_pending(&file("a.snap", "")));
        let failed = r#"{"run_id":"1","line":3,"new":{"snapshot":"a"},"old":null}"#;
        let passed = r#"{"run_id":"2","line":3,"new":null,"old":null}"#;
        let inline = |lines: &[&str]| file(".a.rs.pending-snap", &lines.join("\n"));
        assert!(is_pending(&inline(&[failed])));
        assert!(!is_pending(&inline(&[failed, passed])));
        assert!(is_pending(&inline(&[passed, failed])));
    }

    #[test]
    fn a_snapshot_that_no_test_asks_for_is_found() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["asked.snap", "orphan.snap", "other.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("sub")).unwrap();
        let reference = folder.path().join("sub").join("..").join("asked.snap");
        let found = unreferenced(folder.path(), &format!("{}\n", reference.display())).unwrap();
        assert_eq!(found, [folder.path().join("orphan.snap")]);
    }
}
