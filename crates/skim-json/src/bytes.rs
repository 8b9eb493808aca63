//! Looking for a few bytes in many.

/// As many bytes as the vectors of every processor hold.
const BLOCK: usize = 16;

/// Whether a text contains any of a few ASCII bytes. It is meant for short texts, for which a call of `memchr` costs
/// more than the search.
///
/// ```
/// assert!(skim_json::has_any(b"jane@example.com", [b'@', b'%']));
/// ```
#[inline]
#[must_use]
pub fn has_any<const N: usize>(text: &[u8], sought: [u8; N]) -> bool {
    // Not `any`, which stops early: all bytes of a block are compared by a few vector instructions.
    let is_sought = |byte: u8| {
        sought
            .iter()
            .fold(0, |found, other| found | u8::from(byte == *other))
    };
    let is_in_block =
        |block: &[u8; BLOCK]| block.iter().fold(0, |found, byte| found | is_sought(*byte)) != 0;
    if let Some(last) = text.last_chunk() {
        // The last block overlaps the one before, so that no bytes are left over.
        let (blocks, _) = text.as_chunks();
        return is_in_block(last) || blocks.iter().any(is_in_block);
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return sought
            .into_iter()
            .any(|byte| has(*first, byte) || has(*last, byte));
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let half = |bytes: &[u8; 4]| u64::from(u32::from_ne_bytes(*bytes));
        let bytes = (half(first) << u32::BITS | half(last)).to_ne_bytes();
        return sought.into_iter().any(|byte| has(bytes, byte));
    }
    text.iter().any(|byte| sought.contains(byte))
}

/// Whether an ASCII byte is one of eight.
#[inline]
fn has(bytes: [u8; 8], sought: u8) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let differences = u64::from_ne_bytes(bytes) ^ (ONES * u64::from(sought));
    // Where there is no difference, subtracting one borrows from the high bit.
    differences.wrapping_sub(ONES) & !differences & (ONES << 7) != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::has_any;

    proptest! {
        #[test]
        fn search_agrees_with_str_contains(text in "[@\\\\a-c\u{80}-\u{c0}\u{0}A]{0,40}") {
            prop_assert_eq!(has_any(text.as_bytes(), [b'@', b'\\']), text.contains(['@', '\\']));
            prop_assert_eq!(has_any(text.as_bytes(), [b'@']), text.contains('@'));
        }
    }
}
