//! `ph`: telephone numbers.

mod complete;
mod international;
mod lookup;
mod plan;
mod plans;

use super::{NormalizeContext, non_empty, trim::trim};

/// A telephone number: its ASCII digits, without leading zeros.
///
/// Meta matches only numbers with a country code, and a national number does not tell its own: `(650)555-1212` is
/// accepted here, and matches no person. [`HashedKey::Ph`](super::HashedKey::Ph) completes numbers whose country is
/// known, if its context asks for it. The length is not checked here.
///
/// ```
/// use facebook_conversions::normalize::ph;
///
/// assert_eq!(ph("+1 (650)555-1212").unwrap(), "16505551212");
/// assert_eq!(ph("0044 20 7946 0958").unwrap(), "442079460958");
/// assert_eq!(ph("+44 (0)20 7946 0958").unwrap(), "4402079460958");
/// assert_eq!(ph("call me"), None);
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#phone>
#[must_use]
pub fn ph(raw: &str) -> Option<String> {
    digits(trim(raw), &mut String::new()).map(str::to_owned)
}

pub(super) fn apply<'a>(
    trimmed: &str,
    context: NormalizeContext,
    scratch: &'a mut String,
) -> Option<&'a str> {
    if context.complete_phone {
        complete::apply(
            trimmed,
            context.country.or(context.default_country),
            scratch,
        )
    } else {
        digits(trimmed, scratch)
    }
}

fn digits<'a>(trimmed: &str, scratch: &'a mut String) -> Option<&'a str> {
    scratch.clear();
    for digit in trimmed.bytes().filter(u8::is_ascii_digit) {
        if !(digit == b'0' && scratch.is_empty()) {
            scratch.push(char::from(digit));
        }
    }
    non_empty(scratch)
}

#[cfg(test)]
mod tests {
    use super::ph;

    #[test]
    fn digits_of_other_scripts_are_not_digits() {
        assert_eq!(ph("١٦٥٠٥٥٥١٢١٢"), None);
    }

    #[test]
    fn only_leading_zeros_go() {
        assert_eq!(ph("+00 10 20 00").as_deref(), Some("102000"));
        assert_eq!(ph("0000"), None);
    }
}
