//! A line of NDJSON before it is read: its size, its encoding, its depth.

use std::borrow::Cow;

use crate::read::{self, Broken, Marks, Read, Strings, Text};

/// The longest line that is read, in bytes (4 MB).
pub const MAX_LINE_BYTES: usize = 4_000_000;

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: usize = 128;

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

/// One line of text that is safe to read: UTF-8, of bounded size and depth, with well-formed Unicode escapes.
///
/// An escape that is half of a surrogate pair (`"\ud83d"`, what is left of an emoji that was cut in two) stands for no
/// character, and strict readers refuse the whole text for it; it becomes U+FFFD, the replacement character.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    text: Cow<'a, str>,
    marks: Marks,
    /// Whether the strings would do in JSON.
    is_sound: bool,
}

impl<'a> Line<'a> {
    /// Takes the bytes of a line, with or without its line end or a byte order mark.
    ///
    /// # Errors
    ///
    /// [`ReadError::LineTooLong`], [`ReadError::NotUtf8`] and [`ReadError::TooDeep`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.len() > MAX_LINE_BYTES {
            return Err(ReadError::LineTooLong);
        }
        let text = utf8(bytes)?;
        let marks = Marks::of(text);
        // Most lines have fewer openers than levels are allowed.
        if marks.openers() > MAX_DEPTH && depth(text.as_bytes()) > MAX_DEPTH {
            // Text that is not JSON at all is called that, however many brackets it has.
            return Err(if read::is_json(text) {
                ReadError::TooDeep
            } else {
                ReadError::NotJson { column: 0 }
            });
        }
        let strings = Strings::of(text, &marks);
        Ok(Self {
            text: strings.repaired(text),
            is_sound: strings.are_sound(),
            marks,
        })
    }

    /// The text of the line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the object that the line is.
    pub(crate) fn read_object<'t>(&'t self, into: &mut dyn Read<'t>) -> Result<(), Broken> {
        if !self.is_sound {
            return Err(Broken);
        }
        read::object(Text::new(&self.text, &self.marks), into)
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, ReadError> {
    // The fast one does not say where.
    simdutf8::basic::from_utf8(bytes).map_err(|_| {
        let error = std::str::from_utf8(bytes).err();
        ReadError::NotUtf8(error.map_or(0, |error| error.valid_up_to()))
    })
}

fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::{Line, MAX_DEPTH, MAX_LINE_BYTES, ReadError};

    fn nested(levels: usize) -> Vec<u8> {
        [b"[".repeat(levels), b"]".repeat(levels)].concat()
    }

    #[test]
    fn depth_is_bounded_and_brackets_in_strings_do_not_count() {
        assert!(Line::new(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(
            Line::new(&nested(MAX_DEPTH + 1)).map(|_| ()),
            Err(ReadError::TooDeep)
        );
        let text = format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(500), "{".repeat(500));
        assert!(Line::new(text.as_bytes()).is_ok());
        assert_eq!(
            Line::new(&b"[".repeat(1000)).map(|_| ()),
            Err(ReadError::NotJson { column: 0 })
        );
    }

    #[test]
    fn size_and_encoding_are_checked_first() {
        assert_eq!(
            Line::new(&vec![b'['; MAX_LINE_BYTES + 1]).map(|_| ()),
            Err(ReadError::LineTooLong)
        );
        assert_eq!(
            Line::new(b"{\"a\":\"\xff\"}").map(|_| ()),
            Err(ReadError::NotUtf8(6))
        );
        assert_eq!(
            Line::new(b"\xef\xbb\xbf{}").map(|line| line.text().to_owned()),
            Ok("{}".to_owned())
        );
    }

    #[test]
    fn half_an_emoji_becomes_the_replacement_character() {
        for (sent, read) in [
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""cut \ud83d""#, r#""cut \ufffd""#),
            (r#""\ude00\uD83D\u0041""#, r#""\ufffd\ufffd\u0041""#),
            (r#""\\ud83d é""#, r#""\\ud83d é""#),
            (r#""\é\ud83d""#, r#""\é\ufffd""#),
        ] {
            assert_eq!(
                Line::new(sent.as_bytes()).map(|line| line.text().to_owned()),
                Ok(read.to_owned())
            );
        }
    }
}
