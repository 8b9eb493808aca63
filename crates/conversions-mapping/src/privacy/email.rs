//! Finds e-mail addresses in texts.

use facebook_conversions::normalize::is_email;
use segment_spec::has_any;

/// Whether a text as a whole is an e-mail address. Most texts have no `@`, for which the search is made short.
#[inline]
pub(crate) fn is_whole_email(text: &str) -> bool {
    has_any(text.as_bytes(), [b'@']) && is_email(text)
}

/// Whether a text contains an e-mail address: a local part, `@`, and a domain with at least one dot and an alphabetic
/// top label.
pub(crate) fn contains_email(text: &str) -> bool {
    memchr::memchr_iter(b'@', text.as_bytes()).any(|at| {
        let (before, after) = text.split_at(at);
        before.chars().next_back().is_some_and(is_local) && starts_with_domain(&after[1..])
    })
}

/// Whether a character may end a local part. A replacement character stands for a letter that could not be decoded.
fn is_local(c: char) -> bool {
    c.is_alphanumeric() || c == char::REPLACEMENT_CHARACTER || "!$%'*+-^_`{|}~\".".contains(c)
}

fn starts_with_domain(text: &str) -> bool {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '.'))
        .unwrap_or(text.len());
    let mut labels = text[..end].split('.');
    labels.next().is_some_and(|first| !first.is_empty())
        && labels
            .take_while(|label| !label.is_empty())
            .map(|label| label.trim_end_matches('-'))
            .any(|label| !label.is_empty() && label.chars().all(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::contains_email;

    #[test]
    fn addresses_are_found_anywhere_in_a_text() {
        for text in [
            "jane@example.com",
            "to:jane.doe+tag@mail.example.co.uk, please",
            "<jane@example.com>",
            "jane@example.com.",
            "jane@example.com-",
            "\"jane\"@example.com",
            "josé@bücher.example",
            "@@jane@example.com",
        ] {
            assert!(contains_email(text), "{text}");
        }
    }

    #[test]
    fn texts_with_an_at_sign_alone_are_no_address() {
        for text in [
            "",
            "@",
            "jane@",
            "@example.com",
            "jane@localhost",
            "jane@1.2.3.4",
            "a @b.com",
            "5 @ home",
            "/@jane.doe",
        ] {
            assert!(!contains_email(text), "{text}");
        }
    }
}
