//! Hashes, as they are kept.

use facebook_conversions::HashedValue;

/// A SHA-256 without a suffix, as its 32 bytes.
const DIGEST: u8 = 0;
const DIGEST_BYTES: usize = 32;

/// Appends a hash: a byte 0 and its 32 bytes, or the length of its text and the text, if it has a suffix. `false` for a
/// form that could not be read again.
pub(crate) fn push_hash(value: &mut Vec<u8>, hash: &HashedValue) -> bool {
    let text = hash.as_str();
    let mut digest = [0; DIGEST_BYTES];
    if text.len() == 2 * DIGEST_BYTES && const_hex::decode_to_slice(text, &mut digest).is_ok() {
        value.push(DIGEST);
        value.extend_from_slice(&digest);
        return true;
    }
    // An MD5 is nothing that `recognise` takes back without its key.
    let Ok(length) = u8::try_from(text.len()) else {
        return false;
    };
    if HashedValue::recognise(text).is_none() {
        return false;
    }
    value.push(length);
    value.extend_from_slice(text.as_bytes());
    true
}

/// The hashes of a value.
pub(crate) fn read_hashes(value: &[u8]) -> impl Iterator<Item = HashedValue> {
    Hashes { rest: value }
}

struct Hashes<'a> {
    rest: &'a [u8],
}

impl Iterator for Hashes<'_> {
    type Item = HashedValue;

    #[inline]
    fn next(&mut self) -> Option<HashedValue> {
        let (kind, bytes) = self.rest.split_first()?;
        if *kind != DIGEST {
            return self.next_text(*kind, bytes);
        }
        let (digest, bytes) = bytes.split_first_chunk::<DIGEST_BYTES>()?;
        self.rest = bytes;
        HashedValue::of_sha256(*digest)
    }
}

impl<'a> Hashes<'a> {
    #[cold]
    fn next_text(&mut self, length: u8, bytes: &'a [u8]) -> Option<HashedValue> {
        let (text, bytes) = bytes.split_at_checked(usize::from(length))?;
        self.rest = bytes;
        HashedValue::recognise(std::str::from_utf8(text).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use facebook_conversions::HashedValue;

    use super::{push_hash, read_hashes};

    #[test]
    fn hashes_are_read_as_they_were_written() {
        let plain = HashedValue::hash("a").expect("a hash");
        let suffixed =
            HashedValue::recognise(&format!("{}.AQQCAQMC", plain.as_str())).expect("a hash");
        let mut value = Vec::new();
        assert!(push_hash(&mut value, &plain) && push_hash(&mut value, &suffixed));
        assert_eq!(value.len(), 33 + 1 + 73);
        assert_eq!(read_hashes(&value).collect::<Vec<_>>(), [plain, suffixed]);
        assert_eq!(read_hashes(&value[..20]).count(), 0);
    }
}
