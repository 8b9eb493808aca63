//! The text of a settings file, and where in it something stands.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// A place in a file, for people: both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A settings file in memory. Its text may hold secrets, so there is no `Debug`.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Source {
    /// The position of a byte offset; an offset past the end is the end.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let before = self
            .text
            .char_indices()
            .take_while(|(at, _)| *at < offset)
            .map(|(_, character)| character);
        let mut position = Position { line: 1, column: 1 };
        for character in before {
            if character == '\n' {
                position.line += 1;
                position.column = 1;
            } else {
                position.column += 1;
            }
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
        let source = Source {
            path: "segue.toml".into(),
            text: "a = 1\n\u{fc}\u{fc} = 2".to_owned(),
        };
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(6), Position { line: 2, column: 1 });
        assert_eq!(source.position(11), Position { line: 2, column: 4 });
        assert_eq!(source.position(999), Position { line: 2, column: 7 });
    }
}
