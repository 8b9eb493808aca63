//! The `messageId`s that are remembered, on disk in groups of one commit each.

use std::collections::{HashSet, VecDeque};

use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use super::tables::{self, SEEN};
use crate::dedup::{DedupKey, DedupOptions, DedupWindow};
use crate::time::UnixMillis;

/// The window, and which rows of the table it came from.
#[derive(Debug)]
pub(super) struct Seen {
    window: DedupWindow,
    /// Rows, oldest first, and how many of their ids are still remembered.
    rows: VecDeque<(u64, usize)>,
    next_row: u64,
}

/// The ids of the commit that is being made.
#[derive(Debug, Default)]
pub(super) struct NewIds {
    ids: HashSet<DedupKey>,
    bytes: Vec<u8>,
}

const ENTRY: usize = 4 + DedupKey::LEN;

impl Seen {
    pub(super) fn load(
        transaction: &ReadTransaction,
        options: DedupOptions,
    ) -> Result<Self, redb::Error> {
        let mut seen = Self {
            window: DedupWindow::new(options),
            rows: VecDeque::new(),
            next_row: 0,
        };
        let Some(table) = tables::open(transaction, SEEN)? else {
            return Ok(seen);
        };
        for row in table.iter()? {
            let (row, value) = row?;
            let entries: Vec<_> = entries(value.value()).collect();
            seen.remember(row.value(), &entries);
        }
        Ok(seen)
    }

    /// About how many bytes the ids take on disk.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = self.window.len() * ENTRY + self.rows.len() * 32;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// Whether this id was seen, in earlier commits or in this one; if not, it is from now on.
    pub(super) fn is_duplicate(
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

    /// Writes the ids of a commit, and removes rows that nothing is remembered of.
    pub(super) fn write(
        &self,
        transaction: &WriteTransaction,
        new: &NewIds,
    ) -> Result<(), redb::Error> {
        if new.ids.is_empty() {
            return Ok(());
        }
        let mut table = transaction.open_table(SEEN)?;
        table.insert(self.next_row, new.bytes.as_slice())?;
        for (row, _) in self.rows.iter().take_while(|(_, left)| *left == 0) {
            table.remove(row)?;
        }
        Ok(())
    }

    /// The commit is made.
    pub(super) fn committed(&mut self, new: &NewIds) {
        if new.ids.is_empty() {
            return;
        }
        while self.rows.front().is_some_and(|(_, left)| *left == 0) {
            self.rows.pop_front();
        }
        let entries: Vec<_> = entries(&new.bytes).collect();
        self.remember(self.next_row, &entries);
    }

    fn remember(&mut self, row: u64, entries: &[(DedupKey, UnixMillis)]) {
        self.next_row = row + 1;
        self.rows.push_back((row, entries.len()));
        for (key, seen_at) in entries {
            let mut forgotten = self.window.insert(*key, *seen_at);
            for (_, left) in &mut self.rows {
                let fewer = forgotten.min(*left);
                *left -= fewer;
                forgotten -= fewer;
                if forgotten == 0 {
                    break;
                }
            }
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
