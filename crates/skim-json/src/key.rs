//! The keys of members.

use std::borrow::Cow;

use crate::decode::decode;
use crate::indexed_text::NotJson;

/// The key of a member, as [`Scanner::key`](crate::Scanner::key) reads it.
#[derive(Debug)]
pub enum Key<'a> {
    /// Part of a text, from one place up to another. The text is cut only in [`into_text`](Self::into_text): most keys
    /// are only compared.
    Plain(&'a str, usize, usize),
    /// Text that had escapes, decoded.
    Decoded(String),
}

impl<'a> Key<'a> {
    /// The bytes of the key.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Plain(text, start, end) => text.as_bytes().get(*start..*end).unwrap_or_default(),
            Self::Decoded(key) => key.as_bytes(),
        }
    }

    /// The text of the key, borrowed unless it had escapes.
    #[inline]
    #[must_use]
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Plain(text, start, end) => {
                Cow::Borrowed(text.get(start..end).unwrap_or_default())
            }
            Self::Decoded(key) => Cow::Owned(key),
        }
    }
}

/// The text of a key with escapes that stands from one place of a text to another, with its quotes.
#[cold]
pub(crate) fn decoded_key(text: &str, start: usize, end: usize) -> Result<String, NotJson> {
    let json = text.get(start..end).ok_or(NotJson)?;
    decode(json).ok_or(NotJson)
}
