//! The `messageId`s that are remembered: in memory as a window, on disk as rows of the table `seen`, one row a
//! checkpoint.
//!
//! Ids leave the window oldest first, so a row is removed when the last of its ids has left.

use std::collections::{HashSet, VecDeque};

use conversions_delivery::dedup::{DedupKey, DedupWindow};
use conversions_delivery::{DedupOptions, UnixMillis};
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use crate::tables::{self, DEDUP};

/// The window, and which rows of the table it came from.
#[derive(Debug)]
pub(crate) struct DedupIndex {
    window: DedupWindow,
    /// Rows of the table, oldest first, and how many of their ids are still remembered.
    rows: VecDeque<(u64, usize)>,
    next_row: u64,
    /// The next row. Its ids are in the journal only.
    open: OpenRow,
}

#[derive(Debug, Default)]
struct OpenRow {
    bytes: Vec<u8>,
    left: usize,
}

/// The ids of a commit that is being prepared, and their bytes: what the journal and the table take.
#[derive(Debug, Default)]
pub(crate) struct NewIds {
    ids: HashSet<DedupKey>,
    pub(crate) bytes: Vec<u8>,
}

/// Bytes of an id on disk: when it was seen (Unix seconds), and its key.
const ENTRY: usize = 4 + DedupKey::LEN;

impl NewIds {
    /// Adds an id that was seen at `now`.
    pub(crate) fn write(&mut self, key: DedupKey, now: UnixMillis) {
        let seconds = u32::try_from(now.seconds().max(0)).unwrap_or(u32::MAX);
        self.bytes.extend(seconds.to_le_bytes());
        self.bytes.extend(key.0);
    }
}

impl DedupIndex {
    pub(crate) fn load(
        transaction: &ReadTransaction,
        options: DedupOptions,
    ) -> Result<Self, redb::Error> {
        let mut index = Self {
            window: DedupWindow::new(options),
            rows: VecDeque::new(),
            next_row: 0,
            open: OpenRow::default(),
        };
        let Some(table) = tables::open(transaction, DEDUP)? else {
            return Ok(index);
        };
        for row in table.iter()? {
            let (row, value) = row?;
            index.next_row = row.value();
            index.remember(value.value());
            index.close_row();
        }
        Ok(index)
    }

    /// About how many bytes the ids take on disk.
    pub(crate) fn bytes(&self) -> u64 {
        let bytes = self.window.len() * ENTRY + self.rows.len() * 32;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// Whether this id was seen, in earlier commits or in this one. If not, it counts as seen in this commit.
    pub(crate) fn is_duplicate(&self, new: &mut NewIds, key: DedupKey, now: UnixMillis) -> bool {
        if !self.window.is_on() {
            return false;
        }
        if self.window.contains(&key, now) || !new.ids.insert(key) {
            return true;
        }
        new.write(key, now);
        false
    }

    /// Remembers the ids of a commit, or of a row.
    pub(crate) fn remember(&mut self, ids: &[u8]) {
        for (key, seen_at) in entries(ids) {
            self.open.left += 1;
            let forgotten = self.window.insert(key, seen_at);
            self.forget(forgotten);
        }
        self.open.bytes.extend(ids);
    }

    /// Writes the ids that are in the journal only and those of a commit as one row, and removes rows whose ids were
    /// all forgotten.
    pub(crate) fn write(
        &self,
        transaction: &WriteTransaction,
        new: &NewIds,
    ) -> Result<(), redb::Error> {
        let ids = [self.open.bytes.as_slice(), new.bytes.as_slice()].concat();
        if ids.is_empty() {
            return Ok(());
        }
        let mut table = transaction.open_table(DEDUP)?;
        table.insert(self.next_row, ids.as_slice())?;
        for (row, _) in self.rows.iter().take_while(|(_, left)| *left == 0) {
            table.remove(row)?;
        }
        Ok(())
    }

    /// Brings memory up to date after a [write](Self::write) was committed.
    pub(crate) fn finish_write(&mut self, new: &NewIds) {
        if self.open.bytes.is_empty() && new.bytes.is_empty() {
            return;
        }
        while self.rows.front().is_some_and(|(_, left)| *left == 0) {
            self.rows.pop_front();
        }
        self.remember(&new.bytes);
        self.close_row();
    }

    fn close_row(&mut self) {
        let OpenRow { left, .. } = std::mem::take(&mut self.open);
        self.rows.push_back((self.next_row, left));
        self.next_row += 1;
    }

    /// Counts `forgotten` of the oldest ids as gone from their rows.
    fn forget(&mut self, mut forgotten: usize) {
        let rows = self.rows.iter_mut().map(|(_, left)| left);
        for left in rows.chain([&mut self.open.left]) {
            if forgotten == 0 {
                return;
            }
            let fewer = forgotten.min(*left);
            *left -= fewer;
            forgotten -= fewer;
        }
    }
}

fn entries(bytes: &[u8]) -> impl Iterator<Item = (DedupKey, UnixMillis)> {
    bytes.as_chunks::<ENTRY>().0.iter().filter_map(|entry| {
        let (seconds, key) = entry.split_first_chunk()?;
        let key = DedupKey(key.try_into().ok()?);
        let seconds = i64::from(u32::from_le_bytes(*seconds));
        Some((key, UnixMillis::from_seconds(seconds)))
    })
}
