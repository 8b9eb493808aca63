//! Rust files that hold nothing but tables.

use std::fmt::Write as _;

/// Columns after which a list goes on in the next line.
const WIDTH: usize = 116;

/// A file that is being written.
pub(super) struct Source(String);

impl Source {
    /// A file with its module documentation: what it holds and what it was made of.
    pub(super) fn new(title: &str, origin: &str) -> Self {
        Self(format!(
            "//! {title}\n//!\n//! Written by `cargo xtask gen`, out of {origin}; do not edit.\n"
        ))
    }

    /// Lines as they are, behind an empty one.
    pub(super) fn lines(&mut self, text: &str) {
        self.0.push('\n');
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// An array with the word `const` or `static` before its name, as many items in a line as fit.
    pub(super) fn list(&mut self, doc: &str, name: &str, item: &str, items: &[String]) {
        let count = items.len();
        let rows = wrapped(items);
        self.lines(&format!(
            "/// {doc}\n#[rustfmt::skip]\npub(super) {name}: [{item}; {count}] = [\n{rows}];"
        ));
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// Items with commas behind them, in indented lines of no more than [`WIDTH`] columns.
fn wrapped(items: &[String]) -> String {
    let mut text = String::new();
    let mut column = 0;
    for item in items {
        if column > 0 && column + item.len() + 2 > WIDTH {
            text.push('\n');
            column = 0;
        }
        let indent = if column == 0 { "    " } else { " " };
        // Writing to a text cannot fail.
        let _ = write!(text, "{indent}{item},");
        column += indent.len() + item.len() + 1;
    }
    text.push('\n');
    text
}

/// An array of bytes, as Rust writes a short one of letters.
pub(super) fn byte_string(letters: &str) -> String {
    format!("*b\"{letters}\"")
}
