//! What is inside strings: escapes, halves of surrogate pairs, and control characters where none may be.

use std::borrow::Cow;

use super::decode::unicode_escape;
use super::marks::Marks;

/// What the strings of a text are like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strings {
    are_sound: bool,
    /// Where halves of surrogate pairs are.
    halves: Vec<usize>,
}

impl Strings {
    /// Those of a text, whose marks these are.
    pub(crate) fn of(text: &str, marks: &Marks) -> Self {
        let mut strings = Self {
            are_sound: marks.escapes_are_known()
                && !(marks.has_controls() && has_controls(text.as_bytes(), marks)),
            halves: Vec::new(),
        };
        if !marks.unicode_escapes().is_empty() {
            strings.look_at_unicode(text.as_bytes(), marks);
        }
        strings
    }

    /// Whether none of them would keep the text from being JSON. What is said of a text that is none for other reasons
    /// does not matter.
    pub(crate) fn are_sound(&self) -> bool {
        self.are_sound
    }

    /// The text, each escaped half of a surrogate pair replaced by `\ufffd`, which has the same length.
    pub(crate) fn repaired<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.halves.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut repaired = text.to_owned();
        for start in self.halves.iter().copied() {
            repaired.replace_range(start..start + 6, "\\ufffd");
        }
        Cow::Owned(repaired)
    }

    fn look_at_unicode(&mut self, bytes: &[u8], marks: &Marks) {
        let number_at = |at: usize| bytes.get(at..).and_then(unicode_escape);
        let mut behind_pair = 0;
        for start in marks.unicode_escapes().iter().copied() {
            match number_at(start) {
                None => self.are_sound = false,
                Some(_) if start < behind_pair => {}
                Some(0xd800..=0xdbff) if matches!(number_at(start + 6), Some(0xdc00..=0xdfff)) => {
                    behind_pair = start + 12;
                }
                Some(0xd800..=0xdfff) => self.halves.push(start),
                Some(_) => {}
            }
        }
    }
}

/// Whether control characters are between quotes.
#[cold]
fn has_controls(bytes: &[u8], marks: &Marks) -> bool {
    let mut from = 0;
    while let Some(open) = marks.next_quote(from) {
        let close = marks.next_quote(open + 1).unwrap_or(bytes.len());
        let string = bytes.get(open..close).unwrap_or_default();
        if string.iter().any(|byte| *byte < b' ') {
            return true;
        }
        from = close + 1;
    }
    false
}
