//! How JSON is read: the one place that knows how.
//!
//! Objects of the Spec are read in a single pass, member by member, by types that say which keys they know
//! ([`Object`]). A value of the wrong type never fails the line. What the pass finds to be no JSON is read again by
//! `serde_json`, which says where it breaks.

mod quotes;
mod scalar;
mod scanner;

use serde::de::IgnoredAny;

pub(crate) use quotes::Quotes;
pub(crate) use scalar::decode;
pub(crate) use scanner::{Broken, Key, Scanner};

use crate::raw::Raw;

/// An object of the Spec: takes the values of the keys that it knows.
pub(crate) trait Object<'a>: Default {
    /// Takes one member; every value has to be taken or skipped.
    fn member(&mut self, key: Key<'a>, value: Value<'_, '_, 'a>) -> Result<(), Broken>;

    /// Remembers that something else stands where the object belongs.
    fn wrong_type(&mut self);
}

/// The value of a member that is about to be read.
pub(crate) struct Value<'s, 'q, 'a>(&'s mut Scanner<'a, 'q>);

impl<'a> Value<'_, '_, 'a> {
    /// The text of the value.
    #[inline]
    pub(crate) fn raw(self) -> Result<Raw<'a>, Broken> {
        self.0.value().map(Raw::new)
    }

    /// Reads the value as an object, in the place of an earlier one; `null` is an empty one, and so is, marked,
    /// anything else.
    #[inline]
    pub(crate) fn object<T: Object<'a>>(self, into: &mut T) -> Result<(), Broken> {
        *into = T::default();
        read_object(self.0, into)
    }

    #[inline]
    pub(crate) fn skip(self) -> Result<(), Broken> {
        self.0.skip()
    }
}

/// Reads an object out of a text that holds nothing else.
pub(crate) fn object<'a, T: Object<'a>>(text: &'a str, into: &mut T) -> Result<(), Broken> {
    let quotes = Quotes::of(text);
    let mut scanner = Scanner::new(text, &quotes, 0);
    read_object(&mut scanner, into)?;
    if scanner.is_at_end() {
        Ok(())
    } else {
        Err(Broken)
    }
}

fn read_object<'a, T: Object<'a>>(
    scanner: &mut Scanner<'a, '_>,
    into: &mut T,
) -> Result<(), Broken> {
    if scanner.token()? != b'{' {
        if scanner.value()? != "null" {
            into.wrong_type();
        }
        return Ok(());
    }
    scanner.take(b'{')?;
    if scanner.token()? == b'}' {
        return scanner.take(b'}');
    }
    loop {
        let key = scanner.key()?;
        into.member(key, Value(scanner))?;
        if !scanner.has_more(b'}')? {
            return Ok(());
        }
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
