//! A Bloom filter: says of most fingerprints that are not in a run that they are not, without reading it.

use std::io::{self, Write};

use crate::fingerprint::Fingerprint;

/// Words of a block. All bits of a fingerprint lie in one block, which is one line of the processor's cache.
const BLOCK_WORDS: usize = 8;
/// Eight bits for a fingerprint: one in forty that is not there is looked for in vain.
const BITS_EACH: usize = 8;
const PROBES: u32 = 5;

/// The filter of one run.
pub(super) struct Bloom {
    words: Vec<u64>,
}

impl Bloom {
    /// An empty filter with room for `count` fingerprints.
    pub(super) fn with_room(count: usize) -> Self {
        let blocks = (count * BITS_EACH).div_ceil(BLOCK_WORDS * 64).max(1);
        Self {
            words: vec![0; blocks * BLOCK_WORDS],
        }
    }

    pub(super) fn insert(&mut self, fingerprint: Fingerprint) {
        let block = self.block_of(fingerprint);
        if let Some(words) = self.words.get_mut(block..block + BLOCK_WORDS) {
            for (word, bit) in probes(fingerprint) {
                if let Some(word) = words.get_mut(word) {
                    *word |= bit;
                }
            }
        }
    }

    /// `false` if the fingerprint was certainly not inserted.
    pub(super) fn may_contain(&self, fingerprint: Fingerprint) -> bool {
        let block = self.block_of(fingerprint);
        let Some(words) = self.words.get(block..block + BLOCK_WORDS) else {
            return true;
        };
        probes(fingerprint).all(|(word, bit)| words.get(word).is_none_or(|word| word & bit != 0))
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        self.words
            .iter()
            .try_for_each(|word| out.write_all(&word.to_le_bytes()))
    }

    /// The filter of these words; `None` if they are no whole blocks.
    pub(super) fn of_words(words: Vec<u64>) -> Option<Self> {
        let is_whole = !words.is_empty() && words.len().is_multiple_of(BLOCK_WORDS);
        is_whole.then_some(Self { words })
    }

    fn block_of(&self, fingerprint: Fingerprint) -> usize {
        let blocks = (self.words.len() / BLOCK_WORDS) as u128;
        // The upper half scaled to the number of blocks; it fits, since the product is cut by 2⁶⁴.
        let block = (u128::from(fingerprint.upper()) * blocks) >> 64;
        usize::try_from(block).unwrap_or(0) * BLOCK_WORDS
    }
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

#[cfg(test)]
mod tests {
    use super::Bloom;
    use crate::fingerprint::Fingerprint;

    fn fingerprints(seed: u64) -> impl Iterator<Item = Fingerprint> {
        let mut random = fastrand::Rng::with_seed(seed);
        std::iter::from_fn(move || Some(Fingerprint(random.u128(..)))).take(10_000)
    }

    #[test]
    fn all_that_was_inserted_is_found_and_little_else() {
        let mut bloom = Bloom::with_room(10_000);
        fingerprints(1).for_each(|fingerprint| bloom.insert(fingerprint));
        let mut bytes = Vec::new();
        bloom.write(&mut bytes).expect("written");
        let words = bytes.as_chunks::<8>().0.iter();
        let words = words.map(|word| u64::from_le_bytes(*word)).collect();
        let bloom = Bloom::of_words(words).expect("a filter");
        assert!(fingerprints(1).all(|fingerprint| bloom.may_contain(fingerprint)));
        let others = fingerprints(2).filter(|fingerprint| bloom.may_contain(*fingerprint));
        assert!(others.count() < 400);
    }
}
