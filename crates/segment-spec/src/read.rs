//! How JSON is read: the one place that knows how.
//!
//! Objects of the Spec are read in a single pass, member by member, into types that say which keys they know
//! ([`Object`]). A value of the wrong type never fails the line. What the pass finds to be no JSON is read again by
//! `serde_json`, which says where it breaks.

mod decode;
mod key;
mod marks;
mod scalar;
mod scanner;
mod strings;

use serde::de::IgnoredAny;

pub(crate) use decode::decode;
pub(crate) use key::Key;
pub(crate) use marks::Marks;
pub(crate) use scanner::{Broken, Found, Scanner, Text};
pub(crate) use strings::Strings;

use crate::raw::Raw;

/// An object of the Spec.
pub(crate) trait Object<'a>: Default {
    /// Where the value of a key belongs.
    fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a>;

    /// Remembers that something else stands where the object belongs.
    fn wrong_type(&mut self);

    /// Whether a value other than `null` has been read into it.
    fn is_present(&mut self) -> &mut bool;
}

/// Where the value of a member belongs.
pub(crate) enum Slot<'o, 'a> {
    /// It is kept as it stands.
    Raw(&'o mut Option<Raw<'a>>),
    /// It is read as an object, in the place of an earlier one.
    Object(&'o mut dyn Read<'a>),
    /// Nobody wants it.
    Nowhere,
}

/// What is read as an object.
pub(crate) trait Read<'a> {
    /// Reads the value that is next: `null` is an empty object, and so is, marked, anything else that is none. The
    /// place behind it.
    fn read(&mut self, text: Text<'a, '_>, from: usize) -> Result<usize, Broken>;
}

impl<'a, T: Object<'a>> Read<'a> for T {
    fn read(&mut self, text: Text<'a, '_>, from: usize) -> Result<usize, Broken> {
        if *self.is_present() {
            *self = T::default();
        }
        *self.is_present() = true;
        let mut scanner = Scanner::new(text, from);
        let mut has_more = match scanner.enter_object()? {
            Found::Members => true,
            Found::Nothing => false,
            Found::Null => {
                *self.is_present() = false;
                false
            }
            Found::Other => {
                self.wrong_type();
                false
            }
        };
        let mut decoded = String::new();
        while has_more {
            match self.slot(scanner.key_bytes(&mut decoded)?) {
                Slot::Raw(slot) => *slot = Some(Raw::new(scanner.value()?)),
                Slot::Object(object) => scanner.read(object)?,
                Slot::Nowhere => scanner.skip()?,
            }
            has_more = scanner.has_more(b'}')?;
        }
        Ok(scanner.at())
    }
}

/// Reads an object out of a text that holds nothing else, and whose marks these are.
pub(crate) fn object<'a>(text: Text<'a, '_>, into: &mut dyn Read<'a>) -> Result<(), Broken> {
    let end = into.read(text, 0)?;
    if Scanner::new(text, end).is_at_end() {
        Ok(())
    } else {
        Err(Broken)
    }
}

/// Whether the text is one JSON value.
pub(crate) fn is_json(text: &str) -> bool {
    breaks_at(text).is_none()
}

/// The column at which a text breaks that is not one JSON value, from 1, in bytes.
pub(crate) fn breaks_at(text: &str) -> Option<usize> {
    serde_json::from_str::<IgnoredAny>(text)
        .err()
        .map(|error| error.column())
}

#[cfg(test)]
mod tests;
