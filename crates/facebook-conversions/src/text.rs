//! Text of a parameter.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::json::{BEHIND_STRING, Key, WriteJson, needs_escapes, write_inside_quotes};

/// Text of a parameter, borrowed or owned. It is made from any string, and read like one.
///
/// ```
/// use facebook_conversions::Text;
///
/// let id = Text::from("form-42");
/// assert_eq!(id, "form-42");
/// assert!(id.starts_with("form"));
/// ```
#[derive(Clone)]
pub struct Text<'a>(Form<'a>);

#[derive(Clone)]
enum Form<'a> {
    /// Nothing in it is escaped in JSON.
    Plain(&'a str),
    Any(Cow<'a, str>),
}

impl<'a> Text<'a> {
    /// Takes a text that is known to need no escapes in JSON, because a parser has just read it without any. It is
    /// written without a search for characters to escape. Nothing is checked outside debug builds; a text that does
    /// need escapes makes the event invalid JSON.
    #[inline]
    #[must_use]
    pub fn plain(text: &'a str) -> Self {
        debug_assert!(!needs_escapes(text));
        Self(Form::Plain(text))
    }

    /// The text.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Plain(text) => text,
            Form::Any(text) => text,
        }
    }

    /// Writes what stands between the quotes of its JSON string.
    #[inline]
    pub(crate) fn write_inside_quotes(&self, out: &mut String) {
        match &self.0 {
            Form::Plain(text) => out.push_str(text),
            Form::Any(text) => write_inside_quotes(text, out),
        }
    }

    /// The text by itself.
    #[must_use]
    pub fn into_owned(self) -> String {
        match self.0 {
            Form::Plain(text) => text.to_owned(),
            Form::Any(text) => text.into_owned(),
        }
    }
}

impl WriteJson for Text<'_> {
    #[inline]
    fn is_absent(&self) -> bool {
        self.as_str().is_empty()
    }

    fn write_json(&self, out: &mut String) {
        out.push('"');
        self.write_inside_quotes(out);
        out.push('"');
    }

    #[inline]
    fn write_member(&self, key: &Key, out: &mut String) {
        out.push_str(key.before_string);
        self.write_inside_quotes(out);
        out.push_str(BEHIND_STRING);
    }
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self(Form::Plain(""))
    }
}

impl Deref for Text<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(Form::Any(text))
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::from(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::from(Cow::Owned(text))
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// Shows the length of the text, not the text.
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.len())
    }
}
