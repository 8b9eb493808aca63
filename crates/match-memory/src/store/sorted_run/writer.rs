//! Writing a run.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::block::{BLOCK_HEAD, PAGE_BYTES, block_pages, page_place};
use super::filter::FilterWriter;
use super::footer::Footer;
use super::index::Index;
use super::{MAGIC, SortedRun, quarter_of};
use crate::fingerprint::Fingerprint;
use crate::record::{is_linked, is_reset, last_seen, says_something};
use crate::store::folder::{FileName, Folder};
use crate::store::id_sample::IdSample;
use crate::store::write_ahead_log::push_record;

/// What stands between the end of a block and that of its page.
const PADDING: [u8; PAGE_BYTES] = [0; PAGE_BYTES];

/// A run that is being written. Dropped without [`SortedRunWriter::finish`], it leaves no run.
pub(in crate::store) struct SortedRunWriter {
    name: FileName,
    out: BufWriter<File>,
    block: Vec<u8>,
    first_of_block: Option<Fingerprint>,
    count: u64,
    index: Index,
    filter: FilterWriter,
    sample: IdSample,
}

impl SortedRunWriter {
    /// Begins a run of about `count` records, which sets the size of its Bloom filter.
    pub(in crate::store) fn begin(
        folder: &Folder,
        name: FileName,
        count: usize,
    ) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(64 * 1024, folder.create_new(name)?);
        out.write_all(MAGIC)?;
        out.write_all(&PADDING[MAGIC.len()..])?;
        Ok(Self {
            name,
            out,
            block: Vec::with_capacity(PAGE_BYTES),
            first_of_block: None,
            count: 0,
            index: Index::default(),
            filter: FilterWriter::begin(folder, name, count)?,
            sample: IdSample::default(),
        })
    }

    /// Adds a record; records come in the order of their fingerprints.
    pub(in crate::store) fn push(
        &mut self,
        fingerprint: Fingerprint,
        record: &[u8],
    ) -> io::Result<()> {
        let length = Fingerprint::BYTES + 2 + record.len();
        if !self.block.is_empty() && BLOCK_HEAD + self.block.len() + length > PAGE_BYTES {
            self.close_block()?;
        }
        self.first_of_block.get_or_insert(fingerprint);
        push_record(&mut self.block, fingerprint, record);
        self.filter.insert(fingerprint)?;
        if self.sample.wants(fingerprint) {
            if says_something(record) {
                let is_linked = is_linked(record);
                self.sample.add(fingerprint, last_seen(record), is_linked);
            } else if is_reset(record) {
                self.sample.add(fingerprint, 0, false);
            }
        }
        self.count += 1;
        Ok(())
    }

    fn close_block(&mut self) -> io::Result<()> {
        let Some(first) = self.first_of_block.take() else {
            return Ok(());
        };
        let length = u32::try_from(self.block.len()).map_err(io::Error::other)?;
        self.out
            .write_all(&crc32fast::hash(&self.block).to_le_bytes())?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(&self.block)?;
        let pages = block_pages(self.block.len());
        let padding = pages * PAGE_BYTES - BLOCK_HEAD - self.block.len();
        self.out
            .write_all(PADDING.get(..padding).unwrap_or_default())?;
        for _ in 0..pages {
            self.index.push(quarter_of(first));
        }
        self.block.clear();
        Ok(())
    }

    /// Makes the run durable and gives it its name.
    pub(in crate::store) fn finish(mut self, folder: &Folder) -> io::Result<SortedRun> {
        self.close_block()?;
        self.sample.shrink();
        let mut tail = Checksummed {
            out: self.out,
            crc: crc32fast::Hasher::new(),
            bytes: 0,
        };
        for key in self.index.keys() {
            tail.write_all(&key.to_le_bytes())?;
        }
        let index_end = tail.bytes;
        let filter = self.filter.finish(&mut tail)?;
        let bloom_end = tail.bytes;
        self.sample.write(&mut tail)?;
        let mut footer = Footer {
            count: self.count,
            index_at: page_place(self.index.len()),
            lengths: [index_end, bloom_end - index_end, tail.bytes - bloom_end],
            crc: 0,
        };
        footer.crc = footer.checksum(tail.crc.finalize());
        let footer = footer.write();
        let bytes = page_place(self.index.len()) + (tail.bytes + footer.len()) as u64;
        let mut out = tail.out;
        out.write_all(&footer)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_data()?;
        folder.publish(self.name)?;
        Ok(SortedRun {
            name: self.name,
            file,
            count: self.count,
            bytes,
            index: self.index,
            filter,
            sample: self.sample,
        })
    }
}

/// Counts and sums what passes through.
struct Checksummed {
    out: BufWriter<File>,
    crc: crc32fast::Hasher,
    bytes: usize,
}

impl Write for Checksummed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.crc.update(bytes);
        self.bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
