//! A dead letter as bytes: a checksum (CRC-32, 4 bytes, of the id and everything that follows), then what
//! [`letter_codec`] writes.

use bytes::Bytes;
use conversions_delivery::{DeadLetter, EventKey, letter_codec};

pub(super) fn write(letter: &DeadLetter) -> Vec<u8> {
    let body = letter_codec::write(letter);
    let mut bytes = checksum(letter.id, &body).to_vec();
    bytes.extend(body);
    bytes
}

/// Reads what [`write`] wrote; `None` when it is damaged.
pub(super) fn read(id: EventKey, bytes: &[u8]) -> Option<DeadLetter> {
    let (sum, body) = bytes.split_first_chunk()?;
    if *sum != checksum(id, body) {
        return None;
    }
    letter_codec::read(id, &Bytes::copy_from_slice(body))
}

/// Stands for a letter that cannot be read, so that it can be listed and purged.
pub(super) fn unreadable(id: EventKey) -> DeadLetter {
    letter_codec::unreadable(id, Bytes::new())
}

fn checksum(EventKey(id): EventKey, body: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&id.to_le_bytes());
    hasher.update(body);
    hasher.finalize().to_le_bytes()
}
