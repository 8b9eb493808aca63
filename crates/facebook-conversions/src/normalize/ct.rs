//! `ct`: cities.

use super::class::Classes;
use super::lower::kept_and_lower;
use super::trim::trim;

/// A city: its ASCII letters and digits in lower case, the first of them a letter.
///
/// Meta's page contradicts itself on special characters; its code, in the browser too, drops every one of them. So
/// accented letters vanish, and a name in another script cannot be used.
///
/// ```
/// use facebook_conversions::normalize::ct;
///
/// assert_eq!(ct("London").unwrap(), "london");
/// assert_eq!(ct("Menlo Park").unwrap(), "menlopark");
/// assert_eq!(ct("São Paulo").unwrap(), "sopaulo");
/// assert_eq!(ct("Paris 75").unwrap(), "paris75");
/// assert_eq!(ct("29 Palms"), None);
/// assert_eq!(ct("北京"), None);
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#city>
#[must_use]
pub fn ct(raw: &str) -> Option<String> {
    apply(trim(raw), &mut String::new()).map(str::to_owned)
}

pub(super) fn apply<'a>(trimmed: &'a str, scratch: &'a mut String) -> Option<&'a str> {
    let city = kept_and_lower(trimmed, Classes::NOT_ALPHANUMERIC, |_| false, scratch);
    city.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(city)
}
