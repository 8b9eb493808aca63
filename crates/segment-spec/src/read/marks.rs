//! Where the strings of a JSON text begin and end, and where they have escapes, found in all of the text before it is
//! read, with the widest registers that the processor has.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// How many bytes make a block: one for each bit of a mask.
const BLOCK: usize = 64;

/// How many bits a byte has, and how many bytes of bits are looked at together.
const BITS: usize = 8;

/// How many bits are sure to be seen in one look, wherever in a byte it begins.
const AHEAD: usize = BITS * BITS - BITS + 1;

/// Quotes that are not escaped, and backslashes that escape something.
///
/// A backslash outside of strings escapes nothing, but is taken to: whoever reads the text meets it before it can do
/// harm.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    /// One bit for each byte of the text, the first in the lowest, and at the end as many bytes without any as are looked
    /// at together.
    quotes: Vec<u8>,
    escapes: Escapes,
    openers: usize,
    has_controls: bool,
}

impl Marks {
    /// Finds those of a text.
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        dispatch!(Level::new(), simd => find_all(simd, bytes))
    }

    /// The quotes among the [`AHEAD`] bytes from a place on, and of a few more, the first byte in the lowest bit; `None`
    /// behind the end.
    #[inline]
    pub(super) fn quotes_from(&self, place: usize) -> Option<u64> {
        ahead(&self.quotes, place)
    }

    /// The place of the first quote from a place on.
    pub(super) fn next_quote(&self, from: usize) -> Option<usize> {
        let mut place = from;
        loop {
            let quotes = self.quotes_from(place)?;
            if quotes != 0 {
                return Some(place + quotes.trailing_zeros() as usize);
            }
            place = (place / BITS + BITS) * BITS;
        }
    }

    /// How many `[` and `{` there are, inside of strings and outside.
    #[inline]
    pub(crate) fn openers(&self) -> usize {
        self.openers
    }

    /// Whether there is any control character, inside a string or between values.
    #[inline]
    pub(crate) fn has_controls(&self) -> bool {
        self.has_controls
    }

    /// Whether what is escaped stands for something, as far as one byte shows it.
    #[inline]
    pub(super) fn escapes_are_known(&self) -> bool {
        !self.escapes.has_unknown
    }

    /// Where `\u` stands; what is behind it has not been looked at.
    #[inline]
    pub(super) fn unicode_escapes(&self) -> &[usize] {
        &self.escapes.unicode
    }

    /// Whether anything is escaped from one place up to another.
    #[inline]
    pub(super) fn has_escapes(&self, from: usize, to: usize) -> bool {
        !self.escapes.backslashes.is_empty() && self.has_escapes_between(from, to)
    }

    fn has_escapes_between(&self, from: usize, to: usize) -> bool {
        let (mut place, mut found) = (from, 0);
        while place < to {
            let hidden = AHEAD.saturating_sub(to - place);
            found |= ahead(&self.escapes.backslashes, place).unwrap_or_default()
                << (64 - AHEAD + hidden);
            place += AHEAD;
        }
        found != 0
    }
}

/// The bits from a place on, the first in the lowest; `None` behind the end.
#[inline]
fn ahead(marks: &[u8], place: usize) -> Option<u64> {
    let from = place / BITS;
    let bytes = marks.get(from..from + BITS)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes) >> (place % BITS))
}

#[expect(
    clippy::inline_always,
    reason = "wide registers are at hand only where this is inlined"
)]
#[expect(
    clippy::slow_vector_initialization,
    reason = "of so few bytes an allocator takes longer to give them zeroed than it takes to zero them"
)]
#[inline(always)]
fn find_all<S: Simd>(simd: S, bytes: &[u8]) -> Marks {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut last = [b' '; BLOCK];
    if let Some(last) = last.get_mut(..rest.len()) {
        last.copy_from_slice(rest);
    }
    let mut quotes = Vec::with_capacity((blocks.len() + 2) * BITS);
    quotes.resize((blocks.len() + 2) * BITS, 0);
    let (mut escapes, length) = (Escapes::default(), quotes.len());
    let mut sum = Sum {
        lowest: u8x64::splat(simd, b' '),
        openers: 0,
        carry: 0,
    };
    if let ([quotes @ .., last_quotes, _], []) = quotes.as_chunks_mut::<BITS>() {
        for (index, (quotes, block)) in quotes.iter_mut().zip(blocks).enumerate() {
            *quotes = look(&mut sum, block, index, (&mut escapes, length)).to_le_bytes();
        }
        *last_quotes = look(&mut sum, &last, blocks.len(), (&mut escapes, length)).to_le_bytes();
    }
    Marks {
        quotes,
        escapes,
        openers: sum.openers as usize,
        has_controls: sum.lowest.simd_ne(b' ').any_true(),
    }
}

/// What comes out of all blocks together.
struct Sum<S: Simd> {
    /// The lowest of the bytes that stand at the same place.
    lowest: u8x64<S>,
    openers: u32,
    /// One if the first byte of the next block is escaped.
    carry: u64,
}

/// The quotes of a block; its escapes are added to those before, of which there are marks of a length.
#[expect(
    clippy::inline_always,
    reason = "wide registers are at hand only where this is inlined"
)]
#[inline(always)]
fn look<S: Simd>(
    sum: &mut Sum<S>,
    block: &[u8; BLOCK],
    index: usize,
    (before, length): (&mut Escapes, usize),
) -> u64 {
    let bytes = u8x64::simd_from(sum.lowest.token(), *block);
    sum.lowest = sum.lowest.min(bytes);
    // The openers differ in one bit.
    sum.openers += (bytes | 0x20).simd_eq(b'{').to_bitmask().count_ones();
    let quotes = bytes.simd_eq(b'"').to_bitmask();
    let backslashes = bytes.simd_eq(b'\\').to_bitmask();
    if backslashes | sum.carry == 0 {
        return quotes;
    }
    let escaped = escaped(backslashes, &mut sum.carry);
    let is = |byte: u8| bytes.simd_eq(byte).to_bitmask();
    let unicode = is(b'u');
    let known = is(b'/') | is(b'b') | is(b'f') | is(b'n') | is(b'r') | is(b't') | unicode;
    before.has_unknown |= escaped & !(known | quotes | backslashes) != 0;
    before.keep(index, backslashes & !escaped, length);
    if escaped & unicode != 0 {
        before.keep_unicode(index, escaped & unicode);
    }
    quotes & !escaped
}

/// What is escaped in a text.
#[derive(Debug, Clone, Default)]
struct Escapes {
    /// One bit for each byte of the text, as quotes have them, of backslashes that escape something; empty if there are
    /// none.
    backslashes: Vec<u8>,
    /// Where the backslashes are before a `u`.
    unicode: Vec<usize>,
    /// Whether anything is escaped that stands for nothing.
    has_unknown: bool,
}

impl Escapes {
    /// Writes down the backslashes of a block.
    #[inline(never)]
    fn keep(&mut self, index: usize, backslashes: u64, length: usize) {
        if self.backslashes.is_empty() {
            self.backslashes.resize(length, 0);
        }
        if let Some(marks) = self.backslashes.as_chunks_mut().0.get_mut(index) {
            *marks = backslashes.to_le_bytes();
        }
    }

    /// Writes down what is escaped in a block and is a `u`.
    #[inline(never)]
    fn keep_unicode(&mut self, index: usize, mut escaped: u64) {
        while escaped != 0 {
            let place = index * BLOCK + escaped.trailing_zeros() as usize;
            // The backslash may be the last byte of the block before.
            self.unicode.push(place.saturating_sub(1));
            escaped &= escaped - 1;
        }
    }
}

/// The bytes behind an odd number of backslashes; `carry` is one if the first byte is escaped, and becomes that of the
/// next block.
#[inline]
fn escaped(backslashes: u64, carry: &mut u64) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let starts = backslashes & !*carry;
    let behind = starts << 1 | *carry;
    // Adding a bit to the beginning of a run of ones carries it to behind the end of the run, where it shows whether
    // the run was of even or odd length.
    let odd_starts = starts & !EVEN & !behind;
    let (even_runs, overflow) = odd_starts.overflowing_add(starts);
    *carry = u64::from(overflow);
    (EVEN ^ (even_runs << 1)) & behind
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BITS, BLOCK, Marks};

    /// Quotes, backslashes that escape, openers, and whether there are control characters, byte by byte.
    fn slow(text: &str) -> (Vec<usize>, Vec<usize>, usize, bool) {
        let (mut quotes, mut backslashes, mut escaped) = (Vec::new(), Vec::new(), false);
        for (at, byte) in text.bytes().enumerate() {
            let is_escaped = std::mem::take(&mut escaped);
            match byte {
                b'"' if !is_escaped => quotes.push(at),
                b'\\' if !is_escaped => {
                    backslashes.push(at);
                    escaped = true;
                }
                _ => {}
            }
        }
        let openers = text.bytes().filter(|byte| matches!(byte, b'[' | b'{'));
        (
            quotes,
            backslashes,
            openers.count(),
            text.bytes().any(|byte| byte < 0x20),
        )
    }

    proptest! {
        #[test]
        fn many_bytes_at_a_look_see_what_one_at_a_time_sees(
            bytes in proptest::collection::vec(
                prop_oneof![8 => Just('\\'), 4 => Just('"'), 2 => Just('['), 2 => Just('{'), 4 => any::<char>(), 4 => Just('a'), 4 => Just('u'), 4 => proptest::char::range('/', 'v')],
                0..3 * BLOCK
            ),
            span in (0..4 * BLOCK, 0..4 * BLOCK),
        ) {
            let text: String = bytes.into_iter().collect();
            let marks = Marks::of(&text);
            let expected = slow(&text);
            let (from, to) = span;
            prop_assert_eq!(
                marks.has_escapes(from, to),
                expected.1.iter().any(|place| (from..to).contains(place))
            );
            let next = |from: usize| marks.next_quote(from);
            let places: Vec<_> = std::iter::successors(next(0), |place| next(place + 1)).collect();
            let near = places.iter().filter(|place| (from..from + BLOCK - from % BITS).contains(place));
            let near = near.fold(0, |bits, place| bits | 1 << (place - from));
            prop_assert_eq!(marks.quotes_from(from).unwrap_or_default(), near);
            let bytes = text.as_bytes();
            let escaped: Vec<_> = expected.1.iter().map(|place| bytes.get(place + 1)).collect();
            let is_known = |byte: Option<&u8>| byte.is_some_and(|byte| b"\"\\/bfnrtu".contains(byte));
            prop_assert_eq!(marks.escapes_are_known(), escaped.into_iter().all(is_known));
            let is_unicode = |place: &usize| bytes.get(place + 1) == Some(&b'u');
            let unicode: Vec<_> = expected.1.iter().copied().filter(is_unicode).collect();
            prop_assert_eq!(marks.unicode_escapes(), unicode);
            let backslashes = (0..text.len()).filter(|place| marks.has_escapes(*place, place + 1)).collect();
            let found = (places, backslashes, marks.openers(), marks.has_controls());
            prop_assert_eq!(found, expected);
        }
    }
}
