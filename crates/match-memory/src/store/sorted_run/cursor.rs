//! Reading a run from its beginning to its end.

use super::{SortedRun, SortedRunError};
use crate::fingerprint::Fingerprint;
use crate::store::write_ahead_log::records;

/// A place in a run.
pub(in crate::store) struct Cursor<'r> {
    run: &'r SortedRun,
    next_block: usize,
    body: Vec<u8>,
    /// Bytes of the block that are behind.
    at: usize,
}

impl<'r> Cursor<'r> {
    /// The place of the first record.
    pub(in crate::store) fn new(run: &'r SortedRun) -> Result<Self, SortedRunError> {
        let mut cursor = Self {
            run,
            next_block: 0,
            body: Vec::new(),
            at: 0,
        };
        cursor.fill()?;
        Ok(cursor)
    }

    /// The record at this place; `None` behind the last.
    pub(in crate::store) fn current(&self) -> Option<(Fingerprint, &[u8])> {
        records(self.body.get(self.at..)?).next()
    }

    /// Goes on to the next record.
    pub(in crate::store) fn advance(&mut self) -> Result<(), SortedRunError> {
        if let Some((_, record)) = self.current() {
            self.at += Fingerprint::BYTES + 2 + record.len();
        }
        self.fill()
    }

    fn fill(&mut self) -> Result<(), SortedRunError> {
        if self.at >= self.body.len() && self.next_block < self.run.keys.len() {
            self.at = 0;
            self.run.read_block(self.next_block, &mut self.body)?;
            self.next_block += 1;
        }
        Ok(())
    }
}
