//! Meta's texts, made safe to keep and to show: without secrets, personal data and control characters, and of bounded
//! length.

use std::net::IpAddr;

/// Replaces a secret.
const REDACTED: &str = "[redacted]";

/// Replaces a word that could be personal.
const MASKED: &str = "[…]";

/// A word with this many digits or more could be a telephone number or an id.
const MANY_DIGITS: usize = 7;

/// At most this many characters of one text are kept.
const MAX_CHARS: usize = 2_000;

/// `text` with every secret replaced, words masked that could be personal, control characters turned into spaces, and
/// cut to 2,000 characters.
///
/// Meta quotes a malformed access token in its message, so the caller passes the secrets of the request along. It could
/// quote a value of an event as well: e-mail addresses, IP addresses and words with seven or more digits are masked.
pub(crate) fn clean(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        if text.contains(secret) {
            text = text.replace(secret, REDACTED);
        }
    }
    let text: String = text
        .chars()
        .map(|c| if steers(c) { ' ' } else { c })
        .take(MAX_CHARS)
        .collect();
    let masked = |word: &str| {
        if could_be_personal(word) {
            MASKED.to_owned()
        } else {
            word.to_owned()
        }
    };
    let words: Vec<_> = text.trim().split(' ').map(masked).collect();
    words.join(" ")
}

/// Characters that control a terminal or reverse the direction of the text.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn could_be_personal(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.contains('@')
        || word.chars().filter(char::is_ascii_digit).count() >= MANY_DIGITS
        || bare.parse::<IpAddr>().is_ok()
}

/// An id that is safe for logs: short, and made only of characters that such ids have. `None` for any other text.
pub(crate) fn trace_id(text: &str, secrets: &[&str]) -> Option<String> {
    let plausible =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=' | '.');
    let text = text.trim();
    let fits = !text.is_empty() && text.len() <= 64 && text.chars().all(plausible);
    let secret = secrets
        .iter()
        .any(|secret| !secret.is_empty() && text.contains(secret));
    (fits && !secret).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{clean, trace_id};

    #[test]
    fn a_secret_does_not_survive() {
        assert_eq!(
            clean(
                "Malformed access token EAABtoken, or EAABtoken",
                &["EAABtoken", ""]
            ),
            "Malformed access token [redacted], or [redacted]"
        );
        assert_eq!(trace_id("EAABtoken", &["EAABtoken"]), None);
    }

    #[test]
    fn a_terminal_cannot_be_steered() {
        assert_eq!(clean("\u{1b}[31mred\u{1b}[0m\r\n", &[]), "[31mred [0m");
        assert_eq!(trace_id("A\u{1b}[2J", &[]), None);
    }

    #[test]
    fn text_that_could_be_personal_is_masked() {
        assert_eq!(
            clean(
                "Bad email jane@example.com, phone (+15105550188) at 8.8.8.8. 3 of 1000 events",
                &[]
            ),
            "Bad email […] phone […] at […] 3 of 1000 events"
        );
        assert_eq!(clean("a\u{202e}b", &[]), "a b");
    }

    #[test]
    fn length_is_bounded() {
        assert_eq!(clean(&"é".repeat(5_000), &[]).chars().count(), 2_000);
        assert_eq!(trace_id(&"A".repeat(65), &[]), None);
    }

    #[test]
    fn an_ordinary_trace_id_is_kept() {
        assert_eq!(trace_id("AbC-_12x", &[]).as_deref(), Some("AbC-_12x"));
    }
}
