//! The formats of parameters that are texts.

use crate::suffix::is_suffix;

/// Whether a text has the form of `fbc`: `fb`, subdomain index, Unix milliseconds, fbclid, separated by dots, and
/// perhaps the suffix of Meta's parameter builder.
///
/// ```
/// use facebook_conversions::is_fbc;
/// assert!(is_fbc("fb.1.1554763741205.AbCdEfGhIjKlMnOpQrStUvWxYz1234567890"));
/// assert!(!is_fbc("fb.1.1554763741205."));
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc>
#[must_use]
pub fn is_fbc(text: &str) -> bool {
    has_form(text, |id| !id.is_empty())
}

/// The time in an `fbc`, Unix milliseconds; `u64::MAX` if it has too many digits. `None` if there is no number in its
/// place.
pub(crate) fn fbc_time(fbc: &str) -> Option<u64> {
    let is_dot = |byte: &u8| *byte == b'.';
    let time = fbc.as_bytes().split(is_dot).nth(2)?;
    if time.is_empty() {
        return None;
    }
    time.iter().try_fold(0u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    })
}

/// Whether a text has the form of `fbp`: `fb`, subdomain index, Unix milliseconds, random number, separated by dots,
/// and perhaps the suffix of Meta's parameter builder.
///
/// ```
/// use facebook_conversions::is_fbp;
/// assert!(is_fbp("fb.1.1596403881668.1116446470"));
/// assert!(!is_fbp("fb.1.1596403881668.AbC"));
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc>
#[must_use]
pub fn is_fbp(text: &str) -> bool {
    has_form(text, is_digits)
}

/// Whether a text starts with `http://` or `https://`, in any case.
#[must_use]
pub fn is_http_url(text: &str) -> bool {
    let starts_with = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    starts_with("https://") || starts_with("http://")
}

#[inline]
fn has_form(text: &str, is_id: impl Fn(&str) -> bool) -> bool {
    let Some((_, index_and_more)) = text
        .split_at_checked(3)
        .filter(|(start, _)| *start == "fb.")
    else {
        return false;
    };
    let part = |text: &'_ str| text.bytes().position(|byte| byte == b'.');
    let Some((index, time_and_more)) =
        part(index_and_more).and_then(|end| split_dot(index_and_more, end))
    else {
        return false;
    };
    let Some((time, id_and_more)) =
        part(time_and_more).and_then(|end| split_dot(time_and_more, end))
    else {
        return false;
    };
    let (id, suffix) = match part(id_and_more).and_then(|end| split_dot(id_and_more, end)) {
        Some((id, suffix)) => (id, Some(suffix)),
        None => (id_and_more, None),
    };
    is_digits(index) && is_digits(time) && is_id(id) && suffix.is_none_or(is_suffix)
}

/// The texts before and behind the dot at `at`.
#[inline]
fn split_dot(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{is_fbc, is_fbp, is_http_url};

    #[test]
    fn only_the_documented_form_passes() {
        for text in [
            "fb.1.1554763741205.AbC_-d",
            "fb.0.1.x",
            "fb.1.2.AbC.AQQCAQMC",
            "fb.1.2.AbC.BA",
        ] {
            assert!(is_fbc(text), "{text}");
        }
        for text in [
            "",
            "fb",
            "fb.1.2",
            "fb.1.2.",
            "fb.x.2.a",
            "fb.1.x.a",
            "FB.1.2.a",
            " fb.1.2.a",
            "fb.1.2.a.b",
            "fb.1.2.a.BA.x",
            "fb..2.a",
        ] {
            assert!(!is_fbc(text), "{text}");
        }
        assert!(is_fbp("fb.1.1554763741205.1098115397") && !is_fbp("fb.1.1554763741205.AbC"));
        assert!(
            is_http_url("HTTP://a.example")
                && !is_http_url("ftp://a.example")
                && !is_http_url("//a.example")
        );
    }
}
