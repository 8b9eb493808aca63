//! `country`: countries.

use super::trim::trim;
use crate::country_code::CountryCode;

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

pub(super) fn apply<'a>(trimmed: &str, scratch: &'a mut String) -> Option<&'a str> {
    let code = CountryCode::parse(trimmed)?;
    scratch.clear();
    scratch.push_str(code.as_str());
    scratch.make_ascii_lowercase();
    Some(scratch)
}

#[cfg(test)]
mod tests {
    use super::country;

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
    fn unassigned_country_codes_are_not_countries() {
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
}
