//! A JSON object as a list of members whose values are raw text: taken apart, added to, put together again, and every
//! digit survives.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use facebook_conversions::write_str;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object in order.
#[derive(Clone, Default)]
pub(crate) struct Object<'a> {
    members: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Object<'a> {
    /// Reads an object; `None` if the text is anything else.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The raw value of a member, the last one of several; `null` counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.find(key).map(AsRef::as_ref)
    }

    fn find(&self, key: &str) -> Option<&Cow<'a, str>> {
        self.members
            .iter()
            .rev()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value)
            .filter(|value| *value != "null")
    }

    /// The raw value of a member, on its own.
    pub(crate) fn take(&self, key: &str) -> Option<Cow<'a, str>> {
        self.find(key).cloned()
    }

    /// Puts a member in the place of all that have its key.
    pub(crate) fn set(&mut self, key: &'a str, value: impl Into<Cow<'a, str>>) {
        self.members.retain(|(known, _)| known != key);
        self.members.push((Cow::Borrowed(key), value.into()));
    }

    /// Adds the members of another object that this one lacks; `null` counts as lacking.
    pub(crate) fn fill_from<'b: 'a>(&mut self, other: &Object<'b>) {
        // Looking each one up in a list would be quadratic, and senders choose both sizes.
        let known: HashSet<&str> = self
            .members
            .iter()
            .filter(|(_, value)| value != "null")
            .map(|(key, _)| key.as_ref())
            .collect();
        let missing: Vec<_> = other
            .members
            .iter()
            .filter(|(key, _)| !known.contains(key.as_ref()))
            .cloned()
            .collect();
        self.members.extend(missing);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Writes the object as JSON.
    pub(crate) fn write(&self, out: &mut String) {
        let bytes = |(key, value): &(Cow<'_, str>, Cow<'_, str>)| key.len() + value.len() + 4;
        out.reserve(2 + self.members.iter().map(bytes).sum::<usize>());
        out.push('{');
        for (index, (key, value)) in self.members.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_str(key, out);
            out.push(':');
            out.push_str(value);
        }
        out.push('}');
    }

    /// The object as JSON.
    pub(crate) fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some(Key(key)) = map.next_key()? {
                    let value: &'de RawValue = map.next_value()?;
                    members.push((key, Cow::Borrowed(value.get())));
                }
                Ok(Object { members })
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A key, borrowed unless it has escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// The text of a raw string; `None` for any other value.
pub(crate) fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// Whether a raw value says nothing: `null`, or a string of nothing but white space.
pub(crate) fn is_blank(raw: &str) -> bool {
    raw == "null" || text(raw).is_some_and(|text| text.trim().is_empty())
}

pub(crate) fn is_object(raw: &str) -> bool {
    raw.starts_with('{')
}

/// A text as raw JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_str(text, &mut out);
    out
}

#[cfg(test)]
mod tests;
