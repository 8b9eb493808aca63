//! A Bloom filter: says of most fingerprints that are not in a run that they are not, without reading it.
//!
//! All bits of a fingerprint lie in one block of 64 bytes, which is one line of the processor's cache. Fingerprints in
//! their order fall into blocks in their order, so that a filter can be written as a stream.

use crate::fingerprint::Fingerprint;

/// Words of a block.
const BLOCK_WORDS: usize = 8;
/// Bytes of a block.
pub(super) const BLOCK_BYTES: usize = BLOCK_WORDS * 8;
/// Eight bits for a fingerprint: one in forty that is not there is looked for in vain.
const BITS_EACH: usize = 8;
const PROBES: u32 = 5;

/// A part of a filter.
#[derive(Clone, Copy, Default)]
pub(super) struct Block([u64; BLOCK_WORDS]);

impl Block {
    pub(super) fn insert(&mut self, fingerprint: Fingerprint) {
        for (word, bit) in probes(fingerprint) {
            if let Some(word) = self.0.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// `false` if the fingerprint was certainly not inserted.
    pub(super) fn may_contain(&self, fingerprint: Fingerprint) -> bool {
        probes(fingerprint).all(|(word, bit)| self.0.get(word).is_none_or(|word| word & bit != 0))
    }

    pub(super) fn to_bytes(self) -> [u8; BLOCK_BYTES] {
        let mut bytes = [0; BLOCK_BYTES];
        for (place, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(self.0) {
            *place = word.to_le_bytes();
        }
        bytes
    }

    pub(super) fn of_bytes(bytes: &[u8; BLOCK_BYTES]) -> Self {
        let mut block = Self::default();
        for (word, bytes) in block.0.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        block
    }
}

/// How many blocks a filter has for that many fingerprints.
pub(super) fn blocks_for(count: usize) -> usize {
    (count * BITS_EACH).div_ceil(BLOCK_BYTES * 8).max(1)
}

/// The block of a fingerprint in a filter of that many.
pub(super) fn block_of(fingerprint: Fingerprint, blocks: usize) -> usize {
    // The upper half scaled to the number of blocks; it fits, since the product is cut by 2⁶⁴.
    let block = (u128::from(fingerprint.upper()) * blocks as u128) >> 64;
    usize::try_from(block).unwrap_or(0)
}

/// The bits of a fingerprint in its block, out of its lower half: nine bits each.
fn probes(fingerprint: Fingerprint) -> impl Iterator<Item = (usize, u64)> {
    let bits = fingerprint.lower();
    (0..PROBES).map(move |probe| {
        let nine = bits >> (probe * 9);
        let word = usize::try_from(nine >> 6 & 7).unwrap_or(0);
        (word, 1 << (nine & 63))
    })
}
