//! A settings file in memory, and the position of every byte of it.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// A position in a file, as editors count: from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
}

impl Position {
    /// Moves to the position behind a character.
    fn pass(&mut self, character: char) {
        if character == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
    }
}

/// A settings file in memory. Its text may hold secrets, so there is no `Debug`.
pub(crate) struct Document {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// Positions to start counting from. Without them, the time for a file full of mistakes would grow with the square of
    /// its length.
    known: Vec<(usize, Position)>,
}

/// Bytes between two known, at least.
const STRIDE: usize = 256;

impl Document {
    pub(crate) fn new(path: PathBuf, text: String) -> Self {
        let mut known = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut position = Position { line: 1, column: 1 };
        let mut next = 0;
        for (at, character) in text.char_indices() {
            if at >= next {
                known.push((at, position));
                next = at + STRIDE;
            }
            position.pass(character);
        }
        Self { path, text, known }
    }

    /// The position of a byte offset; an offset past the end is the end.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let after = self.known.partition_point(|(at, _)| *at <= offset);
        let nearest = after.checked_sub(1).and_then(|last| self.known.get(last));
        let (start, mut position) =
            nearest.map_or((0, Position { line: 1, column: 1 }), |known| *known);
        let rest = self.text.get(start..).unwrap_or_default();
        for (at, character) in rest.char_indices() {
            if start + at >= offset {
                break;
            }
            position.pass(character);
        }
        position
    }

    /// The position where a span begins.
    pub(crate) fn start_of(&self, span: &Range<usize>) -> Position {
        self.position(span.start)
    }

    /// The folder that relative paths in the file start from.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let document = Document::new("segue.toml".into(), "a = 1\n\u{fc}\u{fc} = 2".to_owned());
        assert_eq!(document.position(0), Position { line: 1, column: 1 });
        assert_eq!(document.position(6), Position { line: 2, column: 1 });
        assert_eq!(document.position(11), Position { line: 2, column: 4 });
        assert_eq!(document.position(999), Position { line: 2, column: 7 });
    }

    #[test]
    fn positions_are_right_on_both_sides_of_a_known_one() {
        let text = "\u{fc}\u{fc}\u{fc}\n".repeat(500);
        let document = Document::new("segue.toml".into(), text);
        for line in 1..=500 {
            let start = (line - 1) * 7;
            assert_eq!(document.position(start), Position { line, column: 1 });
            assert_eq!(document.position(start + 4), Position { line, column: 3 });
        }
    }
}
