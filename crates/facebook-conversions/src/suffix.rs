//! The suffix that Meta's parameter builder appends to its output.

/// Suffixes of its first version: one for each language.
const SHORT: [&str; 6] = ["AQ", "Ag", "Aw", "BA", "BQ", "Bg"];

/// The lengths that a suffix can have: that of its first version, and that of the later one.
const LENGTHS: [usize; 2] = [2, 8];

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
    // No suffix has a dot, so its own dot is the last one of the text.
    let without = |length: usize| {
        let dot = text.len().checked_sub(length + 1)?;
        let has_suffix = text.as_bytes().get(dot) == Some(&b'.') && is_suffix(text.get(dot + 1..)?);
        has_suffix.then(|| text.get(..dot))?
    };
    LENGTHS.into_iter().find_map(without).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_suffix, strip_suffix};

    proptest! {
        #[test]
        fn a_suffix_is_what_is_behind_the_last_dot(text in "[a.é]{0,3}\\.?(AQ|BA|Ax|AQQCAQMC|AQQC.QMC|é|[a-z.]{0,9})?") {
            let expected = match text.rsplit_once('.') {
                Some((bare, suffix)) if is_suffix(suffix) => bare,
                _ => &text,
            };
            prop_assert_eq!(strip_suffix(&text), expected);
        }
    }
}
