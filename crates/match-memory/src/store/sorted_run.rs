//! A sorted run (an SSTable): records sorted by fingerprint in a file that never changes.
//!
//! ```text
//! "segMrun1"
//! blocks        CRC-32 and length of the body (4 bytes each), the body: a list of records as in the log; padded to 16 bytes
//! index         for each block the upper quarter of its first fingerprint and its place in units of 16 bytes, 4 bytes each
//! Bloom filter  bits of all fingerprints
//! sample        of the fingerprints
//! footer        number of records (8), start of the index (8), length of index, filter and sample (4 each), CRC-32 of
//!               these three and the numbers before it (4), "segMrun1"
//! ```
//!
//! Index and sample are held in memory, at 300 bytes a record 2.4 bits of the index for an id; so is the filter of a small
//! run. A look-up of what is there reads one block; one of what is not there most often reads nothing but the filter.

mod cursor;
mod filter;
mod writer;

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

pub(super) use cursor::Cursor;
pub(super) use writer::SortedRunWriter;

use self::filter::Filter;
use super::bloom;
use super::folder::{FileName, Folder};
use super::id_sample::IdSample;
use super::write_ahead_log::records;
use crate::fingerprint::Fingerprint;

/// Name and version of the format.
const MAGIC: &[u8; 8] = b"segMrun1";
/// A block is closed before it grows longer than this. Each takes eight bytes of memory for the index: with blocks of a
/// page the index of ten million ids takes 3 MB more; with larger ones a look-up reads and checks more.
const BLOCK_BYTES: usize = 8 << 10;
const BLOCK_HEAD: usize = 8;
/// Blocks begin at multiples of this, so that four bytes tell the place in a file of up to 64 GB.
const ALIGNMENT: u64 = 16;
const INDEX_ENTRY: usize = 4 + 4;
const FOOTER_BYTES: usize = 8 + 8 + 3 * 4 + 4 + 8;

/// A run that can be read.
pub(super) struct SortedRun {
    pub(super) name: FileName,
    file: File,
    pub(super) count: u64,
    pub(super) bytes: u64,
    /// Upper quarter of the first fingerprint of each block.
    keys: Vec<u32>,
    /// Where each block begins, in units of [`ALIGNMENT`].
    places: Vec<u32>,
    /// Where the last block ends.
    blocks_end: u64,
    filter: Filter,
    pub(super) sample: IdSample,
}

/// Why a run cannot be read.
#[derive(Debug)]
pub(super) enum SortedRunError {
    /// Bytes in it are not those that were written.
    Damaged,
    Io(io::Error),
}

impl From<io::Error> for SortedRunError {
    fn from(error: io::Error) -> Self {
        // The file is shorter than it says.
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Damaged
        } else {
            Self::Io(error)
        }
    }
}

impl SortedRun {
    /// Opens a run and reads its index.
    pub(super) fn open(folder: &Folder, name: FileName) -> Result<Self, SortedRunError> {
        let file = File::open(folder.path_of(name))?;
        let bytes = file.metadata()?.len();
        let footer_at = bytes
            .checked_sub(FOOTER_BYTES as u64)
            .ok_or(SortedRunError::Damaged)?;
        let mut footer = [0; FOOTER_BYTES];
        file.read_exact_at(&mut footer, footer_at)?;
        let footer = Footer::read(&footer).ok_or(SortedRunError::Damaged)?;
        footer_at
            .checked_sub(footer.index_at)
            .and_then(|length| usize::try_from(length).ok())
            .filter(|length| {
                footer
                    .lengths
                    .iter()
                    .try_fold(0, |sum: usize, length| sum.checked_add(*length))
                    == Some(*length)
            })
            .ok_or(SortedRunError::Damaged)?;
        let [index, bloom, sample] = footer.lengths;
        let mut sections = Sections {
            file: &file,
            at: footer.index_at,
            crc: crc32fast::Hasher::new(),
        };
        let (mut keys, mut places) = (Vec::new(), Vec::new());
        keys.reserve_exact(index / INDEX_ENTRY);
        places.reserve_exact(index / INDEX_ENTRY);
        sections.read::<INDEX_ENTRY>(index, |entry| {
            let entry = u64::from_le_bytes(entry);
            let (key, place) = (entry & u64::from(u32::MAX), entry >> 32);
            keys.extend(u32::try_from(key));
            places.extend(u32::try_from(place));
        })?;
        let filter = Filter::of_bytes(bloom, sections.at);
        let mut filter = filter.ok_or(SortedRunError::Damaged)?;
        sections.read::<{ bloom::BLOCK_BYTES }>(bloom, |block| filter.take(&block))?;
        let mut sampled = Vec::with_capacity(sample);
        sections.read::<8>(sample, |pair| sampled.extend_from_slice(&pair))?;
        if footer.checksum(sections.crc.finalize()) != footer.crc {
            return Err(SortedRunError::Damaged);
        }
        Ok(Self {
            name,
            file,
            count: footer.count,
            bytes,
            keys,
            places,
            blocks_end: footer.index_at,
            filter,
            sample: IdSample::read(&sampled).ok_or(SortedRunError::Damaged)?,
        })
    }

    /// The record of a fingerprint, appended to `out`; `false` if there is none.
    pub(super) fn get(
        &self,
        fingerprint: Fingerprint,
        out: &mut Vec<u8>,
    ) -> Result<bool, SortedRunError> {
        if !self.filter.may_contain(fingerprint, &self.file)? {
            return Ok(false);
        }
        let quarter = quarter_of(fingerprint);
        // Two fingerprints with the same upper quarter may stand on either side of the border between two blocks.
        let after = self.keys.partition_point(|key| *key < quarter);
        let mut body = Vec::with_capacity(BLOCK_BYTES);
        for block in after.saturating_sub(1)..self.keys.len() {
            if block >= after && self.keys.get(block).is_none_or(|key| *key > quarter) {
                break;
            }
            self.read_block(block, &mut body)?;
            if let Some((_, record)) = records(&body).find(|(id, _)| *id == fingerprint) {
                out.extend_from_slice(record);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether everything older than this run's records may be hidden by it.
    pub(super) fn has_resets(&self) -> bool {
        matches!(
            self.name,
            FileName::SortedRun {
                has_resets: true,
                ..
            }
        )
    }

    /// Reads the body of a block, and checks it.
    fn read_block(&self, block: usize, body: &mut Vec<u8>) -> Result<(), SortedRunError> {
        let place = |block: usize| {
            self.places
                .get(block)
                .map(|place| u64::from(*place) * ALIGNMENT)
        };
        let start = place(block).ok_or(SortedRunError::Damaged)?;
        let end = place(block + 1).unwrap_or(self.blocks_end);
        let length = end
            .checked_sub(start)
            .and_then(|length| usize::try_from(length).ok());
        let length = length
            .filter(|length| *length >= BLOCK_HEAD)
            .ok_or(SortedRunError::Damaged)?;
        body.resize(length, 0);
        self.file.read_exact_at(body, start)?;
        let Some((head, rest)) = body.split_first_chunk::<BLOCK_HEAD>() else {
            return Err(SortedRunError::Damaged);
        };
        let head = u64::from_le_bytes(*head);
        let (crc, length) = (head & u64::from(u32::MAX), head >> 32);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if rest
            .get(..length)
            .map(|body| u64::from(crc32fast::hash(body)))
            != Some(crc)
        {
            return Err(SortedRunError::Damaged);
        }
        body.truncate(BLOCK_HEAD + length);
        body.drain(..BLOCK_HEAD);
        Ok(())
    }
}

/// Reads what stands behind the blocks, a little at a time: it may be as large as all memory that is allowed.
struct Sections<'f> {
    file: &'f File,
    at: u64,
    crc: crc32fast::Hasher,
}

impl Sections<'_> {
    /// Hands on the next `length` bytes, `N` at a time.
    fn read<const N: usize>(
        &mut self,
        length: usize,
        mut take: impl FnMut([u8; N]),
    ) -> Result<(), SortedRunError> {
        let mut rest = length;
        let mut buffer = [0; 8192];
        while rest > 0 {
            let part = buffer.get_mut(..rest.min(8192)).unwrap_or_default();
            self.file.read_exact_at(part, self.at)?;
            self.crc.update(part);
            let (items, odd) = part.as_chunks::<N>();
            if !odd.is_empty() {
                return Err(SortedRunError::Damaged);
            }
            for item in items {
                take(*item);
            }
            rest -= part.len();
            self.at += part.len() as u64;
        }
        Ok(())
    }
}

/// What the index knows of a fingerprint: enough to tell apart more blocks than fit into a file.
fn quarter_of(fingerprint: Fingerprint) -> u32 {
    (fingerprint.upper() >> 32) as u32
}

/// The end of the file.
struct Footer {
    count: u64,
    index_at: u64,
    /// Of the index, the filter and the sample.
    lengths: [usize; 3],
    crc: u32,
}

impl Footer {
    fn read(bytes: &[u8; FOOTER_BYTES]) -> Option<Self> {
        let long = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let short = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let length = |at: usize| Some(short(at)? as usize);
        bytes.ends_with(MAGIC).then_some(Self {
            count: long(0)?,
            index_at: long(8)?,
            lengths: [length(16)?, length(20)?, length(24)?],
            crc: short(28)?,
        })
    }

    fn write(&self) -> [u8; FOOTER_BYTES] {
        let mut bytes = Vec::with_capacity(FOOTER_BYTES);
        bytes.extend_from_slice(&self.count.to_le_bytes());
        bytes.extend_from_slice(&self.index_at.to_le_bytes());
        for length in self.lengths {
            bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        }
        bytes.extend_from_slice(&self.crc.to_le_bytes());
        bytes.extend_from_slice(MAGIC);
        bytes.try_into().unwrap_or([0; FOOTER_BYTES])
    }

    /// The checksum of tail and numbers together.
    fn checksum(&self, tail: u32) -> u32 {
        let mut hasher = crc32fast::Hasher::new_with_initial(tail);
        hasher.update(&self.count.to_le_bytes());
        hasher.update(&self.index_at.to_le_bytes());
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests;
