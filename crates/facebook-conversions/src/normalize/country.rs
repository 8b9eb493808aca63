//! `country`: countries.

mod names;

use self::names::NAMES;
use super::class::Classes;
use super::lower::keep_and_lower;
use super::trim::trim;

/// All that [`country`] takes for the United States.
const UNITED_STATES: [&str; 4] = ["us", "usa", "unitedstates", "unitedstatesofamerica"];

/// A country: its ISO 3166-1 alpha-2 code in lower case, from that code, the alpha-3 code or an English name.
///
/// Anything but the letters `a` to `z` is passed over; `uk` counts as `gb`. Names must match whole. Meta's code also
/// looks for a country's name inside the text and cuts what it does not know to two letters, by which Österreich
/// becomes São Tomé; its page asks for neither.
///
/// ```
/// use facebook_conversions::normalize::country;
///
/// assert_eq!(country("United States").unwrap(), "us");
/// assert_eq!(country("U.S.A.").unwrap(), "us");
/// assert_eq!(country("AUT").unwrap(), "at");
/// assert_eq!(country("UK").unwrap(), "gb");
/// for unusable in ["zz", "Northern Ireland", "Republic of Korea", "Österreich", "日本"] {
///     assert_eq!(country(unusable), None);
/// }
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#country>
#[must_use]
pub fn country(raw: &str) -> Option<String> {
    apply(trim(raw), &mut String::new()).map(str::to_owned)
}

/// Whether [`country`] takes the text for the United States. Nothing is allocated.
///
/// ```
/// use facebook_conversions::normalize::is_us;
///
/// assert!(is_us(" us "));
/// assert!(is_us("United States"));
/// assert!(!is_us("GB"));
/// ```
#[must_use]
pub fn is_us(raw: &str) -> bool {
    // Most countries are two capitals.
    if let [first, second] = raw.as_bytes()
        && first.is_ascii_alphabetic()
        && second.is_ascii_alphabetic()
    {
        return raw.eq_ignore_ascii_case("us");
    }
    UNITED_STATES
        .iter()
        .any(|name| letters(raw).eq(name.chars()))
}

pub(super) fn apply<'a>(trimmed: &str, scratch: &'a mut String) -> Option<&'a str> {
    let classes = Classes::of(trimmed);
    if classes.are_none_of(Classes::NOT_ASCII) {
        keep_and_lower(trimmed, classes, Classes::NO_LETTER, |_| false, scratch);
    } else {
        scratch.clear();
        scratch.extend(letters(trimmed));
    }
    if scratch == "uk" {
        return Some("gb");
    }
    let code = match scratch.len() {
        2 => {
            scratch.make_ascii_uppercase();
            rust_iso3166::from_alpha2(scratch)?.alpha2
        }
        3 => {
            scratch.make_ascii_uppercase();
            rust_iso3166::from_alpha3(scratch)?.alpha2
        }
        _ => {
            let at = NAMES
                .binary_search_by_key(&scratch.as_str(), |(name, _)| name)
                .ok()?;
            return NAMES.get(at).map(|(_, code)| *code);
        }
    };
    scratch.clear();
    scratch.push_str(code);
    scratch.make_ascii_lowercase();
    Some(scratch)
}

/// What counts of the text. First to lower case, then without what is not ASCII: `İ` leaves an `i`.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .flat_map(char::to_lowercase)
        .filter(char::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{country, is_us};

    #[test]
    fn every_country_by_alpha_2_alpha_3_and_short_name() {
        for iso in rust_iso3166::ALL {
            let code = Some(iso.alpha2.to_lowercase());
            for text in [iso.alpha2, iso.alpha3, iso.name] {
                assert_eq!(country(text), code, "{text}");
            }
        }
    }

    #[test]
    fn codes_that_nobody_was_assigned_are_none() {
        for text in ["zz", "xx", "eu", "en", "po", "zzz", "uae", "gbx", "u", ""] {
            assert_eq!(country(text), None, "{text}");
        }
    }

    #[test]
    fn names_must_match_whole() {
        for text in [
            "Northern Ireland",
            "Republic of Korea",
            "United",
            "United States of",
            "Francee",
        ] {
            assert_eq!(country(text), None, "{text}");
        }
        assert_eq!(country("Korea, Republic of").as_deref(), Some("kr"));
        assert_eq!(country("Türkiye").as_deref(), Some("tr"));
    }

    proptest! {
        #[test]
        fn is_us_is_country(text in "\\PC*|[uUsSaA. ]{0,6}|(?i)united states( of america)?") {
            prop_assert_eq!(is_us(&text), country(&text).as_deref() == Some("us"));
        }
    }
}
