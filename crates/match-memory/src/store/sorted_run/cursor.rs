//! Reading a run from its beginning to its end.

use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use super::block::{PAGE_BYTES, block_pages, body_length, check_block, page_place};
use super::{SortedRun, SortedRunError};
use crate::fingerprint::Fingerprint;
use crate::store::write_ahead_log::{RECORD_HEAD, records};

/// How many pages are read at once.
const READ_AHEAD: usize = 8;

/// A place in a run.
pub(in crate::store) struct Cursor<'r> {
    run: &'r SortedRun,
    /// Pages that were read, and which.
    pages: Vec<u8>,
    loaded: Range<usize>,
    /// The first page of the next block.
    next_page: usize,
    /// What is left of the body of this block behind the current record, in `pages`.
    rest: Range<usize>,
    current: Option<(Fingerprint, Range<usize>)>,
}

impl<'r> Cursor<'r> {
    /// The place of the first record.
    pub(in crate::store) fn new(run: &'r SortedRun) -> Result<Self, SortedRunError> {
        let mut cursor = Self {
            run,
            pages: Vec::new(),
            loaded: 0..0,
            next_page: 0,
            rest: 0..0,
            current: None,
        };
        cursor.advance()?;
        Ok(cursor)
    }

    /// The record at this place; `None` behind the last.
    pub(in crate::store) fn current(&self) -> Option<(Fingerprint, &[u8])> {
        let (id, record) = self.current.as_ref()?;
        Some((*id, self.pages.get(record.clone())?))
    }

    /// The fingerprint of the record at this place.
    pub(in crate::store) fn id(&self) -> Option<Fingerprint> {
        self.current.as_ref().map(|(id, _)| *id)
    }

    /// Goes on to the next record.
    pub(in crate::store) fn advance(&mut self) -> Result<(), SortedRunError> {
        self.fill()?;
        let rest = self.pages.get(self.rest.clone()).unwrap_or_default();
        self.current = records(rest).next().map(|(id, record)| {
            let start = self.rest.start + RECORD_HEAD;
            (id, start..start + record.len())
        });
        self.rest.start = match &self.current {
            Some((_, record)) => record.end,
            None => self.rest.end,
        };
        Ok(())
    }

    fn fill(&mut self) -> Result<(), SortedRunError> {
        let (page, count) = (self.next_page, self.run.index.len());
        if !self.rest.is_empty() || page >= count {
            return Ok(());
        }
        if !self.loaded.contains(&page) {
            self.load(page..count.min(page + READ_AHEAD))?;
        }
        let end = page + block_pages(body_length(self.from(page)));
        if end > count {
            return Err(SortedRunError::Damaged);
        }
        if end > self.loaded.end {
            self.load(page..end)?;
        }
        let body = check_block(self.from(page))?;
        let start = (page - self.loaded.start) * PAGE_BYTES;
        self.rest = start + body.start..start + body.end;
        self.next_page = end;
        Ok(())
    }

    /// What was read, from a page on.
    fn from(&self, page: usize) -> &[u8] {
        let start = (page - self.loaded.start) * PAGE_BYTES;
        self.pages.get(start..).unwrap_or_default()
    }

    fn load(&mut self, pages: Range<usize>) -> Result<(), SortedRunError> {
        self.pages.resize(pages.len() * PAGE_BYTES, 0);
        self.run
            .file
            .read_exact_at(&mut self.pages, page_place(pages.start))?;
        self.loaded = pages;
        Ok(())
    }
}
