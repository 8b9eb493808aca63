//! The digest by which a repeated message is recognised.

use sha2::{Digest, Sha256};

/// A digest of destination and `messageId`, long enough that two different ones never meet.
///
/// Event logs remember digests instead of ids: they are short, and they hold nothing of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DedupKey(pub [u8; DedupKey::LEN]);

impl DedupKey {
    /// Bytes of a key.
    pub const LEN: usize = 12;

    /// The key of a message for a destination.
    #[must_use]
    pub fn new(destination: &str, message_id: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(
            u64::try_from(destination.len())
                .unwrap_or(u64::MAX)
                .to_le_bytes(),
        );
        hash.update(destination.as_bytes());
        hash.update(message_id.as_bytes());
        let digest = hash.finalize();
        let mut key = [0; Self::LEN];
        for (to, from) in key.iter_mut().zip(digest) {
            *to = from;
        }
        Self(key)
    }
}

#[cfg(test)]
mod tests {
    use super::DedupKey;

    #[test]
    fn destinations_do_not_share_ids() {
        assert_ne!(DedupKey::new("shop", "m-1"), DedupKey::new("shop2", "m-1"));
        assert_ne!(DedupKey::new("shop", "2m-1"), DedupKey::new("shop2", "m-1"));
    }

    #[test]
    fn a_key_never_changes_because_logs_on_disk_remember_it() {
        let expected = [
            0x7a, 0xdb, 0xc8, 0x8e, 0x55, 0xbd, 0x75, 0x24, 0x1d, 0xa0, 0x8a, 0x91,
        ];
        assert_eq!(DedupKey::new("shop", "m-1").0, expected);
    }
}
