//! Text as a JSON string.

/// Writes a text as a JSON string.
pub fn write_str(text: &str, out: &mut String) {
    out.push('"');
    write_inside_quotes(text, out);
    out.push('"');
}

/// Writes what stands between the quotes of a text's JSON string.
pub(crate) fn write_inside_quotes(text: &str, out: &mut String) {
    // Most texts have nothing to escape.
    if needs_escapes(text) {
        write_escaped(text, out);
    } else {
        out.push_str(text);
    }
}

/// Whether anything in a text is escaped in JSON.
pub(crate) fn needs_escapes(text: &str) -> bool {
    has_escapes(text.as_bytes())
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "comparisons that are always made can be made for many bytes at a time"
)]
fn needs_escape(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// As many bytes as the vectors of every processor hold.
const BLOCK: usize = 16;

/// Whether any byte needs to be escaped. The last block overlaps the one before, so that no bytes are left over.
fn has_escapes(bytes: &[u8]) -> bool {
    // Not `any`, which stops early: all bytes of a block are compared by a few vector instructions.
    let is_in_block = |block: &[u8; BLOCK]| {
        block
            .iter()
            .fold(false, |found, byte| found | needs_escape(*byte))
    };
    if let Some(last) = bytes.last_chunk() {
        let (blocks, _) = bytes.as_chunks();
        return is_in_block(last) || blocks.iter().any(is_in_block);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return escapes_of_word(*first) | escapes_of_word(*last) != 0;
    }
    bytes.iter().any(|byte| needs_escape(*byte))
}

/// Not 0 if any of the bytes needs to be escaped.
#[inline]
fn escapes_of_word(bytes: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES * 0x80;
    let word = u64::from_ne_bytes(bytes);
    // Below a bound, a subtraction borrows from the high bit, unless that was there before.
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, 0x20) | is(b'"') | is(b'\\')) & HIGH
}

fn write_escaped(text: &str, out: &mut String) {
    let mut done = 0;
    for (at, byte) in text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| needs_escape(*byte))
    {
        out.push_str(&text[done..at]);
        done = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            _ => {
                out.push_str("\\u00");
                out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
                out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
            }
        }
    }
    out.push_str(&text[done..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{has_escapes, needs_escape, write_str};

    proptest! {
        #[test]
        fn string_is_written_as_serde_json_writes_it(text in any::<String>()) {
            let mut out = String::new();
            write_str(&text, &mut out);
            prop_assert_eq!(out, serde_json::to_string(&text)?);
        }

        #[test]
        fn search_by_block_agrees_with_search_by_byte(text in proptest::collection::vec(
            prop_oneof![9 => 0x20..=0xffu8, 1 => any::<u8>()], 0..40,
        )) {
            prop_assert_eq!(has_escapes(&text), text.iter().any(|byte| needs_escape(*byte)));
        }
    }
}
