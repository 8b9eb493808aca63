//! Text from outside, made safe for a terminal: characters that would control it are shown as escapes.

use std::borrow::Cow;
use std::fmt::Write;

/// Shows control characters, overrides of the writing direction and line separators like `\u{1b}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, &[])
}

/// The same for a text that may have several lines.
pub(super) fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, &['\n'])
}

/// The same for text that is styled already: the escape character, which begins a style, stays.
pub(crate) fn visible_styled(text: &str) -> Cow<'_, str> {
    escaped(text, &['\n', '\u{1b}'])
}

fn escaped<'t>(text: &'t str, kept: &[char]) -> Cow<'t, str> {
    let controls = |found: char| controls(found) && !kept.contains(&found);
    if !text.contains(controls) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for found in text.chars() {
        if controls(found) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(found));
        } else {
            safe.push(found);
        }
    }
    Cow::Owned(safe)
}

fn controls(found: char) -> bool {
    found.is_control()
        || matches!(
            found,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_control_a_terminal_are_escaped() {
        assert_eq!(
            visible("a\u{1b}[31m\u{202e}b\n"),
            "a\\u{1b}[31m\\u{202e}b\\u{a}"
        );
        assert_eq!(visible("\u{9b}\u{7f}\u{2066}"), "\\u{9b}\\u{7f}\\u{2066}");
        assert_eq!(visible_lines("a\nb\r"), "a\nb\\u{d}");
        assert_eq!(
            visible("Grüße, 世界 👩\u{200d}👩\u{200d}👧"),
            "Grüße, 世界 👩\u{200d}👩\u{200d}👧"
        );
    }
}
