//! `em`: e-mail addresses.

use memchr::memchr;

use super::lower::lower;
use super::trim::trim;

/// An e-mail address: trimmed, in lower case, and of the form of one.
///
/// The form is Meta's approximation of RFC 2822, ASCII only: atoms separated by single dots, `@`, at least two labels.
/// Dots and plus tags stay, also for providers that ignore them. A slip in Meta's pattern, by which a colon may precede
/// a dot, is not copied.
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

/// Whether [`em`] would take the text. Nothing is allocated, and text without an `@` is refused at once.
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
    let mut bytes = text.iter().map(|byte| class(*byte));
    // Atoms, each followed by one dot, but the last one by an `@`.
    let mut before = DOT;
    for class in bytes.by_ref() {
        if class & ATOM == 0 {
            if before == DOT || class & (DOT | AT) == 0 {
                return false;
            }
            if class == AT {
                before = AT;
                break;
            }
        }
        before = class;
    }
    if before != AT {
        return false;
    }
    // Labels, with dots between them.
    let mut dots = 0;
    for class in bytes {
        // At the edges of a label, and only inside of it.
        let is_edge = before & (DOT | AT) != 0;
        let fits = match class {
            DOT => {
                dots += 1;
                !is_edge && before != HYPHEN
            }
            HYPHEN => !is_edge,
            other => other == ALPHANUMERIC,
        };
        if !fits {
            return false;
        }
        before = class;
    }
    dots > 0 && before == ALPHANUMERIC
}

/// What may stand in an atom is marked by this bit.
const ATOM: u8 = 1;
const ALPHANUMERIC: u8 = ATOM | 2;
const HYPHEN: u8 = ATOM | 4;
const DOT: u8 = 8;
const AT: u8 = 16;

#[inline]
fn class(byte: u8) -> u8 {
    const CLASSES: [u8; 256] = {
        let mut classes = [0; 256];
        let mut byte = 0u8;
        while byte < 0x80 {
            classes[byte as usize] = match byte {
                b'.' => DOT,
                b'@' => AT,
                b'-' => HYPHEN,
                _ if byte.is_ascii_alphanumeric() => ALPHANUMERIC,
                _ if is_atom_punctuation(byte as char) => ATOM,
                _ => 0,
            };
            byte += 1;
        }
        classes
    };
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
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
        fn fast_check_agrees_with_the_full_one(text in "[ -~]{0,12}|[a-c.@-]{0,14}") {
            prop_assert_eq!(super::is_ascii_address(text.as_bytes()), super::is_any_address(&text), "{}", text);
        }

        #[test]
        fn is_email_is_em(text in "\\PC*|[ a-cA-C0.@\u{FEFF}\u{212A}_-]{0,12}") {
            prop_assert_eq!(is_email(&text), em(&text).is_some());
        }
    }
}
