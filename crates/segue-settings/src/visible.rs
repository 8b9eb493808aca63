//! Names of files, safe to show on a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// Escapes control characters, overrides of the writing direction, and line separators, like `\u{1b}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for found in text.chars() {
        if steers(found) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(found));
        } else {
            safe.push(found);
        }
    }
    Cow::Owned(safe)
}

fn steers(found: char) -> bool {
    found.is_control()
        || matches!(
            found,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}
