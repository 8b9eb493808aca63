//! The files of the tree, read once.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo;
use crate::problem::{Outcome, Problem};

/// Folders without files of ours.
const SKIPPED: [&str; 3] = [".git", "target", "node_modules"];

/// A file of the tree.
pub(crate) struct File {
    /// Relative to the workspace, with `/` between folders.
    pub(crate) path: String,
    /// The contents; bytes that are not UTF-8 are replaced.
    pub(crate) text: String,
}

impl File {
    /// The path's last part.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the name ends with a dot and this.
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        self.name()
            .rsplit_once('.')
            .is_some_and(|(_, found)| found == extension)
    }
}

/// The names of the crates that are published, which are those of their folders, in alphabetical order.
pub(crate) fn crate_names() -> Outcome<Vec<String>> {
    let crates = cargo::root().join("crates");
    let entries = fs::read_dir(&crates).map_err(|error| Problem::file(&crates, &error))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

/// All files of the workspace, in the order of their paths.
pub(crate) fn of_workspace() -> Outcome<Vec<File>> {
    below(cargo::root())
}

/// All files below a folder, in the order of their paths.
pub(crate) fn below(root: &Path) -> Outcome<Vec<File>> {
    let mut files = Vec::new();
    for path in paths_below(root)? {
        let bytes = fs::read(&path).map_err(|error| Problem::file(&path, &error))?;
        let relative = path.strip_prefix(root).unwrap_or(&path);
        files.push(File {
            path: relative.to_string_lossy().replace('\\', "/"),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        });
    }
    Ok(files)
}

/// The paths of all files below a folder, sorted.
pub(crate) fn paths_below(root: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| Problem::file(&folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| Problem::file(&folder, &error))?;
            let kind = entry
                .file_type()
                .map_err(|error| Problem::file(&entry.path(), &error))?;
            let skipped = SKIPPED.iter().any(|name| entry.file_name() == *name);
            if kind.is_dir() && !skipped {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
