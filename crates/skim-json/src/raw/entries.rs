//! The entries of arrays and objects, one after the other.

use std::fmt;

use super::{Member, Raw};
use crate::indexed_text::{IndexedText, NotJson};
use crate::scanner::Scanner;
use crate::structural_index::StructuralIndex;

/// The items of an array in order, see [`Raw::items`].
#[derive(Clone)]
pub struct Items<'a>(Entries<'a>);

/// The members of an object in order, see [`Raw::members`].
#[derive(Clone)]
pub struct Members<'a>(Entries<'a>);

/// Goes through an array or object that is known to be well-formed.
#[derive(Clone)]
struct Entries<'a> {
    text: &'a str,
    index: StructuralIndex,
    at: usize,
    started: bool,
}

impl<'a> Items<'a> {
    pub(super) fn of(array: &'a str) -> Self {
        Self(Entries::of(array))
    }
}

impl<'a> Members<'a> {
    pub(super) fn of(object: &'a str) -> Self {
        Self(Entries::of(object))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Raw<'a>;

    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method alone fits one lifetime of the scanner only"
    )]
    fn next(&mut self) -> Option<Raw<'a>> {
        self.0.next(|scanner| scanner.value())
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        self.0.next(|scanner| {
            let key = scanner.key()?.into_text();
            let value = scanner.value()?;
            Ok(Member { key, value })
        })
    }
}

impl<'a> Entries<'a> {
    fn of(container: &'a str) -> Self {
        Self {
            text: container,
            index: StructuralIndex::build(container),
            at: 0,
            started: false,
        }
    }

    /// Reads the next item or member, if there is one.
    fn next<T>(
        &mut self,
        read: impl FnOnce(&mut Scanner<'a, '_>) -> Result<T, NotJson>,
    ) -> Option<T> {
        let mut scanner = Scanner::new(IndexedText::new(self.text, &self.index), self.at);
        let is_item = if std::mem::replace(&mut self.started, true) {
            scanner.take(b',').is_ok()
        } else {
            let is_open = scanner
                .take(b'[')
                .or_else(|NotJson| scanner.take(b'{'))
                .is_ok();
            is_open && !matches!(scanner.token(), Ok(b']' | b'}'))
        };
        let item = is_item.then(|| read(&mut scanner).ok()).flatten();
        self.at = scanner.position();
        item
    }
}

/// Shows no entry: values may be personal.
impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Items")
    }
}

/// Shows no entry: values may be personal.
impl fmt::Debug for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Members")
    }
}
