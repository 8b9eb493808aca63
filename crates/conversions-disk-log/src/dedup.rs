//! The `messageId`s that are remembered, on disk in groups of one commit each.

use std::collections::{HashSet, VecDeque};

use conversions_delivery::dedup::{DedupKey, DedupWindow};
use conversions_delivery::{DedupOptions, UnixMillis};
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use crate::tables::{self, SEEN};

/// The window, and which rows of the table it came from.
#[derive(Debug)]
pub(crate) struct Seen {
    window: DedupWindow,
    /// Rows, oldest first, and how many of their ids are still remembered.
    rows: VecDeque<(u64, usize)>,
    next_row: u64,
    /// The next row: so far its ids are in the journal only.
    open: OpenRow,
}

#[derive(Debug, Default)]
struct OpenRow {
    bytes: Vec<u8>,
    left: usize,
}

/// The ids of the commit that is being made.
#[derive(Debug, Default)]
pub(crate) struct NewIds {
    ids: HashSet<DedupKey>,
    pub(crate) bytes: Vec<u8>,
}

const ENTRY: usize = 4 + DedupKey::LEN;

impl Seen {
    pub(crate) fn load(
        transaction: &ReadTransaction,
        options: DedupOptions,
    ) -> Result<Self, redb::Error> {
        let mut seen = Self {
            window: DedupWindow::new(options),
            rows: VecDeque::new(),
            next_row: 0,
            open: OpenRow::default(),
        };
        let Some(table) = tables::open(transaction, SEEN)? else {
            return Ok(seen);
        };
        for row in table.iter()? {
            let (row, value) = row?;
            seen.next_row = row.value();
            seen.note(value.value());
            seen.close_row();
        }
        Ok(seen)
    }

    /// About how many bytes the ids take on disk.
    pub(crate) fn bytes(&self) -> u64 {
        let bytes = self.window.len() * ENTRY + self.rows.len() * 32;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// Whether this id was seen, in earlier commits or in this one; if not, it is from now on.
    pub(crate) fn is_duplicate(
        &self,
        new: &mut NewIds,
        destination: &str,
        message_id: &str,
        now: UnixMillis,
    ) -> bool {
        if !self.window.is_on() {
            return false;
        }
        let key = DedupKey::new(destination, message_id);
        if self.window.contains(&key, now) || !new.ids.insert(key) {
            return true;
        }
        let seconds = u32::try_from(now.seconds().max(0)).unwrap_or(u32::MAX);
        new.bytes.extend(seconds.to_le_bytes());
        new.bytes.extend(key.0);
        false
    }

    /// Remembers the ids of a commit to the journal.
    pub(crate) fn note(&mut self, ids: &[u8]) {
        for (key, seen_at) in entries(ids) {
            self.open.left += 1;
            let forgotten = self.window.insert(key, seen_at);
            self.forget(forgotten);
        }
        self.open.bytes.extend(ids);
    }

    /// Writes the ids of the journal and of a commit, and removes rows that nothing is remembered of.
    pub(crate) fn write(
        &self,
        transaction: &WriteTransaction,
        new: &NewIds,
    ) -> Result<(), redb::Error> {
        let ids = [self.open.bytes.as_slice(), new.bytes.as_slice()].concat();
        if ids.is_empty() {
            return Ok(());
        }
        let mut table = transaction.open_table(SEEN)?;
        table.insert(self.next_row, ids.as_slice())?;
        for (row, _) in self.rows.iter().take_while(|(_, left)| *left == 0) {
            table.remove(row)?;
        }
        Ok(())
    }

    /// What was to be [written](Self::write) is.
    pub(crate) fn written(&mut self, new: &NewIds) {
        if self.open.bytes.is_empty() && new.bytes.is_empty() {
            return;
        }
        while self.rows.front().is_some_and(|(_, left)| *left == 0) {
            self.rows.pop_front();
        }
        self.note(&new.bytes);
        self.close_row();
    }

    fn close_row(&mut self) {
        let OpenRow { left, .. } = std::mem::take(&mut self.open);
        self.rows.push_back((self.next_row, left));
        self.next_row += 1;
    }

    /// So many of the oldest ids are not remembered any more.
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
