//! The Bloom filter of a run: in memory for a small run, read from the file for a large one.
//!
//! The filters of all large runs together would take a byte for each id, and twice that while they are merged. Reading 64
//! bytes, which the operating system most often has in memory, costs less than the memory would.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::os::unix::fs::FileExt as _;

use crate::fingerprint::Fingerprint;
use crate::store::bloom::{BLOCK_BYTES, Block, block_of, blocks_for};
use crate::store::folder::{Folder, SpoolFile};

/// The largest filter that is held in memory: 256 KB, of a quarter of a million ids.
const MOST_BLOCKS_IN_MEMORY: usize = 4096;

/// The filter of a run that can be read.
pub(super) enum Filter {
    InMemory(Vec<Block>),
    OnDisk {
        /// Where it begins in the file of the run.
        at: u64,
        blocks: usize,
    },
}

impl Filter {
    /// A filter of that many bytes, which begins at a place of the file; `None` if these are no whole blocks. Blocks are
    /// [taken](Self::take) one by one.
    pub(super) fn of_bytes(bytes: usize, at: u64) -> Option<Self> {
        let blocks = bytes / BLOCK_BYTES;
        (bytes > 0 && bytes.is_multiple_of(BLOCK_BYTES)).then(|| {
            if blocks > MOST_BLOCKS_IN_MEMORY {
                Self::OnDisk { at, blocks }
            } else {
                Self::InMemory(Vec::with_capacity(blocks))
            }
        })
    }

    /// Takes the next block, as it stands in the file.
    pub(super) fn take(&mut self, bytes: &[u8; BLOCK_BYTES]) {
        if let Self::InMemory(blocks) = self {
            blocks.push(Block::of_bytes(bytes));
        }
    }

    /// `false` if the run certainly lacks the fingerprint.
    pub(super) fn may_contain(&self, fingerprint: Fingerprint, file: &File) -> io::Result<bool> {
        Ok(match self {
            Self::InMemory(blocks) => blocks
                .get(block_of(fingerprint, blocks.len()))
                .is_none_or(|block| block.may_contain(fingerprint)),
            Self::OnDisk { at, blocks } => {
                let mut bytes = [0; BLOCK_BYTES];
                let place = block_of(fingerprint, *blocks) * BLOCK_BYTES;
                file.read_exact_at(&mut bytes, at + place as u64)?;
                Block::of_bytes(&bytes).may_contain(fingerprint)
            }
        })
    }
}

/// A filter that is being written, behind a run that is being written.
pub(super) struct FilterWriter {
    blocks: usize,
    /// Those that are complete.
    complete: Complete,
    written: usize,
    /// The block of the latest fingerprint.
    current: Block,
}

enum Complete {
    InMemory(Vec<Block>),
    InFile(BufWriter<SpoolFile>),
}

impl FilterWriter {
    /// A filter with room for `count` fingerprints.
    pub(super) fn begin(folder: &Folder, count: usize) -> io::Result<Self> {
        let blocks = blocks_for(count);
        let complete = if blocks > MOST_BLOCKS_IN_MEMORY {
            Complete::InFile(BufWriter::new(folder.spool_file()?))
        } else {
            Complete::InMemory(Vec::with_capacity(blocks))
        };
        Ok(Self {
            blocks,
            complete,
            written: 0,
            current: Block::default(),
        })
    }

    /// Adds a fingerprint; they come in their order.
    pub(super) fn insert(&mut self, fingerprint: Fingerprint) -> io::Result<()> {
        self.complete_until(block_of(fingerprint, self.blocks))?;
        self.current.insert(fingerprint);
        Ok(())
    }

    fn complete_until(&mut self, block: usize) -> io::Result<()> {
        while self.written < block {
            let complete = std::mem::take(&mut self.current);
            match &mut self.complete {
                Complete::InMemory(blocks) => blocks.push(complete),
                Complete::InFile(file) => file.write_all(&complete.to_bytes())?,
            }
            self.written += 1;
        }
        Ok(())
    }

    /// Writes the whole filter to the file of the run, at a place in it.
    pub(super) fn finish(mut self, out: &mut impl Write, at: u64) -> io::Result<Filter> {
        self.complete_until(self.blocks)?;
        match self.complete {
            Complete::InMemory(blocks) => {
                for block in &blocks {
                    out.write_all(&block.to_bytes())?;
                }
                Ok(Filter::InMemory(blocks))
            }
            Complete::InFile(file) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.seek(SeekFrom::Start(0))?;
                let mut buffer = [0; 8192];
                loop {
                    match file.read(&mut buffer)? {
                        0 => break,
                        length => out.write_all(buffer.get(..length).unwrap_or_default())?,
                    }
                }
                let blocks = self.blocks;
                Ok(Filter::OnDisk { at, blocks })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{FilterWriter, MOST_BLOCKS_IN_MEMORY};
    use crate::fingerprint::Fingerprint;
    use crate::store::bloom::BLOCK_BYTES;
    use crate::store::folder::Folder;

    fn fingerprints(seed: u64, count: usize) -> Vec<Fingerprint> {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut all: Vec<_> = (0..count).map(|_| Fingerprint(random.u128(..))).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn all_that_was_inserted_is_found_and_little_else_in_memory_and_on_disk() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(dir.path(), 0).expect("a folder");
        let path = dir.path().join("filter");
        for count in [10_000, MOST_BLOCKS_IN_MEMORY * BLOCK_BYTES + 10_000] {
            let mut writer = FilterWriter::begin(&folder, count).expect("begun");
            for fingerprint in fingerprints(1, count) {
                writer.insert(fingerprint).expect("inserted");
            }
            let mut bytes = b"before".to_vec();
            let filter = writer.finish(&mut bytes, 6).expect("written");
            fs::write(&path, &bytes).expect("written");
            let file = fs::File::open(&path).expect("a file");
            let mut read = super::Filter::of_bytes(bytes.len() - 6, 6).expect("a filter");
            for block in bytes[6..].as_chunks::<BLOCK_BYTES>().0 {
                read.take(block);
            }
            for filter in [filter, read] {
                let finds = |one: &Fingerprint| filter.may_contain(*one, &file).expect("read");
                assert!(fingerprints(1, count).iter().all(finds));
                let others = fingerprints(2, count);
                assert!(others.iter().filter(|one| finds(one)).count() < count / 25);
            }
        }
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 0, "the spool files are gone");
    }
}
