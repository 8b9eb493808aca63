//! `Nats-Msg-Id`: by which the broker drops a message that it has.

use std::fmt::Write as _;

use conversions_transport::Frame;

/// The id of a message with these events: 128 bits of the destination and the `messageId`s in their order, so that a
/// sender's repetition has the same id on every machine. With an event that has no `messageId` it is random.
pub(crate) fn of_frame(frame: &Frame) -> String {
    let mut hasher = blake3::Hasher::new();
    // The digests stand for destination and `messageId`; an empty text code is none.
    hasher.update(frame.destination().as_bytes());
    hasher.update(&[0]);
    hasher.update(frame.test_event_code().map_or(b"", |code| code.as_bytes()));
    for event in frame.events() {
        let Some(key) = event.dedup_key else {
            return random();
        };
        hasher.update(&key.0);
    }
    let hash = hasher.finalize();
    hex(hash.as_bytes().first_chunk().unwrap_or(&[0; 16]))
}

/// An id that no other message has.
pub(crate) fn random() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // A system without randomness has a clock and addresses: unique here, which is what matters for a repetition.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        bytes = now.map_or(0, |since| since.as_nanos()).to_le_bytes();
    }
    hex(&bytes)
}

fn hex(bytes: &[u8; 16]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use conversions_transport::{FrameBuilder, NewEvent};

    use super::*;

    fn id(to: &str, ids: &[Option<&str>], text: &str) -> String {
        let mut builder = FrameBuilder::new(to.into());
        for id in ids {
            builder.add_new_event(&NewEvent::new(to, text.to_owned(), 5).with_message_id(*id));
        }
        of_frame(&builder.finish()[0])
    }

    #[test]
    fn a_repetition_has_the_same_id_and_nothing_else_has() {
        let first = id("shop", &[Some("a"), Some("b")], "{}");
        assert_eq!(first, id("shop", &[Some("a"), Some("b")], "{ }"));
        for other in [
            id("shop", &[Some("b"), Some("a")], "{}"),
            id("shop", &[Some("a")], "{}"),
            id("ads", &[Some("a"), Some("b")], "{}"),
        ] {
            assert_ne!(first, other);
        }
        let without = || id("shop", &[Some("a"), None], "{}");
        assert_ne!(without(), without());
    }
}
