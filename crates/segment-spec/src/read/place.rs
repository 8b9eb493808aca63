//! Places of a text, and the way from quote to quote.

use super::marks::{BLOCK, Marks};
use super::scanner::Broken;

/// A text and its marks.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a, 'm> {
    pub(super) text: &'a str,
    pub(super) marks: &'m Marks,
}

/// How far a scanner has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Everything before has been taken.
    pub(super) at: usize,
    /// Where the block begins in which the next quote may be.
    pub(super) block: usize,
    /// The quotes of that block that have not been taken.
    pub(super) quotes: u64,
}

impl<'a, 'm> Text<'a, 'm> {
    /// A text and its marks.
    #[inline]
    pub(crate) fn new(text: &'a str, marks: &'m Marks) -> Self {
        Self { text, marks }
    }

    /// The beginning of the text.
    #[inline]
    pub(crate) fn start(self) -> Place {
        Place {
            at: 0,
            block: 0,
            quotes: self.marks.quotes().first().copied().unwrap_or_default(),
        }
    }
}

impl Place {
    /// Takes the next quote; its place.
    #[expect(
        clippy::inline_always,
        reason = "a place stays in registers only where this is inlined"
    )]
    #[inline(always)]
    pub(super) fn take_quote(&mut self, marks: &Marks) -> Result<usize, Broken> {
        while self.quotes == 0 {
            self.block += BLOCK;
            self.quotes = *marks.quotes().get(self.block / BLOCK).ok_or(Broken)?;
        }
        let place = self.block + self.quotes.trailing_zeros() as usize;
        self.quotes &= self.quotes - 1;
        Ok(place)
    }
}
