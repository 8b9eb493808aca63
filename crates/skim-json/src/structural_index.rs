//! Where the strings of a JSON text begin and end, and where they have escapes. The index is built of the whole text
//! before it is read, 64 bytes at a time, with the widest registers that the processor has.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// How many bytes make a block: one for each bit of a mask.
const BLOCK: usize = 64;

/// Bits in a byte, and bytes of a window: eight of them make the `u64` that is read at once.
const BITS: usize = 8;

/// Bits of a window that are there wherever in its first byte it begins: a window is read from whole bytes, and the
/// bits before its beginning are shifted out.
const WINDOW: usize = BITS * BITS - BITS + 1;

/// Where quotes are that are not escaped, and backslashes that escape something.
///
/// Backslashes outside strings are recorded too, since strings are not told from the rest here. They do no harm: the
/// scanner refuses such a text when it comes to the backslash.
#[derive(Debug, Clone, Default)]
pub(crate) struct StructuralIndex {
    /// One bit for each byte of the text, the first in the lowest. Eight zero bytes follow, so that a window can be
    /// read at the end of the text as anywhere else.
    quotes: Vec<u8>,
    escapes: Escapes,
    opening_brackets: usize,
    has_controls: bool,
}

impl StructuralIndex {
    /// Builds the index of a text.
    pub(crate) fn build(text: &str) -> Self {
        let bytes = text.as_bytes();
        dispatch!(Level::new(), simd => scan(simd, bytes))
    }

    /// The quotes among the bytes from a place on, at least [`WINDOW`] of them, the first byte in the lowest bit;
    /// `None` behind the end.
    #[inline]
    pub(crate) fn quotes_from(&self, place: usize) -> Option<u64> {
        window(&self.quotes, place)
    }

    /// The place of the first quote from a place on.
    pub(crate) fn next_quote(&self, from: usize) -> Option<usize> {
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
    pub(crate) fn opening_brackets(&self) -> usize {
        self.opening_brackets
    }

    /// Whether there is any control character, inside a string or between values.
    #[inline]
    pub(crate) fn has_controls(&self) -> bool {
        self.has_controls
    }

    /// Whether every backslash stands before a character that may be escaped.
    #[inline]
    pub(crate) fn has_known_escapes_only(&self) -> bool {
        !self.escapes.has_unknown
    }

    /// Where `\u` stands. Whether four hex digits follow has not been checked.
    #[inline]
    pub(crate) fn unicode_escapes(&self) -> &[usize] {
        &self.escapes.unicode
    }

    /// Whether anything is escaped from one place up to another.
    #[inline]
    pub(crate) fn has_escapes(&self, from: usize, to: usize) -> bool {
        !self.escapes.backslashes.is_empty() && self.has_escapes_between(from, to)
    }

    fn has_escapes_between(&self, from: usize, to: usize) -> bool {
        let (mut place, mut found) = (from, 0);
        while place < to {
            let hidden = WINDOW.saturating_sub(to - place);
            found |= window(&self.escapes.backslashes, place).unwrap_or_default()
                << (64 - WINDOW + hidden);
            place += WINDOW;
        }
        found != 0
    }
}

/// The bits from a place on, the first in the lowest; `None` behind the end.
#[inline]
fn window(bits: &[u8], place: usize) -> Option<u64> {
    let from = place / BITS;
    let bytes = bits.get(from..from + BITS)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes) >> (place % BITS))
}

#[expect(
    clippy::inline_always,
    reason = "the instructions for wide registers may be used only inside the function that checked for them"
)]
#[expect(
    clippy::slow_vector_initialization,
    reason = "for so few bytes, asking the allocator for zeroed memory takes longer than zeroing it here"
)]
#[inline(always)]
fn scan<S: Simd>(simd: S, bytes: &[u8]) -> StructuralIndex {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut last = [b' '; BLOCK];
    if let Some(last) = last.get_mut(..rest.len()) {
        last.copy_from_slice(rest);
    }
    let mut quotes = Vec::with_capacity((blocks.len() + 2) * BITS);
    quotes.resize((blocks.len() + 2) * BITS, 0);
    let (mut escapes, length) = (Escapes::default(), quotes.len());
    let mut totals = Totals {
        lowest: u8x64::splat(simd, b' '),
        opening_brackets: 0,
        carry: 0,
    };
    if let ([quotes @ .., last_quotes, _], []) = quotes.as_chunks_mut::<BITS>() {
        for (index, (quotes, block)) in quotes.iter_mut().zip(blocks).enumerate() {
            *quotes = scan_block(&mut totals, block, index, (&mut escapes, length)).to_le_bytes();
        }
        *last_quotes =
            scan_block(&mut totals, &last, blocks.len(), (&mut escapes, length)).to_le_bytes();
    }
    StructuralIndex {
        quotes,
        escapes,
        opening_brackets: totals.opening_brackets as usize,
        has_controls: totals.lowest.simd_ne(b' ').any_true(),
    }
}

/// What is known of all blocks together.
struct Totals<S: Simd> {
    /// For each place in a block, the lowest byte there: a control character shows as one below a blank.
    lowest: u8x64<S>,
    opening_brackets: u32,
    /// One if the first byte of the next block is escaped.
    carry: u64,
}

/// The quotes of a block. Its escapes are added to those of the blocks before; `length` is that of the bits of all
/// blocks.
#[expect(
    clippy::inline_always,
    reason = "the instructions for wide registers may be used only inside the function that checked for them"
)]
#[inline(always)]
fn scan_block<S: Simd>(
    totals: &mut Totals<S>,
    block: &[u8; BLOCK],
    index: usize,
    (escapes, length): (&mut Escapes, usize),
) -> u64 {
    let bytes = u8x64::simd_from(totals.lowest.token(), *block);
    totals.lowest = totals.lowest.min(bytes);
    // `[` and `{` differ in this bit only.
    totals.opening_brackets += (bytes | 0x20).simd_eq(b'{').to_bitmask().count_ones();
    let quotes = bytes.simd_eq(b'"').to_bitmask();
    let backslashes = bytes.simd_eq(b'\\').to_bitmask();
    if backslashes | totals.carry == 0 {
        return quotes;
    }
    let behind_backslash = escaped(backslashes, &mut totals.carry);
    let is = |byte: u8| bytes.simd_eq(byte).to_bitmask();
    let unicode = is(b'u');
    let known = is(b'/') | is(b'b') | is(b'f') | is(b'n') | is(b'r') | is(b't') | unicode;
    escapes.has_unknown |= behind_backslash & !(known | quotes | backslashes) != 0;
    escapes.record(index, backslashes & !behind_backslash, length);
    if behind_backslash & unicode != 0 {
        escapes.record_unicode(index, behind_backslash & unicode);
    }
    quotes & !behind_backslash
}

/// What is escaped in a text.
#[derive(Debug, Clone, Default)]
struct Escapes {
    /// One bit for each byte of the text, as of the quotes: backslashes that escape something. Empty if there are none.
    backslashes: Vec<u8>,
    /// The places of backslashes before a `u`.
    unicode: Vec<usize>,
    /// Whether a backslash stands before a character that cannot be escaped.
    has_unknown: bool,
}

impl Escapes {
    /// Records the backslashes of a block.
    #[inline(never)]
    fn record(&mut self, index: usize, backslashes: u64, length: usize) {
        if self.backslashes.is_empty() {
            self.backslashes.resize(length, 0);
        }
        if let Some(bits) = self.backslashes.as_chunks_mut().0.get_mut(index) {
            *bits = backslashes.to_le_bytes();
        }
    }

    /// Records the places of `\u` in a block.
    #[inline(never)]
    fn record_unicode(&mut self, index: usize, mut escaped: u64) {
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

    use super::{BITS, BLOCK, StructuralIndex};

    /// Quotes, backslashes that escape, opening brackets, and whether there are control characters, found byte by byte.
    fn index_by_byte(text: &str) -> (Vec<usize>, Vec<usize>, usize, bool) {
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
        let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'{'));
        (
            quotes,
            backslashes,
            brackets.count(),
            text.bytes().any(|byte| byte < 0x20),
        )
    }

    proptest! {
        #[test]
        fn index_of_blocks_is_that_of_single_bytes(
            bytes in proptest::collection::vec(
                prop_oneof![8 => Just('\\'), 4 => Just('"'), 2 => Just('['), 2 => Just('{'), 4 => any::<char>(), 4 => Just('a'), 4 => Just('u'), 4 => proptest::char::range('/', 'v')],
                0..3 * BLOCK
            ),
            span in (0..4 * BLOCK, 0..4 * BLOCK),
        ) {
            let text: String = bytes.into_iter().collect();
            let index = StructuralIndex::build(&text);
            let expected = index_by_byte(&text);
            let (from, to) = span;
            prop_assert_eq!(
                index.has_escapes(from, to),
                expected.1.iter().any(|place| (from..to).contains(place))
            );
            let next = |from: usize| index.next_quote(from);
            let places: Vec<_> = std::iter::successors(next(0), |place| next(place + 1)).collect();
            let near = places.iter().filter(|place| (from..from + BLOCK - from % BITS).contains(place));
            let near = near.fold(0, |bits, place| bits | 1 << (place - from));
            prop_assert_eq!(index.quotes_from(from).unwrap_or_default(), near);
            let bytes = text.as_bytes();
            let escaped: Vec<_> = expected.1.iter().map(|place| bytes.get(place + 1)).collect();
            let is_known = |byte: Option<&u8>| byte.is_some_and(|byte| b"\"\\/bfnrtu".contains(byte));
            prop_assert_eq!(index.has_known_escapes_only(), escaped.into_iter().all(is_known));
            let is_unicode = |place: &usize| bytes.get(place + 1) == Some(&b'u');
            let unicode: Vec<_> = expected.1.iter().copied().filter(is_unicode).collect();
            prop_assert_eq!(index.unicode_escapes(), unicode);
            let backslashes = (0..text.len()).filter(|place| index.has_escapes(*place, place + 1)).collect();
            let found = (places, backslashes, index.opening_brackets(), index.has_controls());
            prop_assert_eq!(found, expected);
        }
    }
}
