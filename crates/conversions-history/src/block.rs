//! Files that only grow: eight bytes that name the format, then blocks, each with its length and its CRC-32.
//!
//! The process may die while a block is written; the file then ends in one that is not whole, which nobody was told of.

use std::io::{self, Read};

/// Bytes of the name and version of a format.
pub(crate) const MAGIC_BYTES: usize = 8;
/// Length and CRC-32 of the body, four bytes each.
const HEAD_BYTES: usize = 8;
/// No block is longer; a length beyond it is damage.
const MAX_BODY_BYTES: usize = 16 << 20;

/// Appends a body as one block.
pub(crate) fn push_block(out: &mut Vec<u8>, body: &[u8]) {
    push_start(out, body, &[]);
    out.extend_from_slice(body);
}

/// Appends what comes before the body of a block, a body that is two parts.
pub(crate) fn push_start(out: &mut Vec<u8>, first: &[u8], second: &[u8]) {
    let length = u32::try_from(first.len() + second.len()).unwrap_or(u32::MAX);
    let mut crc = crc32fast::Hasher::new();
    crc.update(first);
    crc.update(second);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&crc.finalize().to_le_bytes());
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With its last block.
    Whole,
    /// In a block that was being written.
    Torn,
    /// At bytes that are not those that were written.
    Damaged,
    /// It is of another format or version.
    OtherFormat,
}

/// Hands on the bodies of a file up to the first that is not whole. Says how long the sound part is, and what follows it.
pub(crate) fn read_blocks(
    mut file: impl Read,
    magic: [u8; MAGIC_BYTES],
    mut take: impl FnMut(&[u8]),
) -> io::Result<(u64, End)> {
    let mut found = [0; MAGIC_BYTES];
    match read_whole(&mut file, &mut found)? {
        MAGIC_BYTES if found == magic => {}
        0 => return Ok((0, End::Whole)),
        count if found.starts_with(magic.get(..count).unwrap_or_default()) => {
            return Ok((0, End::Torn));
        }
        _ => return Ok((0, End::OtherFormat)),
    }
    let mut sound = MAGIC_BYTES as u64;
    let mut body = Vec::new();
    loop {
        let mut head = [0; HEAD_BYTES];
        match read_whole(&mut file, &mut head)? {
            HEAD_BYTES => {}
            0 => return Ok((sound, End::Whole)),
            _ => return Ok((sound, End::Torn)),
        }
        let head = u64::from_le_bytes(head);
        let (length, crc) = (head & u64::from(u32::MAX), head >> 32);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > MAX_BODY_BYTES {
            return Ok((sound, End::Damaged));
        }
        body.resize(length, 0);
        if read_whole(&mut file, &mut body)? < length {
            return Ok((sound, End::Torn));
        }
        if u64::from(crc32fast::hash(&body)) != crc {
            // A power failure can leave the last block with its length and without its bytes.
            let is_last = read_whole(&mut file, &mut [0])? == 0;
            return Ok((sound, if is_last { End::Torn } else { End::Damaged }));
        }
        take(&body);
        sound += (HEAD_BYTES + length) as u64;
    }
}

/// Reads until the buffer is full or the file ends; says how many bytes were read.
fn read_whole(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAGIC: [u8; 8] = *b"segTest1";

    fn read(file: &[u8]) -> (Vec<Vec<u8>>, u64, End) {
        let mut bodies = Vec::new();
        let (sound, end) =
            read_blocks(file, MAGIC, |body| bodies.push(body.to_vec())).expect("memory");
        (bodies, sound, end)
    }

    #[test]
    fn a_file_is_read_up_to_the_block_that_is_not_whole() {
        let mut file = MAGIC.to_vec();
        push_block(&mut file, b"first");
        let first = file.len();
        push_block(&mut file, b"second");
        assert_eq!(
            read(&file),
            (
                vec![b"first".to_vec(), b"second".to_vec()],
                file.len() as u64,
                End::Whole
            )
        );
        for end in first + 1..file.len() {
            assert_eq!(
                read(&file[..end]),
                (vec![b"first".to_vec()], first as u64, End::Torn),
                "{end}"
            );
        }
        for end in 1..8 {
            assert_eq!(read(&file[..end]), (vec![], 0, End::Torn), "{end}");
        }
        assert_eq!(read(b""), (vec![], 0, End::Whole));
    }

    #[test]
    fn a_flipped_bit_is_damage_unless_it_is_in_the_last_block() {
        let mut file = MAGIC.to_vec();
        push_block(&mut file, b"first");
        push_block(&mut file, b"second");
        for (at, end) in [
            (17, End::Damaged),
            (file.len() - 1, End::Torn),
            (3, End::OtherFormat),
            (11, End::Damaged),
        ] {
            let mut damaged = file.clone();
            damaged[at] ^= 0x80;
            assert_eq!(read(&damaged).2, end, "{at}");
        }
    }
}
