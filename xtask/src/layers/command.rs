//! The command stays thin: it parses flags, starts a runtime, calls one library function and prints.

use super::graph::Member;
use crate::files;
use crate::problem::Outcome;

/// Lines of Rust in `src`, tests included: some 400 for each of the commands. More than that is a library that nobody else
/// can use.
const MOST_LINES: usize = 5_650;

/// What a library is for: storage, HTTP, and the formats of files.
const FOR_LIBRARIES: [&str; 9] = [
    "axum",
    "governor",
    "hyper",
    "redb",
    "reqwest",
    "rusqlite",
    "rustls",
    "tower",
    "tower-http",
];

/// A sentence for each thing that makes the command more than thin.
pub(super) fn findings(command: &Member) -> Outcome<Vec<String>> {
    let mut findings = Vec::new();
    let files = files::below(&command.folder.join("src"))?;
    let lines: usize = files
        .iter()
        .filter(|file| file.has_extension("rs"))
        .map(|file| file.text.lines().count())
        .sum();
    if lines > MOST_LINES {
        findings.push(format!(
            "{} has {lines} lines, {MOST_LINES} are allowed: move code into a library that others can use too",
            command.name
        ));
    }
    let foreign = FOR_LIBRARIES
        .iter()
        .filter(|library| command.foreign.iter().any(|name| name == *library));
    findings.extend(foreign.map(|library| {
        format!(
            "{} → {library}: the command leaves {library} to a library",
            command.name
        )
    }));
    Ok(findings)
}
