//! Meta's own words, made fit to be kept and shown: without secrets, without control characters, of bounded length.

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// Characters kept of one text.
const MAX_CHARS: usize = 2_000;

/// `text` with every secret replaced, control characters turned into spaces, and cut to 2,000 characters.
///
/// Meta quotes a malformed access token in its message, so the caller passes the secrets of the request along.
pub(crate) fn clean(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        if text.contains(secret) {
            text = text.replace(secret, REDACTED);
        }
    }
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_CHARS)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// An id that goes into logs: short, and of the characters that such ids are made of; anything else is not one.
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
    fn length_is_bounded() {
        assert_eq!(clean(&"é".repeat(5_000), &[]).chars().count(), 2_000);
        assert_eq!(trace_id(&"A".repeat(65), &[]), None);
    }

    #[test]
    fn an_ordinary_trace_id_is_kept() {
        assert_eq!(trace_id("AbC-_12x", &[]).as_deref(), Some("AbC-_12x"));
    }
}
