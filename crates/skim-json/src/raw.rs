//! One JSON value as it stands in its text, decoded only on demand.

mod entries;

use std::borrow::Cow;
use std::fmt;

pub use self::entries::{Items, Members};
use crate::bytes::has_any;
use crate::decode::decode;
use crate::indexed_text::{IndexedText, NotJson, ReadValue};
use crate::scanner::{Scanner, read_whole};
use crate::strings::StringCheck;
use crate::structural_index::StructuralIndex;

/// The kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number of any size and precision
    Number,
    /// A string
    String,
    /// An array
    Array,
    /// An object
    Object,
}

/// The text of one JSON value, without blanks around it.
///
/// The text is known to be JSON: it comes out of a text that was read, or was read by itself. Numbers keep every digit,
/// strings their escapes, objects the order and the repetition of their keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key, decoded.
    pub key: Cow<'a, str>,
    /// The value.
    pub value: Raw<'a>,
}

impl<'a> Raw<'a> {
    /// Reads a text that is one JSON value, with or without blanks around it; `None` for any other text.
    ///
    /// ```
    /// use skim_json::Raw;
    ///
    /// let list = Raw::read(r#" [1, {"a": 2}] "#).expect("JSON");
    /// assert_eq!(list.items().map(Iterator::count), Some(2));
    /// assert_eq!(Raw::read("[1, 2"), None);
    /// ```
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let index = StructuralIndex::build(text);
        if !StringCheck::new(text, &index).are_valid() {
            return None;
        }
        let mut scanner = Scanner::new(IndexedText::new(text, &index), 0);
        let value = scanner.value().ok()?;
        scanner.is_at_end().then_some(value)
    }

    /// Takes a text that is known to be one JSON value without blanks around it, because it has just been read. Nothing
    /// is checked outside debug builds; of a text that is anything else, values and entries are not to be relied on.
    #[must_use]
    pub fn trusted(text: &'a str) -> Self {
        debug_assert!(Self::read(text).is_some_and(|value| value.0.len() == text.len()));
        Self(text)
    }

    /// Reads the value once more, into a place.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if the place returns it.
    pub fn read_into(self, place: &mut dyn ReadValue<'a>) -> Result<(), NotJson> {
        let index = StructuralIndex::build(self.0);
        read_whole(IndexedText::new(self.0, &index), place)
    }

    /// The JSON text of the value, byte for byte as it was sent.
    #[inline]
    #[must_use]
    pub fn text(self) -> &'a str {
        self.0
    }

    /// What kind of value this is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.0.as_bytes().first() {
            Some(b'"') => Kind::String,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    /// The decoded text of a string; `None` for any other kind. Borrowed unless the string has escapes.
    #[inline]
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if self.has_any([b'\\']) {
            return decode(self.0).map(Cow::Owned);
        }
        Some(Cow::Borrowed(inner))
    }

    /// Whether any of a few ASCII bytes stands in the JSON text.
    #[inline]
    #[must_use]
    pub fn has_any<const N: usize>(self, sought: [u8; N]) -> bool {
        has_any(self.0.as_bytes(), sought)
    }

    /// The digits of a number as they stand; `None` for any other kind.
    #[must_use]
    pub fn as_number(self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then_some(self.0)
    }

    /// `true` or `false`; `None` for any other kind.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Whether the value says nothing: `null`, an empty string, or a string of nothing but white space.
    #[inline]
    #[must_use]
    pub fn is_blank(self) -> bool {
        match self.0.as_bytes() {
            // Most values: a string that starts with something visible, or no string at all.
            [b'"', first, ..] if first.is_ascii_graphic() && !matches!(first, b'"' | b'\\') => {
                false
            }
            [b'"', ..] => self.is_blank_string(),
            [b'n', ..] => true,
            _ => false,
        }
    }

    #[cold]
    fn is_blank_string(self) -> bool {
        self.as_str().is_some_and(|text| text.chars().all(is_blank))
    }

    /// The items of an array in order; `None` for any other kind.
    #[must_use]
    pub fn items(self) -> Option<Items<'a>> {
        (self.kind() == Kind::Array).then(|| Items::of(self.0))
    }

    /// The members of an object in order, repeated keys included; `None` for any other kind.
    #[must_use]
    pub fn members(self) -> Option<Members<'a>> {
        (self.kind() == Kind::Object).then(|| Members::of(self.0))
    }

    /// The value of a member by its key, the last one of several; `None` when it is missing or this is no object.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Raw<'a>> {
        let members = self.members()?.filter(|member| member.key == key);
        members.last().map(|member| member.value)
    }

    /// The value at a path of keys with dots between them; the value itself without one.
    #[must_use]
    pub fn at_path(self, path: Option<&str>) -> Option<Raw<'a>> {
        path.into_iter()
            .flat_map(|path| path.split('.'))
            .try_fold(self, Raw::get)
    }
}

impl<'a> Member<'a> {
    /// The value of the last member with a key.
    #[must_use]
    pub fn find(members: &[Self], key: &str) -> Option<Raw<'a>> {
        members
            .iter()
            .rev()
            .find(|member| member.key == key)
            .map(|member| member.value)
    }
}

#[expect(
    clippy::inline_always,
    reason = "the position of a scanner stays in registers only where what moves it is inlined"
)]
impl<'a, 'i> Scanner<'a, 'i> {
    /// Takes a value of any kind.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if none comes next.
    #[inline(always)]
    pub fn value(&mut self) -> Result<Raw<'a>, NotJson> {
        self.value_text().map(Raw)
    }

    /// Takes a value with a function that is told where it begins and says where it ends.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if the function returns it, or a place outside the text.
    #[inline(always)]
    pub fn value_with(
        &mut self,
        read: impl FnOnce(IndexedText<'a, 'i>, usize) -> Result<usize, NotJson>,
    ) -> Result<Raw<'a>, NotJson> {
        self.value_text_with(read).map(Raw)
    }
}

/// Names the kind only: the value may be personal.
impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({:?}, {} bytes)", self.kind(), self.0.len())
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::{Kind, Raw};
    use crate::MAX_DEPTH;

    #[test]
    fn one_value_is_read_without_the_blanks_around_it() {
        for (text, read) in [
            (" 7 ", Some("7")),
            ("-0.10\n", Some("-0.10")),
            ("\tnull", Some("null")),
            (" \"a b\" ", Some("\"a b\"")),
            (" [ 1 , {} ]\r\n", Some("[ 1 , {} ]")),
            ("7 7", None),
            ("07", None),
            ("nul", None),
            ("nulll", None),
            ("1,", None),
            ("\"a\nb\"", None),
            ("\"\\x\"", None),
            ("\"a", None),
            ("[1}", None),
            ("", None),
            (" ", None),
        ] {
            assert_eq!(Raw::read(text).map(Raw::text), read, "{text:?}");
        }
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Raw::read(&deep(MAX_DEPTH)).is_some() && Raw::read(&deep(MAX_DEPTH + 1)).is_none());
    }

    #[test]
    fn kinds_and_blanks() {
        for (text, kind, blank) in [
            ("null", Kind::Null, true),
            ("true", Kind::Bool, false),
            ("-0.10", Kind::Number, false),
            ("\"\"", Kind::String, true),
            ("\" \\t\\u00a0\"", Kind::String, true),
            ("\"\u{feff} \"", Kind::String, true),
            ("\"\\n x\"", Kind::String, false),
            ("\"x\"", Kind::String, false),
            ("[]", Kind::Array, false),
            ("{}", Kind::Object, false),
        ] {
            assert_eq!(
                (Raw::trusted(text).kind(), Raw::trusted(text).is_blank()),
                (kind, blank),
                "{text}"
            );
        }
    }

    #[test]
    fn text_is_borrowed_until_it_has_escapes() {
        use std::borrow::Cow;
        assert!(matches!(
            Raw::trusted("\"plain\"").as_str(),
            Some(Cow::Borrowed("plain"))
        ));
        assert_eq!(
            Raw::trusted(r#""a\"b\u00e9""#).as_str().as_deref(),
            Some("a\"bé")
        );
        assert_eq!(Raw::trusted("12").as_str(), None);
    }

    #[test]
    fn get_returns_the_last_of_repeated_keys_and_members_lists_all() {
        let object = Raw::trusted(r#"{"a": 1, "\u0061": [2, {"b": 1e400}] }"#);
        assert_eq!(object.get("a").map(Raw::text), Some(r#"[2, {"b": 1e400}]"#));
        assert_eq!(object.members().map(Iterator::count), Some(2));
        let items = object.get("a").and_then(Raw::items).expect("an array");
        assert_eq!(
            items.map(Raw::text).collect::<Vec<_>>(),
            ["2", r#"{"b": 1e400}"#]
        );
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(
            format!("{:?}", Raw::trusted("\"jane@example.com\"")),
            "Raw(String, 18 bytes)"
        );
    }
}
