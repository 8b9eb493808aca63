//! Reading a segment of the journal: to its end and past what is damaged.

use std::io;

use bytes::Bytes;
use redb::StorageBackend;

use super::{HEADER_BYTES, MAGIC};

/// Magic, number, length, checksum.
const HEADER_BYTES_U64: u64 = 4 + 8 + 4 + 4;
/// Bytes that are read in one go when the next record is searched for behind damage.
const WINDOW: usize = 1 << 20;

/// A record of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) segment: u64,
    /// Where `bytes` begin in the segment.
    pub(crate) offset: u64,
    /// The entries, as they were written; of damaged records everything that is there.
    pub(crate) bytes: Bytes,
    /// Whether they are damaged. Records follow them, so they were written wholly.
    pub(crate) is_damaged: bool,
}

/// What was found when a journal was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct JournalContents {
    /// Where the next record goes.
    pub(super) end: u64,
    /// The number of the next record; `None` when there is no record.
    pub(super) next: Option<u64>,
    /// Damaged records that are followed by whole ones.
    pub(crate) damaged: u64,
    /// A segment with damaged records.
    pub(crate) damaged_segment: Option<u64>,
    /// The last segment ends in an incomplete record. The process died while writing it, so it was never acknowledged, and
    /// it is discarded. Damage to the last record looks the same.
    pub(crate) has_torn_end: bool,
}

/// The header of a record.
pub(super) fn header(number: u64, entries: &[u8]) -> [u8; HEADER_BYTES] {
    let length = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let parts = MAGIC
        .into_iter()
        .chain(number.to_le_bytes())
        .chain(length.to_le_bytes())
        .chain(checksum(number, entries).to_le_bytes());
    let mut header = [0; HEADER_BYTES];
    for (to, from) in header.iter_mut().zip(parts) {
        *to = from;
    }
    header
}

/// Reads the records of a segment from `start` on; the first has the number `expected`, if that is known.
pub(super) fn read(
    file: &dyn StorageBackend,
    segment: u64,
    start: u64,
    mut expected: Option<u64>,
    mut visit: impl FnMut(Record),
) -> io::Result<JournalContents> {
    let mut contents = JournalContents {
        end: start,
        ..JournalContents::default()
    };
    let length = file.len()?;
    if length < start {
        // The end of the segment is gone, and with it whatever followed.
        contents.damaged = 1;
        contents.damaged_segment = Some(segment);
    }
    let mut at = start;
    // Where bytes begin that are no record.
    let mut bad_from = None;
    while at < length {
        let Some((number, entries)) = record_at(file, at, length)? else {
            let Some(next) = next_record(file, at + 1, length)? else {
                contents.has_torn_end = !is_blank(file, at, length)?;
                break;
            };
            bad_from = Some(at);
            at = next;
            continue;
        };
        let bad = bad_from.take().map(|start| start..at);
        let offset = at + HEADER_BYTES_U64;
        at = offset + u64::try_from(entries.len()).unwrap_or(u64::MAX);
        if expected.is_some_and(|expected| number < expected) {
            // It was reported as failed, and another one was to take its place.
            continue;
        }
        // The gap in numbers tells how many records the bad bytes were. Without a gap, they are what is left of one
        // that was reported as failed.
        let missing = number - expected.unwrap_or(number);
        if let Some(bad) = bad
            && (missing > 0 || expected.is_none())
        {
            contents.damaged_segment = Some(segment);
            visit(Record {
                segment,
                offset: bad.start,
                bytes: read_range(file, bad)?,
                is_damaged: true,
            });
            contents.damaged += missing.max(1);
        } else {
            contents.damaged += missing;
        }
        expected = Some(number + 1);
        contents.next = expected;
        contents.end = at;
        visit(Record {
            segment,
            offset,
            bytes: entries.into(),
            is_damaged: false,
        });
    }
    Ok(contents)
}

/// The bytes in a range of the file.
fn read_range(file: &dyn StorageBackend, range: std::ops::Range<u64>) -> io::Result<Bytes> {
    let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read(range.start, &mut bytes)?;
    Ok(bytes.into())
}

/// The record that begins here, if one does.
fn record_at(
    file: &dyn StorageBackend,
    at: u64,
    length: u64,
) -> io::Result<Option<(u64, Vec<u8>)>> {
    let mut header = [0; HEADER_BYTES];
    if at + HEADER_BYTES_U64 > length {
        return Ok(None);
    }
    file.read(at, &mut header)?;
    let Some((number, size, sum)) = parse(&header) else {
        return Ok(None);
    };
    let begin = at + HEADER_BYTES_U64;
    if begin.saturating_add(size.into()) > length {
        return Ok(None);
    }
    let Ok(size) = usize::try_from(size) else {
        return Ok(None);
    };
    let mut entries = vec![0; size];
    file.read(begin, &mut entries)?;
    Ok((checksum(number, &entries) == sum).then_some((number, entries)))
}

fn parse(header: &[u8; HEADER_BYTES]) -> Option<(u64, u32, u32)> {
    let rest = header.strip_prefix(&MAGIC)?;
    let (number, rest) = rest.split_first_chunk()?;
    let (size, rest) = rest.split_first_chunk()?;
    let sum = rest.first_chunk()?;
    Some((
        u64::from_le_bytes(*number),
        u32::from_le_bytes(*size),
        u32::from_le_bytes(*sum),
    ))
}

/// Where the next record begins, looked for byte by byte.
fn next_record(file: &dyn StorageBackend, from: u64, length: u64) -> io::Result<Option<u64>> {
    let mut at = from;
    let overlap = MAGIC.len() - 1;
    while at < length {
        let left = usize::try_from(length - at).unwrap_or(usize::MAX);
        let mut window = vec![0; left.min(WINDOW)];
        file.read(at, &mut window)?;
        for (place, _) in window
            .windows(MAGIC.len())
            .enumerate()
            .filter(|(_, bytes)| *bytes == MAGIC)
        {
            let place = at + u64::try_from(place).unwrap_or(0);
            if record_at(file, place, length)?.is_some() {
                return Ok(Some(place));
            }
        }
        if window.len() <= overlap {
            break;
        }
        at += u64::try_from(window.len() - overlap).unwrap_or(u64::MAX);
        if left <= WINDOW {
            break;
        }
    }
    Ok(None)
}

fn is_blank(file: &dyn StorageBackend, from: u64, length: u64) -> io::Result<bool> {
    let mut at = from;
    while at < length {
        let size = usize::try_from(length - at)
            .unwrap_or(usize::MAX)
            .min(WINDOW);
        let mut window = vec![0; size];
        file.read(at, &mut window)?;
        if window.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at += u64::try_from(size).unwrap_or(u64::MAX);
    }
    Ok(true)
}

fn checksum(number: u64, entries: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_le_bytes());
    hasher.update(&u64::try_from(entries.len()).unwrap_or(0).to_le_bytes());
    hasher.update(entries);
    hasher.finalize()
}
