//! What is inside arrays and objects, one after the other.

use std::fmt;

use super::{Member, Raw};
use crate::read::{Broken, Marks, Scanner, Text};

/// The items of an array in order, see [`Raw::items`].
#[derive(Clone)]
pub struct Items<'a>(Inside<'a>);

/// The members of an object in order, see [`Raw::members`].
#[derive(Clone)]
pub struct Members<'a>(Inside<'a>);

/// Goes through a container, of which it is known that it is well-formed.
#[derive(Clone)]
struct Inside<'a> {
    text: &'a str,
    marks: Marks,
    at: usize,
    started: bool,
}

impl<'a> Items<'a> {
    pub(super) fn of(array: &'a str) -> Self {
        Self(Inside::of(array))
    }
}

impl<'a> Members<'a> {
    pub(super) fn of(object: &'a str) -> Self {
        Self(Inside::of(object))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        self.0.next(|scanner| scanner.value().map(Raw::new))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        self.0.next(|scanner| {
            let key = scanner.key()?.into_text();
            let value = Raw::new(scanner.value()?);
            Ok(Member { key, value })
        })
    }
}

impl<'a> Inside<'a> {
    fn of(container: &'a str) -> Self {
        Self {
            text: container,
            marks: Marks::of(container),
            at: 0,
            started: false,
        }
    }

    /// Reads the next item or member, if there is one.
    fn next<T>(
        &mut self,
        read: impl FnOnce(&mut Scanner<'a, '_>) -> Result<T, Broken>,
    ) -> Option<T> {
        let mut scanner = Scanner::new(Text::new(self.text, &self.marks), self.at);
        let is_item = if std::mem::replace(&mut self.started, true) {
            scanner.take(b',').is_ok()
        } else {
            let is_open = scanner
                .take(b'[')
                .or_else(|Broken| scanner.take(b'{'))
                .is_ok();
            is_open && !matches!(scanner.token(), Ok(b']' | b'}'))
        };
        let item = is_item.then(|| read(&mut scanner).ok()).flatten();
        self.at = scanner.at();
        item
    }
}

/// Says nothing of what is inside: it may be personal.
impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Items")
    }
}

/// Says nothing of what is inside: it may be personal.
impl fmt::Debug for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Members")
    }
}
