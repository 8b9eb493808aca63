//! JSON that is passed on as it was read, and the trait by which every parameter is written.

mod text;

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

pub use self::text::write_str;
pub(crate) use self::text::{needs_escapes, write_inside_quotes};

/// The text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not one JSON value")]
pub struct InvalidJson;

/// One JSON value as text, passed on byte for byte: numbers keep their digits, objects their order.
///
/// ```
/// use facebook_conversions::RawJson;
/// assert_eq!(RawJson::parse("0.10")?.as_str(), "0.10");
/// assert!(RawJson::parse("{").is_err());
/// # Ok::<(), facebook_conversions::InvalidJson>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RawJson<'a>(Cow<'a, str>);

impl<'a> RawJson<'a> {
    /// Takes a text that holds one JSON value.
    ///
    /// # Errors
    ///
    /// [`InvalidJson`] for any other text.
    pub fn parse(text: impl Into<Cow<'a, str>>) -> Result<Self, InvalidJson> {
        let text = text.into();
        match serde_json::from_str::<&RawValue>(&text) {
            Ok(value) if value.get().len() == text.len() => Ok(Self(text)),
            Ok(value) => Ok(Self(Cow::Owned(value.get().to_owned()))),
            Err(_) => Err(InvalidJson),
        }
    }

    /// Takes a text that is known to be one JSON value, because a parser has just read it.
    ///
    /// Nothing is checked outside debug builds; a text that is not JSON makes the event invalid JSON.
    #[must_use]
    pub fn trusted(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        debug_assert!(serde_json::from_str::<&RawValue>(&text).is_ok());
        Self(text)
    }

    /// A text as a JSON string.
    #[must_use]
    pub fn string(text: &str) -> Self {
        let mut json = String::with_capacity(text.len() + 2);
        write_str(text, &mut json);
        Self(Cow::Owned(json))
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows the length of the text, not the text.
impl fmt::Debug for RawJson<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.0.len())
    }
}

impl Serialize for RawJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0)
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

/// A JSON number with its digits as they were written, finite as a double.
///
/// ```
/// use facebook_conversions::Number;
/// assert_eq!(Number::parse("19.90").map(|n| n.as_str().to_owned()), Some("19.90".to_owned()));
/// assert!(Number::parse("1e400").is_none());
/// assert!(Number::parse("019").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number<'a>(Cow<'a, str>);

impl<'a> Number<'a> {
    /// Takes a text by the grammar of JSON numbers; `None` for any other, and for one that no double can hold.
    #[must_use]
    pub fn parse(text: impl Into<Cow<'a, str>>) -> Option<Self> {
        let text = text.into();
        if is_plain_number(text.as_bytes()) {
            return Some(Self(text));
        }
        let value = serde_json::from_str::<f64>(&text).ok()?;
        // The parser allows blanks around; a number starts and ends with a digit or a sign.
        let bare = text.bytes().all(|byte| !byte.is_ascii_whitespace());
        (value.is_finite() && bare).then_some(Self(text))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text is a number like `19.90`: not negative, with few digits, and without an exponent.
fn is_plain_number(text: &[u8]) -> bool {
    let whole = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let has_leading_zero = whole > 1 && text.starts_with(b"0");
    let (_, rest) = text.split_at(whole);
    let is_fraction = |rest: &[u8]| match rest {
        [] => true,
        [b'.', decimals @ ..] => !decimals.is_empty() && decimals.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    (1..300).contains(&whole) && !has_leading_zero && is_fraction(rest)
}

impl From<i64> for Number<'_> {
    fn from(value: i64) -> Self {
        Self(Cow::Owned(value.to_string()))
    }
}

impl Serialize for Number<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0)
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

/// A value that is written as JSON.
pub(crate) trait WriteJson {
    /// Whether the value is empty, so that its member is left out.
    fn is_absent(&self) -> bool {
        false
    }

    fn write_json(&self, out: &mut String);

    /// Writes it as a member of an object, with a comma behind it.
    #[inline]
    fn write_member(&self, key: &Key, out: &mut String) {
        out.push_str(key.before_value);
        self.write_json(out);
        out.push(',');
    }
}

/// The key of a member as JSON. The quotes around a string are written together with what is next to them.
pub(crate) struct Key {
    /// The key and its colon.
    pub(crate) before_value: &'static str,
    /// The key, its colon, and the opening quote of a string.
    pub(crate) before_string: &'static str,
}

/// The closing quote of a string, and the comma behind its member.
pub(crate) const BEHIND_STRING: &str = "\",";

impl<T: WriteJson> WriteJson for Option<T> {
    fn is_absent(&self) -> bool {
        self.as_ref().is_none_or(WriteJson::is_absent)
    }

    fn write_json(&self, out: &mut String) {
        match self {
            Some(value) => value.write_json(out),
            None => out.push_str("null"),
        }
    }

    #[inline]
    fn write_member(&self, key: &Key, out: &mut String) {
        if let Some(value) = self {
            value.write_member(key, out);
        }
    }
}

impl<T: WriteJson> WriteJson for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn write_json(&self, out: &mut String) {
        out.push('[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            item.write_json(out);
        }
        out.push(']');
    }
}

impl WriteJson for RawJson<'_> {
    fn write_json(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl WriteJson for Number<'_> {
    fn write_json(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl WriteJson for bool {
    fn write_json(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

macro_rules! write_integer {
    ($($integer:ty),*) => {$(
        impl WriteJson for $integer {
            fn write_json(&self, out: &mut String) {
                out.push_str(itoa::Buffer::new().format(*self));
            }
        }
    )*};
}
write_integer!(i64, u64, u16);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Number;

    proptest! {
        #[test]
        fn plain_number_is_a_json_number(text in "[0-9.]{0,8}|[0-9]{1,320}") {
            if super::is_plain_number(text.as_bytes()) {
                prop_assert!(serde_json::from_str::<f64>(&text).is_ok_and(f64::is_finite), "{}", text);
            }
        }
    }

    #[test]
    fn numbers_are_json_and_finite() {
        for text in [
            "0",
            "-0.10",
            "1e3",
            "18446744073709551616",
            "0.1000000000000000000001",
        ] {
            assert!(Number::parse(text).is_some(), "{text}");
        }
        for text in [
            "", "1e400", "01", "+1", ".5", "1.", "NaN", " 1", "1 ", "1,0", "\"1\"", "null",
        ] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
