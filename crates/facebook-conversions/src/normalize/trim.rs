//! White space, as ECMAScript understands it.

/// Removes white space at both ends, in the sense of ECMAScript's `\s`, which is what Meta's code goes by.
///
/// It differs from [`str::trim`] in two characters: the byte order mark U+FEFF is white space, U+0085 is not. Zero
/// width spaces and marks of writing direction are not white space in either.
///
/// ```
/// use facebook_conversions::normalize::trim;
///
/// assert_eq!(trim("\u{FEFF}\t john_smith@gmail.com \r\n"), "john_smith@gmail.com");
/// assert_eq!(trim("\u{85}Mary\u{200B}"), "\u{85}Mary\u{200B}");
/// ```
///
/// <https://tc39.es/ecma262/#sec-white-space>
#[must_use]
pub fn trim(text: &str) -> &str {
    // Most texts begin and end with something visible.
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim_matches(is_space),
    }
}

/// ECMAScript's `\s`.
pub(super) const fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t'..='\r'
            | ' '
            | '\u{A0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200A}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202F}'
            | '\u{205F}'
            | '\u{3000}'
            | '\u{FEFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::is_space;

    #[test]
    fn differs_from_the_unicode_property_in_two_characters() {
        let differing: Vec<char> = ('\0'..=char::MAX)
            .filter(|c| is_space(*c) != c.is_whitespace())
            .collect();
        assert_eq!(differing, ['\u{85}', '\u{FEFF}']);
    }
}
