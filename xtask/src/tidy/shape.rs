//! The shape of Rust files: docs at the top, one idea each, no `mod.rs`.

use super::Finding;
use crate::files::File;

/// Most lines of a file: a longer one usually has a second idea.
const MOST_LINES: usize = 350;

/// Every module says what it is for; a `tests.rs` says it by its name.
pub(super) fn module_docs(files: &[File]) -> Vec<Finding> {
    let undocumented =
        rust(files).filter(|file| !file.text.starts_with("//! ") && file.name() != "tests.rs");
    undocumented
        .map(|file| Finding::in_file(file, "no module documentation"))
        .collect()
}

/// Every library says what it is for, what it leaves out on purpose, and who may depend on it.
pub(super) fn crate_docs(files: &[File]) -> Vec<Finding> {
    rust(files)
        .filter(|file| file.path.ends_with("src/lib.rs"))
        .filter(|file| {
            let docs = file.text.lines().take_while(|line| line.starts_with("//!"));
            docs.filter(|line| *line == "//!").count() < 2
        })
        .map(|file| {
            Finding::in_file(
                file,
                "the crate's documentation has fewer than three paragraphs",
            )
        })
        .collect()
}

/// Modules are `foo.rs` beside `foo/`.
pub(super) fn no_mod_rs(files: &[File]) -> Vec<Finding> {
    let old = rust(files).filter(|file| file.name() == "mod.rs");
    old.map(|file| Finding::in_file(file, "an old-style module file"))
        .collect()
}

/// One idea, one file.
pub(super) fn length(files: &[File]) -> Vec<Finding> {
    rust(files)
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| {
            Finding::in_file(file, format!("{lines} lines, more than {MOST_LINES}"))
        })
        .collect()
}

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.has_extension("rs"))
}
