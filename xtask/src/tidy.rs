//! `cargo xtask tidy`: rules of the house that no compiler checks. A rule is a function from files to findings, and a row of
//! the table.

mod documents;
mod exceptions;
mod leftovers;
mod locks;
mod manifests;
mod shape;
mod text;

use crate::files::{self, File};
use crate::problem::{Outcome, Problem};

#[derive(clap::Args)]
pub(crate) struct Args {}

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    /// The file, relative to the workspace.
    path: String,
    /// The line, counted from 1, where there is one.
    line: Option<usize>,
    /// What is wrong there.
    what: String,
}

impl Finding {
    fn in_file(file: &File, what: impl Into<String>) -> Self {
        Self {
            path: file.path.clone(),
            line: None,
            what: what.into(),
        }
    }

    fn at(file: &File, index: usize, what: impl Into<String>) -> Self {
        Self {
            line: Some(index + 1),
            ..Self::in_file(file, what)
        }
    }
}

/// A rule of the house.
struct Rule {
    /// One word, for the exceptions.
    name: &'static str,
    /// How to correct a finding.
    next: &'static str,
    check: fn(&[File]) -> Vec<Finding>,
}

const fn rule(name: &'static str, check: fn(&[File]) -> Vec<Finding>, next: &'static str) -> Rule {
    Rule { name, next, check }
}

#[rustfmt::skip]
const RULES: &[Rule] = &[
    rule("module-docs",  shape::module_docs,       "begin the file with `//!` and one sentence that says what it is for"),
    rule("crate-docs",   shape::crate_docs,        "say in three paragraphs of `//!`: the purpose, what is absent on purpose, who may depend on it"),
    rule("mod-rs",       shape::no_mod_rs,         "rename `foo/mod.rs` to `foo.rs`"),
    rule("length",       shape::length,            "find its second idea and give it a file of its own, or state a reason in xtask/src/tidy/exceptions.rs"),
    rule("pending",      leftovers::pending,       "run `cargo xtask snapshots review`"),
    rule("leftover",     leftovers::notes_to_self, "do it now, or remove it"),
    rule("allow",        leftovers::allows,        "write `#[expect(lint, reason = \"…\")]`, which complains when it is no longer needed"),
    rule("machine-path", text::machine_paths,      "write a path relative to the workspace"),
    rule("characters",   text::characters,         "write blanks as blanks, line ends as LF, and invisible characters as escapes"),
    rule("line-ends",    text::line_ends,          "remove the blanks at the end of the line, and end the file with one line end"),
    rule("manifest",     manifests::members,       "write it as the manifests of the other members do"),
    rule("versions",     manifests::versions,      "write the version of [workspace.package]; a crate of ours is named with `path` and `version`"),
    rule("locks",        locks::versions,          "run `cargo metadata --manifest-path FOLDER/Cargo.toml` with the folder of the lock file, which brings it up to date"),
    rule("doc-paths",    documents::paths,         "name the file that has the code now"),
    rule("glossary",     documents::glossary,      "name the type that the code has now, or remove the line"),
    rule("doc-lists",    documents::lists,         "add it to the list of the page"),
    rule("papers",       manifests::papers,        "write it: strangers look for it first"),
];

pub(crate) fn run(_: &Args) -> Outcome {
    check()?;
    println!("tidy");
    Ok(())
}

/// Fails when a rule finds something.
pub(crate) fn check() -> Outcome {
    report(&inspect(&files::of_workspace()?))
}

/// Findings that no exception covers, and exceptions that cover nothing.
fn inspect(files: &[File]) -> Vec<(&'static str, Vec<Finding>)> {
    let mut reports = Vec::new();
    let mut used = Vec::new();
    for rule in RULES {
        let mut findings = (rule.check)(files);
        findings.retain(|finding| match exceptions::of(rule.name, &finding.path) {
            Some(exception) => {
                used.push(exception);
                false
            }
            None => true,
        });
        if !findings.is_empty() {
            reports.push((rule.next, findings));
        }
    }
    let idle = exceptions::idle(&used);
    if !idle.is_empty() {
        reports.push(("remove it from xtask/src/tidy/exceptions.rs", idle));
    }
    reports
}

fn report(reports: &[(&'static str, Vec<Finding>)]) -> Outcome {
    let next = match reports {
        [] => return Ok(()),
        [(next, _)] => *next,
        _ => "follow the arrows above",
    };
    for (next, findings) in reports {
        for Finding { path, line, what } in findings {
            match line {
                Some(line) => println!("{path}:{line}: {what}"),
                None => println!("{path}: {what}"),
            }
        }
        println!("   → {next}\n");
    }
    let count: usize = reports.iter().map(|(_, findings)| findings.len()).sum();
    let things = if count == 1 { "thing is" } else { "things are" };
    Err(Problem::new(format!("{count} {things} not tidy"), next))
}

#[cfg(test)]
mod tests;
