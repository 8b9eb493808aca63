//! Leftovers of unfinished work: pending snapshots, notes to self, debugging output, lints that are switched off.

use super::Finding;
use crate::files::File;
use crate::snapshots;

/// Notes to self, in capitals, wherever a comment begins. (Split, so that this file has none.)
const NOTES: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];
/// The macro that prints a value and its place.
const DEBUGGING: &str = concat!("dbg", "!(");
/// Attributes that switch a lint off whether or not it would complain.
const ALLOWS: [&str; 2] = [concat!("#[", "allow("), concat!("#![", "allow(")];

/// Snapshots that wait for a review.
pub(super) fn pending(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| snapshots::is_pending(file))
        .map(|file| Finding::in_file(file, "a snapshot waits for a review"))
        .collect()
}

/// Notes to self in comments, and debugging output.
pub(super) fn notes_to_self(files: &[File]) -> Vec<Finding> {
    each_line(files, &["rs", "toml", "sh", "yml"], |line| {
        let comment = line
            .find("//")
            .or_else(|| line.find("# "))
            .map_or("", |start| &line[start..]);
        let mut words = comment.split(|c: char| !c.is_alphanumeric());
        let note = words
            .find(|word| NOTES.contains(word))
            .map(|word| format!("a note to self: {word}"));
        note.or_else(|| {
            line.contains(DEBUGGING)
                .then(|| "debugging output".to_owned())
        })
    })
}

/// Lints that are switched off instead of expected.
pub(super) fn allows(files: &[File]) -> Vec<Finding> {
    each_line(files, &["rs"], |line| {
        let found = ALLOWS
            .iter()
            .find(|allow| line.trim_start().starts_with(*allow))?;
        Some(format!("`{found}…)]`"))
    })
}

/// Findings of single lines in files of these kinds.
fn each_line(
    files: &[File],
    extensions: &[&str],
    check: fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files
        .iter()
        .filter(|file| extensions.iter().any(|kind| file.has_extension(kind)))
    {
        for (index, line) in file.text.lines().enumerate() {
            findings.extend(check(line).map(|what| Finding::at(file, index, what)));
        }
    }
    findings
}
