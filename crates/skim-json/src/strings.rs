//! What may not be inside strings: unknown escapes, halves of surrogate pairs, control characters.

use std::borrow::Cow;

use crate::decode::unicode_escape;
use crate::structural_index::StructuralIndex;

/// The strings of a text, checked: the [`Scanner`](crate::Scanner) goes over them without looking inside.
#[derive(Debug, Clone, Default)]
pub(crate) struct StringCheck {
    are_valid: bool,
    /// Where escapes are that stand for half of a surrogate pair.
    lone_surrogates: Vec<usize>,
}

impl StringCheck {
    /// Checks the strings of a text, which has this index.
    pub(crate) fn new(text: &str, index: &StructuralIndex) -> Self {
        let mut strings = Self {
            are_valid: index.has_known_escapes_only()
                && !(index.has_controls() && has_controls_in_strings(text.as_bytes(), index)),
            lone_surrogates: Vec::new(),
        };
        if !index.unicode_escapes().is_empty() {
            strings.check_unicode_escapes(text.as_bytes(), index);
        }
        strings
    }

    /// Whether all strings are those of JSON. The answer means nothing for a text that is no JSON for other reasons.
    pub(crate) fn are_valid(&self) -> bool {
        self.are_valid
    }

    /// The text, each escaped half of a surrogate pair replaced by `\ufffd`, which has the same length.
    pub(crate) fn repair<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.lone_surrogates.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut repaired = text.to_owned();
        for start in self.lone_surrogates.iter().copied() {
            repaired.replace_range(start..start + 6, "\\ufffd");
        }
        Cow::Owned(repaired)
    }

    fn check_unicode_escapes(&mut self, bytes: &[u8], index: &StructuralIndex) {
        let number_at = |at: usize| bytes.get(at..).and_then(unicode_escape);
        let mut behind_pair = 0;
        for start in index.unicode_escapes().iter().copied() {
            match number_at(start) {
                None => self.are_valid = false,
                Some(_) if start < behind_pair => {}
                Some(0xd800..=0xdbff) if matches!(number_at(start + 6), Some(0xdc00..=0xdfff)) => {
                    behind_pair = start + 12;
                }
                Some(0xd800..=0xdfff) => self.lone_surrogates.push(start),
                Some(_) => {}
            }
        }
    }
}

/// Whether control characters are between quotes.
#[cold]
fn has_controls_in_strings(bytes: &[u8], index: &StructuralIndex) -> bool {
    let mut from = 0;
    while let Some(open) = index.next_quote(from) {
        let close = index.next_quote(open + 1).unwrap_or(bytes.len());
        let string = bytes.get(open..close).unwrap_or_default();
        if string.iter().any(|byte| *byte < b' ') {
            return true;
        }
        from = close + 1;
    }
    false
}
