//! `zp`: postcodes.

use super::class::Classes;
use super::lower::{keep_and_lower, kept_and_lower};
use super::trim::{is_space, trim};

/// A postcode: in lower case, up to its first dash, without white space, and of at least two characters. In the United
/// States, nine digits are cut to five.
///
/// Meta's page says "no dash", which for a Brazilian `01310-100` could mean `01310100`; all of Meta's code cuts there,
/// and so does this. Blanks inside go, as the page's `m11ae` shows, although Meta's code keeps them.
///
/// ```
/// use facebook_conversions::normalize::zp;
///
/// assert_eq!(zp("94035-1234", true).unwrap(), "94035");
/// assert_eq!(zp("940351234", true).unwrap(), "94035");
/// assert_eq!(zp("M1 1AE", false).unwrap(), "m11ae");
/// assert_eq!(zp("75018", false).unwrap(), "75018");
/// assert_eq!(zp("9", false), None);
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#zip>
#[must_use]
pub fn zp(raw: &str, in_us: bool) -> Option<String> {
    apply(trim(raw), in_us, &mut String::new()).map(str::to_owned)
}

pub(super) fn apply<'a>(trimmed: &'a str, in_us: bool, scratch: &'a mut String) -> Option<&'a str> {
    let (before_dash, _) = trimmed.split_once('-').unwrap_or((trimmed, ""));
    let classes = Classes::of(before_dash);
    let mut code = if classes.are_none_of(Classes::NOT_ASCII) {
        kept_and_lower(before_dash, Classes::SPACE, |_| true, scratch)
    } else {
        // A letter's lower case may depend on a blank behind it.
        keep_and_lower(before_dash, classes, Classes::NONE, |_| true, scratch);
        scratch.retain(|c| !is_space(c));
        scratch
    };
    if in_us && code.len() == 9 && code.bytes().all(|b| b.is_ascii_digit()) {
        code = code.get(..5)?;
    }
    code.chars().nth(1).map(|_| code)
}

#[cfg(test)]
mod tests {
    use super::zp;

    #[test]
    fn nine_digits_are_cut_in_the_united_states_only() {
        assert_eq!(zp("94035 1234", true).as_deref(), Some("94035"));
        assert_eq!(zp("94035 1234", false).as_deref(), Some("940351234"));
        assert_eq!(zp("94035123a", true).as_deref(), Some("94035123a"));
        assert_eq!(zp("9403512345", true).as_deref(), Some("9403512345"));
    }

    #[test]
    fn a_single_character_is_none_however_many_bytes_it_has() {
        for text in ["9", "é", "9-1234", "-1234", "", "😀"] {
            assert_eq!(zp(text, false), None, "{text}");
        }
        assert_eq!(zp("00-950", false).as_deref(), Some("00"));
    }
}
