//! A line of NDJSON before it is read: its size, its encoding, its depth.

use skim_json::{Document, DocumentError, MAX_DEPTH, NotJson, ReadValue};

/// The longest line that is read, in bytes (4 MB).
pub const MAX_LINE_BYTES: usize = 4_000_000;

/// Why a line could not be read as a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Longer than [`MAX_LINE_BYTES`].
    #[error("the line is longer than {MAX_LINE_BYTES} bytes")]
    LineTooLong,
    /// Not UTF-8; the number is the offset of the first bad byte.
    #[error("the line is not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// Not one JSON text; column is counted from 1, in bytes, 0 when unknown.
    #[error("the line is not JSON: it breaks at column {column}")]
    NotJson {
        /// Where reading stopped.
        column: usize,
    },
    /// Arrays and objects nest deeper than [`MAX_DEPTH`].
    #[error("arrays and objects nest deeper than {MAX_DEPTH}")]
    TooDeep,
    /// JSON, but not an object.
    #[error("the line holds JSON that is not an object")]
    NotAnObject,
}

/// One line of text that is safe to read: UTF-8, of bounded size and depth, with well-formed Unicode escapes. See
/// [`Document`] for what becomes of escapes that are half of a character.
#[derive(Debug, Clone)]
pub struct Line<'a>(Document<'a>);

impl<'a> Line<'a> {
    /// Takes the bytes of a line, with or without its line end or a byte order mark.
    ///
    /// # Errors
    ///
    /// [`ReadError::LineTooLong`], [`ReadError::NotUtf8`] and [`ReadError::TooDeep`]; [`ReadError::NotJson`] for a text with
    /// many brackets that is no JSON.
    pub fn new(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.len() > MAX_LINE_BYTES {
            return Err(ReadError::LineTooLong);
        }
        Ok(Self(Document::new(bytes)?))
    }

    /// The text of the line.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// Reads the value that the line is.
    pub(crate) fn read_into<'t>(&'t self, place: &mut dyn ReadValue<'t>) -> Result<(), NotJson> {
        self.0.read(place)
    }
}

impl From<DocumentError> for ReadError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::NotUtf8(at) => Self::NotUtf8(at),
            DocumentError::TooDeep => Self::TooDeep,
            // The text was refused for its brackets, before anything was read.
            DocumentError::NotJson => Self::NotJson { column: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, MAX_DEPTH, MAX_LINE_BYTES, ReadError};

    fn error(bytes: &[u8]) -> Option<ReadError> {
        Line::new(bytes).err()
    }

    #[test]
    fn size_and_encoding_are_checked_first() {
        assert_eq!(
            error(&vec![b'['; MAX_LINE_BYTES + 1]),
            Some(ReadError::LineTooLong)
        );
        assert_eq!(error(b"{\"a\":\"\xff\"}"), Some(ReadError::NotUtf8(6)));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| [b"[".repeat(levels), b"]".repeat(levels)].concat();
        assert_eq!(error(&nested(MAX_DEPTH)), None);
        assert_eq!(error(&nested(MAX_DEPTH + 1)), Some(ReadError::TooDeep));
        assert_eq!(
            error(&b"[".repeat(1000)),
            Some(ReadError::NotJson { column: 0 })
        );
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        let line = Line::new(b"\xef\xbb\xbf{}");
        assert_eq!(line.map(|line| line.text().to_owned()), Ok("{}".to_owned()));
    }
}
