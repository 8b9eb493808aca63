//! `external_id`: the advertiser's own id of a person.

use super::class::Classes;
use super::lower::kept_and_lower;
use super::non_empty;
use super::trim::{is_space, trim};

/// The advertiser's own id of a person: without white space, in lower case.
///
/// Punctuation and letters of any script stay. Ids that differ only in case become the same, as in the browser.
///
/// ```
/// use facebook_conversions::normalize::external_id;
///
/// assert_eq!(external_id("User-42").unwrap(), "user-42");
/// assert_eq!(external_id(" aBc 123 ").unwrap(), "abc123");
/// assert_eq!(external_id("  "), None);
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#external-id>
#[must_use]
pub fn external_id(raw: &str) -> Option<String> {
    apply(trim(raw), &mut String::new()).map(str::to_owned)
}

pub(super) fn apply<'a>(trimmed: &'a str, scratch: &'a mut String) -> Option<&'a str> {
    non_empty(kept_and_lower(
        trimmed,
        Classes::SPACE,
        |c| !is_space(c),
        scratch,
    ))
}
