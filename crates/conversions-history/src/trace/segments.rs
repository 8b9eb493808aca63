//! The segments of a trace: files named by number, which grow and are removed as a whole.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use crate::block::{End, read_blocks};
use crate::codec::Decoder;
use crate::folder;

/// Name and version of the format.
pub(super) const MAGIC: [u8; 8] = *b"segTrac2";
const EXTENSION: &str = ".trace";

/// A segment, as its blocks describe it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) bytes: u64,
    pub(super) events: u64,
    /// When the first and the last block were written: Unix milliseconds.
    pub(super) first_at: Option<i64>,
    pub(super) last_at: i64,
}

pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:010}{EXTENSION}"))
}

/// The numbers of the segments of a folder, ascending.
pub(super) fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let names = folder::names(folder)?;
    let number = |name: &String| name.strip_suffix(EXTENSION)?.parse().ok();
    Ok(names.iter().filter_map(number).collect())
}

/// The head of a block: when it was written, and how many of its records are events.
pub(super) fn block_head(at: i64, events: u32) -> [u8; 12] {
    let mut head = [0; 12];
    head[..8].copy_from_slice(&at.to_le_bytes());
    head[8..].copy_from_slice(&events.to_le_bytes());
    head
}

impl Segment {
    /// Reads a segment; hands on the records of each block. Says how long its sound part is, and how it ended.
    pub(super) fn read(
        folder: &Path,
        number: u64,
        mut take: impl FnMut(&[u8]),
    ) -> io::Result<(Self, End)> {
        let file = BufReader::with_capacity(1 << 16, File::open(path(folder, number))?);
        let mut segment = Self {
            number,
            ..Self::default()
        };
        let (sound, end) = read_blocks(file, MAGIC, |body| {
            let mut decoder = Decoder(body);
            let (Some(at), Some(events)) = (decoder.array(), decoder.array()) else {
                return;
            };
            segment.last_at = i64::from_le_bytes(at);
            segment.first_at.get_or_insert(segment.last_at);
            segment.events += u64::from(u32::from_le_bytes(events));
            take(decoder.0);
        })?;
        segment.bytes = sound;
        Ok((segment, end))
    }
}
