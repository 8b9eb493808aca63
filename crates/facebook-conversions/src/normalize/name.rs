//! `fn` and `ln`: first and last names.

use super::class::Classes;
use super::lower::kept_and_lower;
use super::non_empty;
use super::trim::{is_space, trim};

/// A first or last name: without white space and ASCII punctuation, in lower case.
///
/// Every letter of every script stays as it is written, and so does punctuation beyond ASCII. Meta's page does not
/// mention blanks inside a name; they are removed, as Meta's code in the browser does.
///
/// ```
/// use facebook_conversions::normalize::name;
///
/// assert_eq!(name("Mary").unwrap(), "mary");
/// assert_eq!(name("정").unwrap(), "정");
/// assert_eq!(name("Valéry").unwrap(), "valéry");
/// assert_eq!(name(" O'Brien-Smith, Jr.").unwrap(), "obriensmithjr");
/// assert_eq!(name("!!!"), None);
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#fn>
#[must_use]
pub fn name(raw: &str) -> Option<String> {
    apply(trim(raw), &mut String::new()).map(str::to_owned)
}

pub(super) fn apply<'a>(trimmed: &'a str, scratch: &'a mut String) -> Option<&'a str> {
    non_empty(kept_and_lower(
        trimmed,
        Classes::SPACE | Classes::PUNCTUATION,
        |c| !is_space(c),
        scratch,
    ))
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_final_sigma_is_final_once_the_blanks_are_gone() {
        assert_eq!(name("ΙΣΟΣ").as_deref(), Some("ισος"));
        assert_eq!(name("ΙΣ ΟΣ").as_deref(), Some("ισος"));
    }

    #[test]
    fn only_ascii_punctuation_goes() {
        assert_eq!(
            name(r##"a!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~b"##).as_deref(),
            Some("ab")
        );
        assert_eq!(name("O’Brien\u{AD}…").as_deref(), Some("o’brien\u{AD}…"));
    }
}
