//! The Bloom filter of a run.
//!
//! A byte for each id, in memory. That of a large run is written to a file first, and read when the runs that it replaces,
//! and their filters, are gone.

use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write};

use crate::fingerprint::Fingerprint;
use crate::store::bloom::{Block, block_of, blocks_for};
use crate::store::folder::{FileName, Folder, SpoolFile};

/// The largest filter that is held in memory while it is written: 256 KB, of a quarter of a million ids.
const MOST_BLOCKS_IN_MEMORY: usize = 4096;
/// Blocks of a piece: 4 KB. Small pieces leave no gaps in memory when they go.
const PIECE: usize = 64;

/// A filter that can be asked.
pub(super) struct Filter {
    pieces: Vec<Vec<Block>>,
    /// How many blocks there are, or will be.
    blocks: usize,
}

impl Filter {
    /// An empty filter that will have so many blocks.
    pub(super) fn with_blocks(blocks: usize) -> Self {
        let pieces = Vec::with_capacity(blocks.div_ceil(PIECE));
        Self { pieces, blocks }
    }

    /// Adds the next block.
    pub(super) fn push(&mut self, block: Block) {
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < PIECE => piece.push(block),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(block);
                self.pieces.push(piece);
            }
        }
    }

    /// `false` if the run certainly lacks the fingerprint.
    pub(super) fn may_contain(&self, fingerprint: Fingerprint) -> bool {
        let at = block_of(fingerprint, self.blocks);
        let block = self
            .pieces
            .get(at / PIECE)
            .and_then(|piece| piece.get(at % PIECE));
        block.is_none_or(|block| block.may_contain(fingerprint))
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.blocks * size_of::<Block>()
    }

    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.pieces.iter().flatten()
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
    InMemory(Filter),
    InFile(BufWriter<SpoolFile>),
}

impl FilterWriter {
    /// A filter of a run, with room for `count` fingerprints.
    pub(super) fn begin(folder: &Folder, name: FileName, count: usize) -> io::Result<Self> {
        let blocks = blocks_for(count);
        let complete = if blocks > MOST_BLOCKS_IN_MEMORY {
            Complete::InFile(BufWriter::new(folder.spool_file(name)?))
        } else {
            Complete::InMemory(Filter::with_blocks(blocks))
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
                Complete::InMemory(filter) => filter.push(complete),
                Complete::InFile(file) => file.write_all(&complete.to_bytes())?,
            }
            self.written += 1;
        }
        Ok(())
    }

    /// Writes the whole filter to the file of the run. Returns it if it is in memory.
    pub(super) fn finish(mut self, out: &mut impl Write) -> io::Result<Option<Filter>> {
        self.complete_until(self.blocks)?;
        match self.complete {
            Complete::InMemory(filter) => {
                for block in filter.blocks() {
                    out.write_all(&block.to_bytes())?;
                }
                Ok(Some(filter))
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
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Filter, FilterWriter, MOST_BLOCKS_IN_MEMORY};
    use crate::fingerprint::Fingerprint;
    use crate::store::bloom::{BLOCK_BYTES, Block};
    use crate::store::folder::{FileName, Folder};

    fn fingerprints(seed: u64, count: usize) -> Vec<Fingerprint> {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut all: Vec<_> = (0..count).map(|_| Fingerprint(random.u128(..))).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn all_that_was_inserted_is_found_and_little_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(dir.path(), 0).expect("a folder");
        let name = FileName::WriteAheadLog(1);
        for (count, is_small) in [
            (10_000, true),
            (MOST_BLOCKS_IN_MEMORY * BLOCK_BYTES + 10_000, false),
        ] {
            let mut writer = FilterWriter::begin(&folder, name, count).expect("begun");
            for fingerprint in fingerprints(1, count) {
                writer.insert(fingerprint).expect("inserted");
            }
            let mut bytes = Vec::new();
            let filter = writer.finish(&mut bytes).expect("written");
            assert_eq!(filter.is_some(), is_small);
            let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
            assert!(rest.is_empty());
            let mut read = Filter::with_blocks(blocks.len());
            for block in blocks {
                read.push(Block::of_bytes(block));
            }
            for filter in filter.iter().chain([&read]) {
                let finds = |one: &Fingerprint| filter.may_contain(*one);
                assert!(fingerprints(1, count).iter().all(finds));
                let others = fingerprints(2, count);
                assert!(others.iter().filter(|one| finds(one)).count() < count / 25);
            }
        }
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 0, "the spool files are gone");
    }
}
