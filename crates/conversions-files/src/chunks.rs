//! Splits an input into chunks of whole lines, in constant memory whatever the length of a line.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};
use segment_spec::MAX_LINE_BYTES;

/// Bytes of one read. Chunks of this size keep workers busy for about a millisecond, so that handing them over costs little.
const CHUNK_BYTES: usize = 256 * 1024;

/// Bytes kept of one line: the longest line that is read, a byte order mark, a line end, and one byte more, by which the
/// reader of the line sees that it is too long.
const KEPT_BYTES: usize = MAX_LINE_BYTES + 8;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Consecutive whole lines of an input.
#[derive(Debug, Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    first_line: u64,
    last_line: u64,
}

impl Chunk {
    /// The lines that are not blank, without line ends, each with its number in the input (from 1).
    pub fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let numbered = (self.first_line..).zip(Lines(&self.bytes));
        numbered.filter(|(_, line)| !line.trim_ascii().is_empty())
    }

    /// Size in bytes, line ends included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The number of its last line in the input.
    #[must_use]
    pub fn last_line(&self) -> u64 {
        self.last_line
    }
}

/// The lines of a text, blank ones too.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let (line, rest) = match memchr(b'\n', self.0) {
            Some(end) => self.0.split_at(end),
            None => (self.0, &[][..]),
        };
        self.0 = rest.strip_prefix(b"\n").unwrap_or(rest);
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

/// Splits an input into chunks.
#[derive(Debug)]
pub struct ChunkReader<R> {
    input: R,
    /// The start of a line whose end has not been read yet.
    carry: Vec<u8>,
    next_line: u64,
    /// Inside a line that is too long: its rest is dropped.
    skipping: bool,
}

impl<R: Read> ChunkReader<R> {
    /// A reader at the start of an input.
    pub fn new(input: R) -> Self {
        Self {
            input,
            carry: Vec::new(),
            next_line: 1,
            skipping: false,
        }
    }

    /// The number of the next line.
    pub fn next_line(&self) -> u64 {
        self.next_line
    }

    /// Reads the next lines into `chunk`; false at the end of the input.
    ///
    /// Returns as soon as a read has brought the end of a line, so that lines of a slow input are passed on at once.
    ///
    /// # Errors
    ///
    /// When reading fails.
    pub fn read(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        let bytes = &mut chunk.bytes;
        bytes.clear();
        bytes.append(&mut self.carry);
        loop {
            let known = bytes.len();
            let fresh = read_some(&mut self.input, bytes)?;
            if fresh == 0 {
                break;
            }
            if self.next_line == 1 && known == 0 && bytes.starts_with(BYTE_ORDER_MARK) {
                bytes.drain(..BYTE_ORDER_MARK.len());
            }
            if self.skipping {
                self.skipping = !drop_rest_of_line(bytes, known);
            }
            let fresh = bytes.get(known.min(bytes.len())..).unwrap_or_default();
            if let Some(end) = memrchr(b'\n', fresh) {
                let whole = known + end + 1;
                self.carry
                    .extend_from_slice(bytes.get(whole..).unwrap_or_default());
                bytes.truncate(whole);
                break;
            }
            if bytes.len() > KEPT_BYTES {
                bytes.truncate(KEPT_BYTES);
                self.skipping = true;
            }
        }
        chunk.first_line = self.next_line;
        let ends = memchr_iter(b'\n', bytes).count() as u64;
        // Only the last line of an input can lack its end.
        let unended = u64::from(!bytes.is_empty() && !bytes.ends_with(b"\n"));
        self.next_line += ends + unended;
        chunk.last_line = self.next_line - 1;
        Ok(!bytes.is_empty())
    }
}

/// Appends the bytes of one read; returns 0 at the end of the input.
fn read_some(input: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let known = bytes.len();
    bytes.resize(known + CHUNK_BYTES, 0);
    let room = bytes.get_mut(known..).unwrap_or_default();
    let read = loop {
        match input.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other,
        }
    };
    bytes.truncate(known + *read.as_ref().unwrap_or(&0));
    read
}

/// Drops the bytes after `kept` up to the end of the line, which stays. Returns whether the end was found.
fn drop_rest_of_line(bytes: &mut Vec<u8>, kept: usize) -> bool {
    if let Some(end) = memchr(b'\n', bytes.get(kept..).unwrap_or_default()) {
        bytes.drain(kept..kept + end);
        true
    } else {
        bytes.truncate(kept);
        false
    }
}

#[cfg(test)]
mod tests;
