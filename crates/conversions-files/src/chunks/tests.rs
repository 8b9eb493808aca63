//! The lines do not depend on the sizes of the reads.

use super::*;

/// An input whose reads return at most this many bytes.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let size = self.1.min(self.0.len()).min(room.len());
        let (now, later) = self.0.split_at(size);
        room[..size].copy_from_slice(now);
        self.0 = later;
        Ok(size)
    }
}

fn lines(text: &[u8], step: usize) -> Vec<(u64, Vec<u8>)> {
    let mut reader = ChunkReader::new(Slow(text, step));
    let mut chunk = Chunk::default();
    let mut lines = Vec::new();
    while reader.read(&mut chunk).unwrap() {
        lines.extend(chunk.lines().map(|(at, line)| (at, line.to_vec())));
    }
    lines
}

#[test]
fn lines_do_not_depend_on_how_the_input_comes() {
    let text = b"\xef\xbb\xbf{\"a\":1}\r\n\n  \t\r\n[2]\nlast without an end";
    let expected = [
        (1, b"{\"a\":1}".to_vec()),
        (4, b"[2]".to_vec()),
        (5, b"last without an end".to_vec()),
    ];
    for step in [3, 4, 7, 1000] {
        assert_eq!(lines(text, step), expected, "read by {step} bytes");
    }
}

#[test]
fn an_empty_input_has_no_lines() {
    assert!(lines(b"", 10).is_empty());
    assert!(lines(b"\n\r\n \n", 10).is_empty());
    assert!(lines(b"\xef\xbb\xbf", 10).is_empty());
}

#[test]
fn a_line_of_any_length_takes_bounded_memory_and_keeps_its_neighbours() {
    let mut text = b"before\n".to_vec();
    text.extend(std::iter::repeat_n(b'x', 20_000_000));
    text.extend_from_slice(b"\nafter\n");
    let mut reader = ChunkReader::new(&text[..]);
    let mut chunk = Chunk::default();
    let mut seen = Vec::new();
    while reader.read(&mut chunk).unwrap() {
        assert!(chunk.bytes.capacity() < 4 * MAX_LINE_BYTES);
        seen.extend(chunk.lines().map(|(at, line)| (at, line.len())));
    }
    assert_eq!(seen, [(1, 6), (2, KEPT_BYTES), (3, 5)]);
    const {
        assert!(
            KEPT_BYTES > MAX_LINE_BYTES,
            "so that the reader of the line sees that it is too long"
        );
    }
}

#[test]
fn the_longest_line_that_is_read_arrives_whole() {
    let mut text = BYTE_ORDER_MARK.to_vec();
    text.extend(std::iter::repeat_n(b'x', MAX_LINE_BYTES));
    text.extend_from_slice(b"\r\n{}");
    let seen: Vec<_> = lines(&text, CHUNK_BYTES)
        .into_iter()
        .map(|(at, line)| (at, line.len()))
        .collect();
    assert_eq!(seen, [(1, MAX_LINE_BYTES), (2, 2)]);
}
