//! The keys of members.

use std::borrow::Cow;

use super::decode;
use super::scanner::Broken;

/// The key of a member.
pub(crate) enum Key<'a> {
    /// As it stands in a text, from one place to another.
    Plain(&'a str, usize, usize),
    /// It had escapes.
    Decoded(String),
}

impl<'a> Key<'a> {
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Plain(text, start, end) => text.as_bytes().get(*start..*end).unwrap_or_default(),
            Self::Decoded(key) => key.as_bytes(),
        }
    }

    #[inline]
    pub(crate) fn into_text(self) -> Cow<'a, str> {
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
pub(super) fn decoded_key(text: &str, start: usize, end: usize) -> Result<String, Broken> {
    let json = text.get(start..end).ok_or(Broken)?;
    decode(json).ok_or(Broken)
}
