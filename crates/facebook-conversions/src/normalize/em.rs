//! `em`: e-mail addresses.

use memchr::memchr;

use super::lower::lower;
use super::trim::trim;

/// An e-mail address: trimmed, in lower case, and of the form of one.
///
/// The form is Meta's approximation of RFC 2822, ASCII only: atoms separated by single dots, `@`, at least two labels.
/// Dots and plus tags stay, whoever the provider is. Not copied is a slip in Meta's pattern by which a colon may
/// precede a dot.
///
/// ```
/// use facebook_conversions::normalize::em;
///
/// assert_eq!(em("John_Smith@gmail.com").unwrap(), "john_smith@gmail.com");
/// assert_eq!(em(" First.Last+Tag@Example.co.uk\n").unwrap(), "first.last+tag@example.co.uk");
/// for unusable in ["john smith@gmail.com", "user@localhost", "mailto:a@b.com", "josé@example.com"] {
///     assert_eq!(em(unusable), None);
/// }
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#email>
#[must_use]
pub fn em(raw: &str) -> Option<String> {
    apply(trim(raw), &mut String::new()).map(str::to_owned)
}

/// Whether [`em`] would take the text. Nothing is allocated, and text without an `@` is let go at once.
///
/// ```
/// use facebook_conversions::normalize::is_email;
///
/// assert!(is_email(" Jane@Example.com"));
/// assert!(!is_email("write to jane@example.com"));
/// ```
#[must_use]
pub fn is_email(text: &str) -> bool {
    memchr(b'@', text.as_bytes()).is_some() && is_address(trim(text))
}

pub(super) fn apply<'a>(trimmed: &'a str, scratch: &'a mut String) -> Option<&'a str> {
    is_address(trimmed).then(|| lower(trimmed, scratch))
}

/// The form, in either case.
fn is_address(text: &str) -> bool {
    if text.is_ascii() {
        is_ascii_address(text.as_bytes())
    } else {
        is_any_address(text)
    }
}

/// The form, of ASCII, in one pass: what [`is_any_address`] says.
fn is_ascii_address(text: &[u8]) -> bool {
    let Some(at) = memchr(b'@', text) else {
        return false;
    };
    let (local, domain) = text.split_at(at);
    // Before it anything but an atom's character may stand only once in a row.
    let mut before = b'.';
    for byte in local {
        let is_part = is_atom_character(char::from(*byte));
        if !is_part && (*byte != b'.' || before == b'.') {
            return false;
        }
        before = *byte;
    }
    if before == b'.' {
        return false;
    }
    let (mut before, mut dots) = (b'.', 0);
    for byte in domain.get(1..).unwrap_or_default() {
        let fits = match byte {
            b'.' => {
                dots += 1;
                before != b'.' && before != b'-'
            }
            b'-' => before != b'.',
            other => other.is_ascii_alphanumeric(),
        };
        if !fits {
            return false;
        }
        before = *byte;
    }
    dots > 0 && before != b'.' && before != b'-'
}

fn is_any_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        local.split('.').all(is_atom) && domain.contains('.') && domain.split('.').all(is_label)
    })
}

fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_atom_character)
}

const fn is_atom_character(c: char) -> bool {
    is_alphanumeric(c) || is_atom_punctuation(c)
}

#[rustfmt::skip]
const fn is_atom_punctuation(c: char) -> bool {
    matches!(
        c,
        '_' | '!' | '#' | '$' | '%' | '&' | '\'' | '*' | '+' | '/' | '=' | '?' | '^' | '`' | '{' | '|' | '}' | '~' | '-'
    )
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.chars().all(|c| is_alphanumeric(c) || c == '-')
}

/// ASCII once it is in lower case, which the Kelvin sign is: it becomes `k`.
const fn is_alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '\u{212A}'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{em, is_email};

    #[test]
    fn every_atom_character_passes() {
        let local = "azAZ09_!#$%&'*+/=?^`{|}~-";
        assert_eq!(
            em(&format!("{local}@x.y")),
            Some(format!("{}@x.y", local.to_lowercase()))
        );
        for c in "\"(),:;<>@[\\]\u{0} \u{7f}é".chars() {
            assert_eq!(em(&format!("a{c}b@x.y")), None, "{c:?}");
        }
    }

    #[test]
    fn labels_are_neither_empty_nor_hyphened_at_the_ends() {
        for domain in ["x.y", "x-y.z", "1.2", "a--b.c", "x.y.z"] {
            assert!(is_email(&format!("a@{domain}")), "{domain}");
        }
        for domain in [
            "", "x", "x.", ".x", "x..y", "-x.y", "x-.y", "x.-y", "x.y-", "x_y.z", "x@y.z",
        ] {
            assert!(!is_email(&format!("a@{domain}")), "{domain}");
        }
    }

    #[test]
    fn the_kelvin_sign_is_a_k() {
        assert_eq!(em("\u{212A}im@\u{212A}.com").as_deref(), Some("kim@k.com"));
        assert_eq!(em("İ@x.com"), None);
    }

    proptest! {
        #[test]
        fn the_fast_way_finds_the_same(text in "[ -~]{0,12}|[a-c.@-]{0,14}") {
            prop_assert_eq!(super::is_ascii_address(text.as_bytes()), super::is_any_address(&text), "{}", text);
        }

        #[test]
        fn is_email_is_em(text in "\\PC*|[ a-cA-C0.@\u{FEFF}\u{212A}_-]{0,12}") {
            prop_assert_eq!(is_email(&text), em(&text).is_some());
        }
    }
}
