//! What pages for readers say of the tree is true: files exist, names are used, and no list has a gap.

use std::collections::BTreeSet;

use super::Finding;
use crate::files::File;

/// Pages whose words in backticks are checked, and folders of such pages.
const PAGES: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/"];
const GLOSSARY: &str = "docs/glossary.md";
/// Ends of words that are names of files.
const EXTENSIONS: [&str; 7] = [".cjs", ".dict", ".md", ".mjs", ".rs", ".service", ".toml"];
/// Files that the reader is to write, or that a command writes outside of the tree.
const EXAMPLES: [&str; 2] = ["foo.rs", "tests/cases/subscription-id-is-sent/"];

/// Each file or folder that a page names in backticks or links to is there.
pub(super) fn paths(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in pages(files) {
        for (index, line) in page.text.lines().enumerate() {
            let named = in_backticks(line).filter(|word| is_path(word));
            let linked = links(line).filter(|target| !target.contains("://"));
            for path in named.chain(linked) {
                if !EXAMPLES.contains(&path) && !is_there(files, path) {
                    findings.push(Finding::at(page, index, format!("`{path}` is not there")));
                }
            }
        }
    }
    findings
}

/// Each name of a type in the glossary occurs in the code.
pub(super) fn glossary(files: &[File]) -> Vec<Finding> {
    let code: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.has_extension("rs"))
        .flat_map(|file| file.text.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect();
    let mut findings = Vec::new();
    for page in files.iter().filter(|file| file.path == GLOSSARY) {
        for (index, line) in page.text.lines().enumerate() {
            let types = in_backticks(line).filter(|word| {
                word.starts_with(char::is_uppercase) && word.chars().all(char::is_alphanumeric)
            });
            let unknown = types.filter(|word| !code.contains(word));
            findings.extend(
                unknown.map(|word| {
                    Finding::at(page, index, format!("no code uses the name `{word}`"))
                }),
            );
        }
    }
    findings
}

/// The page on embedding lists all libraries, ARCHITECTURE.md all crates, CONTRIBUTING.md all commands of xtask.
pub(super) fn lists(files: &[File]) -> Vec<Finding> {
    let crates = files.iter().filter_map(|file| {
        let name = file.path.strip_prefix("crates/")?;
        name.strip_suffix("/Cargo.toml")
            .map(|name| format!("crates/{name}"))
    });
    let libraries = files.iter().filter_map(|file| {
        let name = file.path.strip_prefix("crates/")?;
        name.strip_suffix("/src/lib.rs")
            .map(|name| format!("(../crates/{name})"))
    });
    let main = files.iter().find(|file| file.path == "xtask/src/main.rs");
    let dispatched = main
        .map_or("", |main| &main.text)
        .lines()
        .filter_map(|line| {
            let (name, _) = line
                .trim()
                .strip_prefix("Command::")?
                .split_once("(args) =>")?;
            Some(format!("cargo xtask {}", kebab(name)))
        });
    missing(files, "ARCHITECTURE.md", crates)
        .chain(missing(files, "docs/embedding.md", libraries))
        .chain(missing(files, "CONTRIBUTING.md", dispatched))
        .collect()
}

/// A finding for each text that the page does not contain.
fn missing<'f>(
    files: &'f [File],
    page: &'f str,
    texts: impl Iterator<Item = String> + 'f,
) -> impl Iterator<Item = Finding> + 'f {
    let page = files.iter().find(move |file| file.path == page);
    texts.filter_map(move |text| {
        let page = page?;
        (!page.text.contains(&text))
            .then(|| Finding::in_file(page, format!("does not mention {text}")))
    })
}

fn pages(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| {
        let is_page =
            |page: &str| file.path == page || (page.ends_with('/') && file.path.starts_with(page));
        file.has_extension("md") && PAGES.into_iter().any(is_page)
    })
}

fn in_backticks(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Targets of Markdown links.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let starts = line.match_indices("](");
    starts.filter_map(|(at, found)| line.get(at + found.len()..)?.split([')', '#']).next())
}

/// Whether a word names a file or folder of the tree.
fn is_path(word: &str) -> bool {
    let is_plain = word
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let begins_in_tree = word.split_once('/').is_some_and(|(first, _)| {
        [
            "bench", "crates", "deploy", "docs", "examples", "fuzz", "tests", "xtask",
        ]
        .contains(&first)
    });
    is_plain
        && (begins_in_tree
            || EXTENSIONS
                .iter()
                .any(|end| word.ends_with(end) && word != *end))
}

/// Whether the tree has a file of this name, also below other folders, or such a folder.
fn is_there(files: &[File], path: &str) -> bool {
    let path = path.trim_start_matches("../").trim_end_matches('/');
    files.iter().any(|file| {
        let rest = file.path.strip_suffix(path);
        let ends_so = rest.is_some_and(|before| before.is_empty() || before.ends_with('/'));
        let is_folder = file.path.match_indices(path).any(|(at, _)| {
            let (before, after) = (&file.path[..at], &file.path[at + path.len()..]);
            (before.is_empty() || before.ends_with('/')) && after.starts_with('/')
        });
        ends_so || is_folder
    })
}

/// `CrashTest` as it is typed: `crash-test`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(c.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{File, Finding, glossary, lists, paths};

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn whats(findings: Vec<Finding>) -> Vec<String> {
        findings.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn files_that_a_page_names_must_be_there() {
        let page = "See `crates/a/src/`, `row.rs`, [it](other/x.md), `/metrics`, `old.rs` and [more](docs/y.md#part).\n";
        let found = paths(&[
            file("ARCHITECTURE.md", page),
            file("crates/a/src/rules/row.rs", ""),
            file("other/x.md", "`other.rs` is not checked here"),
        ]);
        assert_eq!(
            whats(found),
            ["`old.rs` is not there", "`docs/y.md` is not there"]
        );
    }

    #[test]
    fn names_of_the_glossary_must_be_used() {
        let found = glossary(&[
            file("docs/glossary.md", "| `Lease` | … |\n| `Gate` | `gate` |\n"),
            file("a.rs", "struct Lease;\nstruct GateKeeper;\n"),
        ]);
        assert_eq!(whats(found), ["no code uses the name `Gate`"]);
    }

    #[test]
    fn lists_must_not_have_gaps() {
        let found = lists(&[
            file("ARCHITECTURE.md", "crates/a"),
            file("docs/embedding.md", "[a](../crates/a)"),
            file("CONTRIBUTING.md", "`cargo xtask test`"),
            file("crates/a/Cargo.toml", ""),
            file("crates/a/src/lib.rs", ""),
            file("crates/c/src/lib.rs", ""),
            file("crates/b/Cargo.toml", ""),
            file("crates/b/src/main.rs", ""),
            file(
                "xtask/src/main.rs",
                "Command::Test(args) => t(),\n  Command::CrashTest(args) => c(),\n",
            ),
        ]);
        let expected = [
            "does not mention crates/b",
            "does not mention (../crates/c)",
            "does not mention cargo xtask crash-test",
        ];
        assert_eq!(whats(found), expected);
    }
}
