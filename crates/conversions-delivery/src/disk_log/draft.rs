//! What the changes of one commit share: the events that they add are written together, table by table.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use redb::{ReadableTable, WriteTransaction};

use super::Inner;
use super::record::Record;
use super::seen::NewIds;
use super::tables::{self, BYTES, COUNTERS, Names};
use crate::log::EventKey;
use crate::time::UnixMillis;

/// A commit in the making.
pub(super) struct Draft<'a> {
    pub(super) inner: &'a Inner,
    /// The key of the next event.
    pub(super) next_key: u64,
    pub(super) new_ids: NewIds,
    /// Bytes of events that this commit adds.
    pub(super) added_bytes: u64,
    /// Whether anything is to be written.
    pub(super) is_dirty: bool,
    staged: BTreeMap<Arc<str>, Staged>,
}

/// What is to be written of one destination.
#[derive(Default)]
struct Staged {
    records: Vec<u8>,
    waiting: Vec<(u64, Range<usize>)>,
    later: Vec<((i64, u64), Range<usize>)>,
    added: u64,
    freed: u64,
}

impl<'a> Draft<'a> {
    pub(super) fn new(inner: &'a Inner) -> Self {
        Self {
            next_key: inner.ledger().next_key,
            inner,
            new_ids: NewIds::default(),
            added_bytes: 0,
            is_dirty: false,
            staged: BTreeMap::new(),
        }
    }

    /// Takes the next key.
    pub(super) fn take_key(&mut self) -> EventKey {
        let key = EventKey(self.next_key);
        self.next_key += 1;
        key
    }

    /// Adds an event, put aside until it is due if it is not yet. Gives the bytes that it takes.
    pub(super) fn add(
        &mut self,
        destination: &Arc<str>,
        key: EventKey,
        record: &Record<'_>,
        due: Option<UnixMillis>,
    ) -> u64 {
        self.is_dirty = true;
        let staged = self.staged(destination);
        let start = staged.records.len();
        record.write(destination, key, &mut staged.records);
        let range = start..staged.records.len();
        let bytes = u64::try_from(range.len()).unwrap_or(u64::MAX);
        staged.added += bytes;
        match due {
            None => staged.waiting.push((key.0, range)),
            Some(due) => staged.later.push(((due.0, key.0), range)),
        }
        self.added_bytes += bytes;
        bytes
    }

    /// Notes that bytes of a destination are gone.
    pub(super) fn free(&mut self, destination: &Arc<str>, bytes: u64) {
        self.staged(destination).freed += bytes;
    }

    fn staged(&mut self, destination: &Arc<str>) -> &mut Staged {
        self.staged.entry(Arc::clone(destination)).or_default()
    }

    /// Writes what was added, and what belongs to the whole log.
    pub(super) fn write(&self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        let mut bytes = transaction.open_table(BYTES)?;
        for (destination, staged) in &self.staged {
            staged.write(transaction, &Names::of(destination))?;
            let before = bytes.get(&**destination)?.map_or(0, |bytes| bytes.value());
            let after = (before + staged.added).saturating_sub(staged.freed);
            bytes.insert(&**destination, after)?;
        }
        let mut counters = transaction.open_table(COUNTERS)?;
        counters.insert(tables::NEXT_KEY, self.next_key)?;
        self.inner.ledger().seen.write(transaction, &self.new_ids)
    }
}

impl Staged {
    fn write(&self, transaction: &WriteTransaction, names: &Names) -> Result<(), redb::Error> {
        let mut waiting = transaction.open_table(names.waiting())?;
        for (key, range) in &self.waiting {
            waiting.insert(key, self.record(range))?;
        }
        if !self.later.is_empty() {
            let mut later = transaction.open_table(names.later())?;
            for (key, range) in &self.later {
                later.insert(key, self.record(range))?;
            }
        }
        Ok(())
    }

    fn record(&self, range: &Range<usize>) -> &[u8] {
        self.records.get(range.clone()).unwrap_or_default()
    }
}
