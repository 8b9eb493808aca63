//! The suffix that Meta's parameter builder appends to its output.

/// Suffixes of its first version: one for each language.
const SHORT: [&str; 6] = ["AQ", "Ag", "Aw", "BA", "BQ", "Bg"];

/// Whether a text is such a suffix, without its dot: eight characters of URL-safe base64, or two by the first version.
#[must_use]
pub fn is_suffix(text: &str) -> bool {
    SHORT.contains(&text)
        || (text.len() == 8
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')))
}

/// The text without the suffix and its dot, or the whole text if it has none.
///
/// ```
/// use facebook_conversions::strip_suffix;
/// assert_eq!(strip_suffix("203.0.113.7.AQQCAQMA"), "203.0.113.7");
/// assert_eq!(strip_suffix("203.0.113.7"), "203.0.113.7");
/// ```
#[must_use]
pub fn strip_suffix(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((bare, suffix)) if is_suffix(suffix) => bare,
        _ => text,
    }
}
