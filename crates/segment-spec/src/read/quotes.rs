//! Where the strings of a JSON text begin and end, found in all of the text before it is read, sixteen bytes at a look.

use wide::u8x16;

/// How many bytes make a block: one for each bit of a mask.
const BLOCK: usize = 64;

/// How many bytes are compared together.
const LANES: usize = 16;

/// Quotes that are not escaped, and backslashes that escape something.
///
/// A backslash outside of strings escapes nothing, but is taken to: whoever reads the text meets it before it can do
/// harm.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quotes {
    /// One bit for each byte of the text, the first in the lowest.
    words: Vec<u64>,
    has_controls: bool,
}

impl Quotes {
    /// Finds those of a text.
    pub(crate) fn of(text: &str) -> Self {
        let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
        let mut words = Vec::with_capacity(blocks.len() + 1);
        let (mut first_is_escaped, mut controls) = (0, 0);
        words.extend(blocks.iter().map(|block| {
            let found = find(block);
            controls |= found.controls;
            found.marks(&mut first_is_escaped)
        }));
        let mut last = [b' '; BLOCK];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let found = find(&last);
        words.push(found.marks(&mut first_is_escaped));
        Self {
            words,
            has_controls: controls | found.controls != 0,
        }
    }

    /// The place of the first one from a place on.
    #[inline]
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        let mut index = from / BLOCK;
        let mut bits = self.words.get(index)? & (u64::MAX << (from % BLOCK));
        while bits == 0 {
            index += 1;
            bits = *self.words.get(index)?;
        }
        Some(index * BLOCK + bits.trailing_zeros() as usize)
    }

    /// Whether there is any control character, inside a string or between values.
    #[inline]
    pub(super) fn has_controls(&self) -> bool {
        self.has_controls
    }
}

/// One bit for each byte of a block, the first in the lowest.
struct Found {
    quotes: u64,
    backslashes: u64,
    controls: u64,
}

#[inline]
fn find(block: &[u8; BLOCK]) -> Found {
    let (mut quotes, mut backslashes, mut controls) = (0, 0, 0);
    let mut shift = 0;
    for chunk in block.as_chunks::<LANES>().0 {
        let bytes = u8x16::from(*chunk);
        let mask = |lanes: u8x16| u64::from(lanes.to_bitmask()) << shift;
        quotes |= mask(bytes.simd_eq(u8x16::splat(b'"')));
        backslashes |= mask(bytes.simd_eq(u8x16::splat(b'\\')));
        controls |= mask(bytes.simd_eq(bytes.min(u8x16::splat(0x1f))));
        shift += LANES;
    }
    Found {
        quotes,
        backslashes,
        controls,
    }
}

impl Found {
    /// What is wanted of a block; `carry` is one if its first byte is escaped, and becomes that of the next.
    #[inline]
    fn marks(&self, carry: &mut u64) -> u64 {
        if self.backslashes | *carry == 0 {
            return self.quotes;
        }
        (self.quotes | self.backslashes) & !self.escaped(carry)
    }

    /// The bytes behind an odd number of backslashes.
    fn escaped(&self, carry: &mut u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let starts = self.backslashes & !*carry;
        let behind = starts << 1 | *carry;
        // Adding a bit to the beginning of a run of ones carries it to behind the end of the run, where it shows
        // whether the run was of even or odd length.
        let odd_starts = starts & !EVEN & !behind;
        let (even_runs, overflow) = odd_starts.overflowing_add(starts);
        *carry = u64::from(overflow);
        (EVEN ^ (even_runs << 1)) & behind
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, Quotes};

    /// The same, byte by byte.
    fn slow(text: &str) -> (Vec<usize>, bool) {
        let (mut places, mut escaped) = (Vec::new(), false);
        for (at, byte) in text.bytes().enumerate() {
            let is_escaped = std::mem::take(&mut escaped);
            if !is_escaped && matches!(byte, b'"' | b'\\') {
                places.push(at);
                escaped = byte == b'\\';
            }
        }
        (places, text.bytes().any(|byte| byte < 0x20))
    }

    proptest! {
        #[test]
        fn many_bytes_at_a_look_see_what_one_at_a_time_sees(
            bytes in proptest::collection::vec(prop_oneof![8 => Just('\\'), 4 => Just('"'), 4 => any::<char>(), 4 => Just('a')], 0..3 * BLOCK)
        ) {
            let text: String = bytes.into_iter().collect();
            let quotes = Quotes::of(&text);
            let next = |from: usize| quotes.next(from);
            let places: Vec<_> = std::iter::successors(next(0), |place| next(place + 1)).collect();
            prop_assert_eq!((places, quotes.has_controls()), slow(&text));
        }
    }
}
