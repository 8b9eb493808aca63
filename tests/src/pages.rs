//! The pages for readers, and the blocks of code in them.

use std::fs;
use std::path::{Path, PathBuf};

/// A fenced block of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The page, relative to the workspace.
    pub page: String,
    /// The line of the page in which it opens, from 1.
    pub line: usize,
    /// The word behind the fence: `sh`, `toml`, `json`.
    pub language: String,
    /// What is between the fences, without the indentation of the first.
    pub text: String,
}

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The pages of the book that have commands and settings, and the README, in the order of their names.
///
/// # Panics
///
/// When the folder of the book cannot be read.
#[must_use]
#[expect(clippy::expect_used, reason = "a test of pages fails without pages")]
pub fn pages() -> Vec<(String, String)> {
    let docs = fs::read_dir(workspace().join("docs")).expect("the folder docs");
    let names = docs.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut pages: Vec<_> = names
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "md")
        })
        .map(|name| format!("docs/{name}"))
        .collect();
    pages.push("README.md".to_owned());
    pages.sort();
    let read = |page: String| {
        let text = fs::read_to_string(workspace().join(&page)).expect("a page");
        (page, text)
    };
    pages.into_iter().map(read).collect()
}

/// The fenced blocks of a page, in their order.
#[must_use]
pub fn blocks(page: &str, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, Block)> = None;
    for (index, line) in text.lines().enumerate() {
        let indentation = line.len() - line.trim_start().len();
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => {
                let block = Block {
                    page: page.to_owned(),
                    line: index + 1,
                    language: language.trim().to_owned(),
                    text: String::new(),
                };
                open = Some((indentation, block));
            }
            (Some(_), Some(_)) => blocks.extend(open.take().map(|(_, block)| block)),
            (Some((indentation, block)), None) => {
                let text = line.get(*indentation..).unwrap_or_default();
                block.text.push_str(text);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn blocks_have_their_language_and_no_indentation() {
        let page = "A\n\n```sh\na b\n```\n\n1. B\n\n   ```toml\n   c = 1\n   ```\n";
        let found = blocks("p.md", page);
        let found: Vec<_> = found
            .iter()
            .map(|block| (block.line, &*block.language, &*block.text))
            .collect();
        assert_eq!(found, [(3, "sh", "a b\n"), (9, "toml", "c = 1\n")]);
    }
}
