//! Questions about a text that several rules ask.

use facebook_conversions::normalize::trim;

const SHA_256_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const MD5_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";
/// Suffixes of the parameter builder's first version.
const SHORT_SUFFIXES: [&str; 6] = ["AQ", "Ag", "Aw", "BA", "BQ", "Bg"];

pub(super) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The text before and after its last dot, if what is after has the length of a parameter builder's suffix.
pub(super) fn suffixed(raw: &str) -> Option<(&str, &str)> {
    let (digits, suffix) = trim(raw).rsplit_once('.')?;
    let fits = SHORT_SUFFIXES.contains(&suffix) || suffix.encode_utf16().count() == 8;
    fits.then_some((digits, suffix))
}

/// The hash of the empty string, with or without a suffix.
pub(super) fn is_hash_of_nothing(raw: &str) -> bool {
    let digits = suffixed(raw).map_or(trim(raw), |(digits, _)| digits);
    [SHA_256_OF_NOTHING, MD5_OF_NOTHING]
        .iter()
        .any(|hash| digits.eq_ignore_ascii_case(hash))
}

/// What is left of the text in lower case when everything but `a` to `z` is taken out.
pub(super) fn letters(raw: &str) -> String {
    raw.to_lowercase()
        .chars()
        .filter(char::is_ascii_lowercase)
        .collect()
}

/// The runs of ASCII digits.
pub(super) fn numbers(raw: &str) -> Vec<&str> {
    raw.split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .collect()
}

/// Whether the text has ECMAScript white space.
pub(super) fn has_blank(text: &str) -> bool {
    text.chars().any(is_blank)
}

/// ECMAScript white space: what trimming removes.
pub(super) fn is_blank(c: char) -> bool {
    trim(c.encode_utf8(&mut [0; 4])).is_empty()
}

/// The postcode as far as its first dash, without outer blanks.
pub(super) fn before_dash(raw: &str) -> &str {
    trim(raw).split('-').next().map_or("", trim)
}

/// Eight digits that are a date within the bounds of Meta's page.
pub(super) fn is_date(digits: &str, this_year: i16) -> bool {
    let part = |range| {
        digits
            .get(range)
            .and_then(|part: &str| part.parse::<i16>().ok())
    };
    digits.len() == 8
        && digits.bytes().all(|b| b.is_ascii_digit())
        && part(0..4).is_some_and(|year| (1900..=this_year).contains(&year))
        && part(4..6).is_some_and(|month| (1..=12).contains(&month))
        && part(6..8).is_some_and(|day| (1..=31).contains(&day))
}
