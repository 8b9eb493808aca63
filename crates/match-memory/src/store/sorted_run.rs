//! A sorted run (an SSTable): records sorted by fingerprint in a file that never changes.
//!
//! ```text
//! "segMrun2"    padded to a page of 4 KB
//! blocks        one page each: CRC-32 and length of the body (4 bytes each), the body: a list of records as in the log;
//!               padded. A record that is too long for a page is a block of several pages
//! index         for each page the upper quarter of the first fingerprint of its block, 4 bytes
//! Bloom filter  bits of all fingerprints
//! sample        of the fingerprints
//! footer        number of records (8), start of the index (8), length of index, filter and sample (4 each), CRC-32 of
//!               these three and the numbers before it (4), "segMrun2"
//! ```
//!
//! Index, filter and sample are held in memory, at 300 bytes a record 2.5 bits of the index and 8 of the filter for an id. A
//! look-up of what is there reads one page; one of what is not there most often reads nothing.

mod block;
mod cursor;
mod filter;
mod footer;
mod index;
mod writer;

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

pub(super) use cursor::Cursor;
pub(super) use writer::SortedRunWriter;

use self::block::{page_place, read_block};
use self::filter::Filter;
use self::footer::{FOOTER_BYTES, Footer};
use self::index::Index;
use super::bloom;
use super::folder::{FileName, Folder};
use super::id_sample::IdSample;
use super::write_ahead_log::{RECORD_HEAD, records};
use crate::fingerprint::Fingerprint;

/// Name and version of the format.
const MAGIC: &[u8; 8] = b"segMrun2";

/// A run that can be read.
pub(super) struct SortedRun {
    pub(super) name: FileName,
    file: File,
    pub(super) count: u64,
    pub(super) bytes: u64,
    index: Index,
    /// None as long as the filter is not in memory: then every look-up reads a page.
    filter: Option<Filter>,
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
    /// Opens a run and reads its index and its filter.
    pub(super) fn open(folder: &Folder, name: FileName) -> Result<Self, SortedRunError> {
        let file = open_for_reading(&folder.path_of(name))?;
        let bytes = file.metadata()?.len();
        let footer_at = bytes
            .checked_sub(FOOTER_BYTES as u64)
            .ok_or(SortedRunError::Damaged)?;
        let mut footer = [0; FOOTER_BYTES];
        file.read_exact_at(&mut footer, footer_at)?;
        let footer = Footer::read(&footer)
            .filter(|footer| footer.sections_end() == Some(footer_at))
            .ok_or(SortedRunError::Damaged)?;
        let [index_bytes, filter_bytes, sample_bytes] = footer.lengths;
        let mut sections = Sections {
            file: &file,
            at: footer.index_at,
            crc: crc32fast::Hasher::new(),
        };
        let mut index = Index::default();
        sections.read::<4>(index_bytes, |key| index.push(u32::from_le_bytes(key)))?;
        let mut filter = Filter::with_blocks(filter_bytes / bloom::BLOCK_BYTES);
        sections.read(filter_bytes, |block| {
            filter.push(bloom::Block::of_bytes(&block));
        })?;
        let mut sample = Vec::with_capacity(sample_bytes);
        sections.read::<8>(sample_bytes, |pair| sample.extend_from_slice(&pair))?;
        if footer.checksum(sections.crc.finalize()) != footer.crc
            || footer.index_at != page_place(index.len())
        {
            return Err(SortedRunError::Damaged);
        }
        Ok(Self {
            name,
            file,
            count: footer.count,
            bytes,
            index,
            filter: Some(filter),
            sample: IdSample::read(&sample).ok_or(SortedRunError::Damaged)?,
        })
    }

    /// The record of a fingerprint, if there is one. `pages` is room for what is read.
    pub(super) fn get<'p>(
        &self,
        fingerprint: Fingerprint,
        pages: &'p mut Vec<u8>,
    ) -> Result<Option<&'p [u8]>, SortedRunError> {
        let filter = self.filter.as_ref();
        if filter.is_some_and(|filter| !filter.may_contain(fingerprint)) {
            return Ok(None);
        }
        let mut candidates = self.index.candidates(quarter_of(fingerprint));
        while let Some(page) = candidates.next() {
            let (body, more_pages) = read_block(&self.file, page, self.index.len(), pages)?;
            if let Some(place) = find(pages, body, fingerprint) {
                return Ok(pages.get(place));
            }
            if more_pages > 0 {
                candidates.nth(more_pages - 1);
            }
        }
        Ok(None)
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        let filter = self.filter.as_ref().map_or(0, Filter::memory);
        filter + self.index.len() * size_of::<u32>() + self.sample.memory()
    }

    /// Whether the filter is in memory. That of a large run is not after it was written: it was too large to be there
    /// beside those of the runs that it replaces.
    pub(super) fn has_filter(&self) -> bool {
        self.filter.is_some()
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

/// Opens a file without noting when it was read, where that is allowed: noting it takes a twentieth of a look-up.
fn open_for_reading(path: &Path) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Only the owner of a file may ask for it.
        let opened = File::options()
            .read(true)
            .custom_flags(i32::try_from(rustix::fs::OFlags::NOATIME.bits()).unwrap_or(0))
            .open(path);
        if let Ok(file) = opened {
            return Ok(file);
        }
    }
    File::open(path)
}

/// Where the record of a fingerprint stands in the body of a block.
fn find(pages: &[u8], body: Range<usize>, fingerprint: Fingerprint) -> Option<Range<usize>> {
    let mut at = body.start;
    for (id, record) in records(pages.get(body)?) {
        let start = at + RECORD_HEAD;
        at = start + record.len();
        if id >= fingerprint {
            return (id == fingerprint).then_some(start..at);
        }
    }
    None
}

/// What the index knows of a fingerprint: enough to tell apart more blocks than fit into a file.
fn quarter_of(fingerprint: Fingerprint) -> u32 {
    (fingerprint.upper() >> 32) as u32
}

#[cfg(test)]
mod tests;
