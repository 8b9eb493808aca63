//! `st`: states, provinces and regions.

mod names;

use self::names::NAMES;
use super::class::Classes;
use super::lower::{keep_and_lower, kept_and_lower};
use super::non_empty;
use super::trim::trim;

/// A state, province or region: the two-letter code where there is one in the United States or Canada, otherwise its
/// ASCII letters and digits in lower case, the first of them a letter.
///
/// Names must match whole. Meta's code also looks for a state's name inside the text and cuts what it does not know to
/// two letters, by which New South Wales becomes Nebraska; its page asks for neither.
///
/// ```
/// use facebook_conversions::normalize::st;
///
/// assert_eq!(st(" California ").unwrap(), "ca");
/// assert_eq!(st("N.Y.").unwrap(), "ny");
/// assert_eq!(st("Ontario").unwrap(), "on");
/// assert_eq!(st("District of Columbia").unwrap(), "dc");
/// assert_eq!(st("New South Wales").unwrap(), "newsouthwales");
/// assert_eq!(st("東京"), None);
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#state>
#[must_use]
pub fn st(raw: &str) -> Option<String> {
    apply(trim(raw), &mut String::new()).map(str::to_owned)
}

pub(super) fn apply<'a>(trimmed: &'a str, scratch: &'a mut String) -> Option<&'a str> {
    const DROPPED: Classes = Classes::NOT_ALPHANUMERIC;
    let classes = Classes::of(trimmed);
    if !classes.are_none_of(Classes::DIGIT) {
        keep_and_lower(trimmed, classes, DROPPED, |_| false, scratch);
        return apply_with_digits(scratch);
    }
    let letters = non_empty(kept_and_lower(trimmed, DROPPED, |_| false, scratch))?;
    Some(code(letters).unwrap_or(letters))
}

/// Digits are ignored when looking for a code or a name: `CA 1` is `ca`.
fn apply_with_digits(text: &mut String) -> Option<&str> {
    let full = text.len();
    for at in 0..full {
        if let Some(letter) = text.as_bytes().get(at).filter(|b| b.is_ascii_alphabetic()) {
            text.push(char::from(*letter));
        }
    }
    let (full, letters) = text.split_at_checked(full)?;
    if letters.len() == 2 {
        return Some(letters);
    }
    code(letters).or_else(|| {
        full.starts_with(|c: char| c.is_ascii_alphabetic())
            .then_some(full)
    })
}

/// The length of a code.
const CODE: usize = 2;

/// The code of a state or province by its name.
fn code(letters: &str) -> Option<&'static str> {
    // Two letters are a code: every name is longer.
    if letters.len() <= CODE {
        return None;
    }
    let at = NAMES
        .binary_search_by_key(&letters, |(name, _)| name)
        .ok()?;
    NAMES.get(at).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::st;

    #[test]
    fn names_must_match_whole() {
        assert_eq!(st("West Virginia").as_deref(), Some("wv"));
        assert_eq!(
            st("State of Washington").as_deref(),
            Some("stateofwashington")
        );
        assert_eq!(st("US-CA").as_deref(), Some("usca"));
    }

    #[test]
    fn digits_stay_unless_the_letters_say_it_all() {
        assert_eq!(st("CA 1").as_deref(), Some("ca"));
        assert_eq!(st("1 CA").as_deref(), Some("ca"));
        assert_eq!(st("Ohio 43004").as_deref(), Some("oh"));
        assert_eq!(st("Bezirk 9").as_deref(), Some("bezirk9"));
        assert_eq!(st("9. Bezirk"), None);
        assert_eq!(st("13"), None);
    }

    #[test]
    fn a_single_letter_stays() {
        assert_eq!(st("W").as_deref(), Some("w"));
    }
}
