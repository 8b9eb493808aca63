//! `docs/SUMMARY.md`: the contents of the book as mdbook wants them, out of the list in `docs/README.md`.

use std::fmt::Write as _;
use std::fs;

use crate::cargo;

const INDEX: &str = "docs/README.md";

pub(super) fn render() -> String {
    from_index(&fs::read_to_string(cargo::root().join(INDEX)).unwrap_or_default())
}

/// A part for each second-level heading, a chapter for each item of a list that begins with a link.
fn from_index(index: &str) -> String {
    let mut summary = format!(
        "<!-- Written by `cargo xtask gen` from {INDEX}: change that. -->\n\n# Summary\n\n[The book of segue](README.md)\n"
    );
    for line in index.lines() {
        // Writing to a String cannot fail.
        if let Some(heading) = line.strip_prefix("## ") {
            let _ = write!(summary, "\n# {heading}\n\n");
        } else if let Some(chapter) = chapter(line) {
            let _ = writeln!(summary, "- {chapter}");
        }
    }
    summary
}

/// The link to a page of the book at the beginning of an item.
fn chapter(line: &str) -> Option<&str> {
    let item = line.strip_prefix("- ")?;
    let (head, _) = item.split_once(".md)")?;
    let chapter = item.get(..head.len() + ".md)".len())?;
    let is_of_the_book =
        chapter.starts_with('[') && !chapter.contains("../") && !chapter.contains("://");
    is_of_the_book.then_some(chapter)
}

#[cfg(test)]
mod tests {
    use super::from_index;

    #[test]
    fn parts_and_chapters_come_from_the_index() {
        let index = "# Book\n\nText.\n\n## First\n\n- [A](a.md): what it is\n- [Out](../b.md): not of the book\n- no link\n";
        let summary = from_index(index);
        let (_, parts) = summary.split_once("(README.md)\n").unwrap();
        assert_eq!(parts, "\n# First\n\n- [A](a.md)\n");
    }
}
