//! Ids as keyed fingerprints: nobody can tell an id from its fingerprint without the key of the data folder.

use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

/// Bytes of the key.
pub(crate) const KEY_BYTES: usize = 32;

/// The key of a data folder. It is made with the folder and is never sent, logged or copied.
#[derive(Clone)]
pub(crate) struct Key([u8; KEY_BYTES]);

impl Key {
    pub(crate) fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// The fingerprint of an id: BLAKE3 with the key, cut to 128 bits. At five million people two ids share one with a
    /// probability of 10⁻²⁵.
    pub(crate) fn fingerprint(&self, scope: &str, kind: IdKind, id: &str) -> Fingerprint {
        // The length of the scope stands in front, so that no other scope and id give the same bytes.
        let scope_len = u32::try_from(scope.len()).unwrap_or(u32::MAX).to_le_bytes();
        let parts: [&[u8]; 4] = [&scope_len, scope.as_bytes(), &[kind as u8], id.as_bytes()];
        let mut buffer = arrayvec::ArrayVec::<u8, 256>::new();
        let fits = parts
            .iter()
            .all(|part| buffer.try_extend_from_slice(part).is_ok());
        let hash = if fits {
            blake3::keyed_hash(&self.0, &buffer)
        } else {
            let mut hasher = blake3::Hasher::new_keyed(&self.0);
            for part in parts {
                hasher.update(part);
            }
            hasher.finalize()
        };
        let (half, _) = hash.as_bytes().split_at(16);
        Fingerprint(
            half.iter()
                .fold(0, |bits, byte| bits << 8 | u128::from(*byte)),
        )
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// What an id is the id of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum IdKind {
    User = 1,
    Anonymous = 2,
}

/// The keyed hash of an id. Its bits are evenly distributed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fingerprint(pub(crate) u128);

impl Fingerprint {
    /// Bytes of a fingerprint on disk.
    pub(crate) const BYTES: usize = 16;

    /// The form on disk, which sorts like the number.
    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        self.0.to_be_bytes()
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; Self::BYTES] = bytes.try_into().ok()?;
        Some(Self(u128::from_be_bytes(bytes)))
    }

    /// The upper half, by which runs are sorted and searched.
    pub(crate) fn upper(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// The lower half.
    #[expect(clippy::cast_possible_truncation, reason = "it is cut into halves")]
    pub(crate) fn lower(self) -> u64 {
        self.0 as u64
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}

/// Takes a fingerprint for its own hash: it is one already.
#[derive(Default)]
pub(crate) struct FingerprintHasher(u64);

pub(crate) type BuildFingerprintHasher = BuildHasherDefault<FingerprintHasher>;

impl Hasher for FingerprintHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "any 64 bits will do")]
    fn write_u128(&mut self, bits: u128) {
        self.0 = bits as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::{IdKind, Key};

    #[test]
    fn key_scope_kind_and_id_all_change_the_fingerprint() {
        let key = Key::new([1; 32]);
        let long = "x".repeat(500);
        let all = [
            key.fingerprint("", IdKind::User, "u1"),
            key.fingerprint("", IdKind::Anonymous, "u1"),
            key.fingerprint("u", IdKind::User, "1"),
            key.fingerprint("shop", IdKind::User, "u1"),
            key.fingerprint("", IdKind::User, "u2"),
            key.fingerprint("", IdKind::User, &long),
            Key::new([2; 32]).fingerprint("", IdKind::User, "u1"),
        ];
        let mut distinct = all.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(all[0], key.fingerprint("", IdKind::User, "u1"));
    }

    #[test]
    fn debug_shows_neither_key_nor_fingerprint() {
        let key = Key::new([1; 32]);
        assert_eq!(format!("{key:?}"), "Key(…)");
        let fingerprint = key.fingerprint("", IdKind::User, "u1");
        assert_eq!(format!("{fingerprint:?}"), "Fingerprint(…)");
    }
}
