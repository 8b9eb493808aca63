//! A text before it is read: its encoding, its depth, its escapes.

use std::borrow::Cow;

use crate::indexed_text::{IndexedText, NotJson, ReadValue};
use crate::scanner::read_whole;
use crate::strings::StringCheck;
use crate::structural_index::StructuralIndex;
use crate::syntax::is_json;

/// How deep arrays and objects may nest: the [`Scanner`](crate::Scanner) keeps one bit for each level in a `u128`.
pub const MAX_DEPTH: usize = 128;

/// Why a text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not UTF-8; the number is the offset of the first bad byte.
    #[error("the text is not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// Arrays and objects nest deeper than [`MAX_DEPTH`].
    #[error("arrays and objects nest deeper than {MAX_DEPTH}")]
    TooDeep,
    /// Not JSON, and with more opening brackets than levels are allowed.
    #[error("the text is not JSON")]
    NotJson,
}

/// A text that is safe to read as JSON: UTF-8, of bounded depth, with well-formed Unicode escapes. Whether it is JSON
/// shows when it is read.
///
/// An escape that is half of a surrogate pair (`"\ud83d"`, what is left of an emoji that was cut in two) stands for no
/// character, and strict readers refuse the whole text for it; it becomes U+FFFD, the replacement character.
///
/// ```
/// use skim_json::Document;
///
/// let document = Document::new(br#"{"name": "cut \ud83d"}"#)?;
/// assert_eq!(document.text(), r#"{"name": "cut \ufffd"}"#);
/// # Ok::<(), skim_json::DocumentError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Document<'a> {
    text: Cow<'a, str>,
    index: StructuralIndex,
    has_valid_strings: bool,
}

impl<'a> Document<'a> {
    /// Takes the bytes of a text.
    ///
    /// # Errors
    ///
    /// [`DocumentError`]. Other text that is not JSON is accepted here, and refused when it is read.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DocumentError> {
        let text = utf8(bytes)?;
        let index = StructuralIndex::build(text);
        // Most texts have fewer opening brackets than levels are allowed.
        if index.opening_brackets() > MAX_DEPTH && depth(text.as_bytes()) > MAX_DEPTH {
            // Text that is not JSON at all is called that, however many brackets it has.
            return Err(if is_json(text) {
                DocumentError::TooDeep
            } else {
                DocumentError::NotJson
            });
        }
        let strings = StringCheck::new(text, &index);
        Ok(Self {
            text: strings.repair(text),
            has_valid_strings: strings.are_valid(),
            index,
        })
    }

    /// The text, repaired where an escape stood for half a character.
    #[inline]
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the text as one value.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if the text is anything else.
    pub fn read<'t>(&'t self, into: &mut dyn ReadValue<'t>) -> Result<(), NotJson> {
        if !self.has_valid_strings {
            return Err(NotJson);
        }
        read_whole(IndexedText::new(&self.text, &self.index), into)
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, DocumentError> {
    // The fast check does not say where.
    simdutf8::basic::from_utf8(bytes).map_err(|_| {
        let error = std::str::from_utf8(bytes).err();
        DocumentError::NotUtf8(error.map_or(0, |error| error.valid_up_to()))
    })
}

/// How deep brackets nest, those in strings left out.
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
    use super::{Document, DocumentError, MAX_DEPTH};

    fn error(bytes: &[u8]) -> Option<DocumentError> {
        Document::new(bytes).err()
    }

    #[test]
    fn depth_is_bounded_and_brackets_in_strings_do_not_count() {
        let nested = |levels: usize| [b"[".repeat(levels), b"]".repeat(levels)].concat();
        assert_eq!(error(&nested(MAX_DEPTH)), None);
        assert_eq!(error(&nested(MAX_DEPTH + 1)), Some(DocumentError::TooDeep));
        let text = format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(500), "{".repeat(500));
        assert_eq!(error(text.as_bytes()), None);
        assert_eq!(error(&b"[".repeat(1000)), Some(DocumentError::NotJson));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_with_their_place() {
        assert_eq!(error(b"{\"a\":\"\xff\"}"), Some(DocumentError::NotUtf8(6)));
    }

    #[test]
    fn half_a_surrogate_pair_becomes_the_replacement_character() {
        for (sent, read) in [
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""cut \ud83d""#, r#""cut \ufffd""#),
            (r#""\ude00\uD83D\u0041""#, r#""\ufffd\ufffd\u0041""#),
            (r#""\\ud83d é""#, r#""\\ud83d é""#),
            (r#""\é\ud83d""#, r#""\é\ufffd""#),
        ] {
            let document = Document::new(sent.as_bytes());
            assert_eq!(document.map(|it| it.text().to_owned()), Ok(read.to_owned()));
        }
    }
}
