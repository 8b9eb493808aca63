//! The blocks of a run: pages with a checksum.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use super::SortedRunError;

/// What the operating system keeps and reads at once. A block is one page unless a record is too long for it.
pub(super) const PAGE_BYTES: usize = 4096;
/// Checksum and length in front of the body of a block.
pub(super) const BLOCK_HEAD: usize = 8;

/// Where a page of the blocks begins in the file: behind one with the name of the format.
pub(super) fn page_place(page: usize) -> u64 {
    (page as u64 + 1) * PAGE_BYTES as u64
}

/// How many pages a block has whose body is that long.
pub(super) fn block_pages(body: usize) -> usize {
    body.saturating_add(BLOCK_HEAD).div_ceil(PAGE_BYTES)
}

/// Reads the block that begins at a page, of `count` in all, into `pages`. Returns where the body is in there, and how many
/// more pages than one it takes.
pub(super) fn read_block(
    file: &File,
    page: usize,
    count: usize,
    pages: &mut Vec<u8>,
) -> Result<(Range<usize>, usize), SortedRunError> {
    pages.resize(PAGE_BYTES, 0);
    file.read_exact_at(pages, page_place(page))?;
    let more_pages = block_pages(body_length(pages)) - 1;
    if more_pages > 0 {
        if page + more_pages >= count {
            return Err(SortedRunError::Damaged);
        }
        pages.resize(PAGE_BYTES * (1 + more_pages), 0);
        let rest = pages.get_mut(PAGE_BYTES..).unwrap_or_default();
        file.read_exact_at(rest, page_place(page + 1))?;
    }
    Ok((check_block(pages)?, more_pages))
}

/// The length of the body of the block that begins here, as its head says.
pub(super) fn body_length(block: &[u8]) -> usize {
    let length = block
        .get(4..BLOCK_HEAD)
        .and_then(|length| length.try_into().ok());
    usize::try_from(u32::from_le_bytes(length.unwrap_or_default())).unwrap_or(usize::MAX)
}

/// Where the body of the block is that begins here, if its checksum is right.
pub(super) fn check_block(block: &[u8]) -> Result<Range<usize>, SortedRunError> {
    let body = BLOCK_HEAD..BLOCK_HEAD.saturating_add(body_length(block));
    let (Some([a, b, c, d]), Some(bytes)) = (block.first_chunk(), block.get(body.clone())) else {
        return Err(SortedRunError::Damaged);
    };
    if crc32fast::hash(bytes) == u32::from_le_bytes([*a, *b, *c, *d]) {
        Ok(body)
    } else {
        Err(SortedRunError::Damaged)
    }
}
