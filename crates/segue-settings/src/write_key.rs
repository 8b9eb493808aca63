//! Write keys: generating them, and checking that clients can send them.

use uuid::Uuid;

/// A new key of 122 random bits.
#[must_use]
pub fn make() -> String {
    format!("wk_{}", Uuid::new_v4().simple())
}

/// Checks a key that was given on the command line.
///
/// # Errors
///
/// A sentence, without the key, when a client could not send it.
pub fn parse(text: &str) -> Result<String, String> {
    if is_possible(text) {
        Ok(text.to_owned())
    } else {
        Err("a write key must have no blanks and no colon".to_owned())
    }
}

/// Whether clients can send the text as a write key. They send it as the user name of HTTP Basic authentication, which ends
/// at a colon.
#[must_use]
pub fn is_possible(text: &str) -> bool {
    let impossible = |letter: char| letter == ':' || letter.is_whitespace() || letter.is_control();
    !text.is_empty() && !text.contains(impossible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_made_can_be_used_and_differ() {
        let (one, other) = (make(), make());
        assert_eq!(parse(&one), Ok(one.clone()));
        assert_ne!(one, other);
        assert_eq!(one.len(), 35);
    }

    #[test]
    fn keys_that_cannot_be_sent_are_refused() {
        for text in ["", " ", "a:b", "a b", "a\n"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
