//! The README of each library: its crate documentation, in the form that a registry and a forge show.
//!
//! The documentation is the source, because its example is compiled and run. Links between items of the code become plain
//! code, lines of the example that rustdoc hides go away, and headings move one level down.

use std::fs;
use std::path::Path;

use crate::{cargo, files};

const MARK: &str =
    "<!-- Written by `cargo xtask gen` from the documentation in `src/lib.rs`: change that. -->";

/// Paths relative to the workspace, and texts, of the READMEs of all libraries, in the order of their names.
pub(super) fn render() -> Vec<(String, String)> {
    let crates = cargo::root().join("crates");
    let names = files::crate_names().unwrap_or_default();
    names
        .into_iter()
        .filter_map(|name| {
            let text = of_crate(&crates.join(&name))?;
            Some((format!("crates/{name}/README.md"), text))
        })
        .collect()
}

/// The README of the library in a folder; none for a folder without a library.
fn of_crate(folder: &Path) -> Option<String> {
    let source = fs::read_to_string(folder.join("src/lib.rs")).ok()?;
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let manifest: toml::Table = manifest.parse().ok()?;
    let name = manifest.get("package")?.get("name")?.as_str()?;
    let features = manifest.get("features").and_then(toml::Value::as_table);
    let mut readme = format!("{MARK}\n\n# {name}\n\n{}", body(&source));
    if features.is_none_or(toml::Table::is_empty) {
        readme.push_str("\n## Features\n\nNone: the crate is one piece.\n");
    }
    readme.push_str(
        "\n## Licence\n\nMIT or Apache 2.0, at your choice. The crate belongs to segue, whose crates share one version \
         number and the\nRust version they need, `rust-version` in the manifest.\n",
    );
    Some(readme)
}

/// The lines of `//!` at the top of a file, as Markdown that needs no rustdoc.
fn body(source: &str) -> String {
    let mut text = String::new();
    let mut block = Block::None;
    for line in source.lines().map_while(|line| line.strip_prefix("//!")) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if let Some(info) = line.strip_prefix("```") {
            block = match block {
                Block::None if is_rust(info) => Block::Rust,
                Block::None => Block::Other,
                Block::Rust | Block::Other => Block::None,
            };
            text.push_str(if block == Block::Rust {
                "```rust"
            } else {
                line
            });
        } else {
            match block {
                Block::Rust if line == "#" || line.starts_with("# ") => continue,
                Block::Rust | Block::Other => text.push_str(line),
                Block::None if line.starts_with('#') => {
                    text.push('#');
                    text.push_str(line);
                }
                Block::None => text.push_str(&without_item_links(line)),
            }
        }
        text.push('\n');
    }
    text
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    None,
    Rust,
    Other,
}

/// Whether the block is Rust by what follows its fence, as rustdoc decides.
fn is_rust(info: &str) -> bool {
    info.split(',')
        .all(|word| ["", "rust", "no_run", "compile_fail", "should_panic"].contains(&word))
}

/// A line in which `` [`Item`] `` and `` [`Item`](path::to::Item) `` are `` `Item` ``; other links stay.
fn without_item_links(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find("[`") {
        let (before, tail) = rest.split_at(start);
        text.push_str(before);
        let Some(end) = tail.find("`]") else {
            rest = tail;
            break;
        };
        let (code, after) = tail.split_at(end + 2);
        let target = after
            .strip_prefix('(')
            .and_then(|after| after.split_once(')'));
        match target {
            Some((target, _)) if target.contains('/') => text.push_str(code),
            Some((_, behind)) => {
                text.push_str(code.trim_matches(['[', ']']));
                rest = behind;
                continue;
            }
            None => text.push_str(code.trim_matches(['[', ']'])),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::{body, render, without_item_links};

    #[test]
    fn docs_become_markdown_without_rustdoc() {
        let source = "//! Reads [`Raw`] by [`read`](Raw::read).\n//!\n//! # Features\n//!\n//! ```\n//! # hidden();\n//! #\n//! shown();\n//! #[attribute]\n//! ```\n\nmod a;\n//! not docs\n";
        assert_eq!(
            body(source),
            "Reads `Raw` by `read`.\n\n## Features\n\n```rust\nshown();\n#[attribute]\n```\n"
        );
    }

    #[test]
    fn links_to_pages_stay() {
        let line = "see [`axum`](https://docs.rs/axum), [the page](docs/a.md) and [`Raw`], [`Kept";
        assert_eq!(
            without_item_links(line),
            "see [`axum`](https://docs.rs/axum), [the page](docs/a.md) and `Raw`, [`Kept"
        );
    }

    #[test]
    fn every_readme_shows_an_example_and_names_the_features() {
        let readmes = render();
        assert!(readmes.len() > 10, "{}", readmes.len());
        for (path, text) in readmes {
            assert!(text.contains("\n```rust\n"), "{path}: no example");
            assert!(text.contains("\n## Features\n"), "{path}: no features");
            assert!(
                !text.contains("[`") || text.contains("`]("),
                "{path}: a link to an item"
            );
        }
    }
}
