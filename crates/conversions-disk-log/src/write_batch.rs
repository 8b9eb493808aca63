//! What the changes of one commit share: what they add is written together, to the journal or table by table.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use conversions_delivery::{AppendError, EventKey, UnixMillis};
use bytes::Bytes;
use redb::{ReadableTable, WriteTransaction};

use crate::shared::{Inner, lock};
use crate::inputs::InputChanges;
use crate::journal::{Entry, Page};
use crate::record::Record;
use crate::dedup::NewIds;
use crate::tables::{self, BYTES, COUNTERS, Names};

/// What an entry of the journal takes around its record.
const BYTES_OF_ENTRY: usize = 16;
/// About what names of destinations and inputs take.
const BYTES_OF_REST: usize = 1024;

/// A commit in the making.
pub(crate) struct Draft<'a> {
    pub(crate) inner: &'a Inner,
    /// The key of the next event.
    pub(crate) next_key: u64,
    pub(crate) new_ids: NewIds,
    pub(crate) inputs: InputChanges,
    /// Bytes of events that this commit adds.
    pub(crate) added_bytes: u64,
    /// Bytes that are free on the disk, and how large it is; asked once.
    pub(crate) free_bytes: Option<(u64, u64)>,
    /// Whether anything is to be written.
    pub(crate) is_dirty: bool,
    staged: BTreeMap<Arc<str>, Staged>,
}

/// What is to be written of one destination.
#[derive(Default)]
struct Staged {
    records: Vec<u8>,
    waiting: Vec<(u64, Range<usize>)>,
    later: Vec<((i64, u64), Range<usize>)>,
    delivered: Vec<u64>,
    added: u64,
    freed: u64,
}

/// What of the log is in the journal only, by destination.
pub(crate) type Tails = Vec<(Arc<str>, Vec<(u64, Bytes)>)>;

impl<'a> Draft<'a> {
    pub(crate) fn new(inner: &'a Inner) -> Self {
        Self {
            next_key: inner.ledger().next_key,
            inner,
            new_ids: NewIds::default(),
            inputs: InputChanges::default(),
            added_bytes: 0,
            free_bytes: None,
            is_dirty: false,
            staged: BTreeMap::new(),
        }
    }

    /// Whether there is room for so many more bytes.
    pub(crate) fn check_room(&mut self, bytes: u64) -> Result<(), AppendError> {
        let Inner {
            append_trouble,
            folder,
            options,
            held_bytes,
            ..
        } = self.inner;
        if let Some(trouble) = &*lock(append_trouble)
            && trouble.until > Instant::now()
        {
            return Err(trouble.error.clone().into());
        }
        if self.free_bytes.is_none() {
            self.free_bytes = folder.as_ref().and_then(|folder| folder.free_bytes().ok());
        }
        if let Some((free, total)) = self.free_bytes {
            let free = free.saturating_sub(self.added_bytes);
            let spare = options.spare_bytes.min(total / 20);
            if free < spare.saturating_add(bytes) {
                return Err(AppendError::DiskFull { free, spare });
            }
        }
        let held = held_bytes.load(Ordering::Relaxed) + self.added_bytes;
        let limit = options.disk_bytes / 2;
        if held + bytes > limit {
            return Err(AppendError::Full { held, limit });
        }
        Ok(())
    }

    /// Goes past keys that were used by a commit of which it was not heard that it is there.
    pub(crate) fn skip_used_keys(
        &mut self,
        transaction: &WriteTransaction,
    ) -> Result<(), redb::Error> {
        let counters = transaction.open_table(COUNTERS)?;
        let used = counters
            .get(tables::NEXT_KEY)?
            .map_or(0, |next| next.value());
        self.next_key = self.next_key.max(used);
        Ok(())
    }

    /// Takes the next key.
    pub(crate) fn take_key(&mut self) -> EventKey {
        let key = EventKey(self.next_key);
        self.next_key += 1;
        key
    }

    /// Adds an event, put aside until it is due if it is not yet. Gives the bytes that it takes.
    pub(crate) fn add(
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

    /// Notes that events which are in the journal only are delivered.
    pub(crate) fn deliver(&mut self, destination: &Arc<str>, keys: impl Iterator<Item = u64>) {
        self.is_dirty = true;
        self.staged(destination).delivered.extend(keys);
    }

    /// Notes that bytes of a destination are gone.
    pub(crate) fn free(&mut self, destination: &Arc<str>, bytes: u64) {
        self.staged(destination).freed += bytes;
    }

    fn staged(&mut self, destination: &Arc<str>) -> &mut Staged {
        self.staged.entry(Arc::clone(destination)).or_default()
    }

    /// The frame of the journal that says all this.
    pub(crate) fn page(&self) -> Page {
        let bytes = |staged: &Staged| {
            let keys = staged.waiting.len() + staged.delivered.len();
            staged.records.len() + keys * BYTES_OF_ENTRY
        };
        let bytes: usize = self.staged.values().map(bytes).sum();
        let mut page = Page::with_capacity(bytes + self.new_ids.bytes.len() + BYTES_OF_REST);
        for (destination, staged) in &self.staged {
            page.write(&Entry::Destination(destination));
            for (key, range) in &staged.waiting {
                let record = staged.record(range);
                page.write(&Entry::Event { key: *key, record });
            }
            for key in &staged.delivered {
                page.write(&Entry::Delivered { key: *key });
            }
        }
        if !self.new_ids.bytes.is_empty() {
            page.write(&Entry::Ids(&self.new_ids.bytes));
        }
        self.inputs.note(&mut page);
        page
    }

    /// The events that the journal has taken.
    pub(crate) fn into_tails(self) -> (Tails, NewIds, InputChanges) {
        let tail = |staged: &Staged| {
            let events = staged.waiting.iter();
            let copied =
                events.map(|(key, range)| (*key, Bytes::copy_from_slice(staged.record(range))));
            copied.collect()
        };
        let tails = self
            .staged
            .iter()
            .map(|(destination, staged)| (Arc::clone(destination), tail(staged)));
        (tails.collect(), self.new_ids, self.inputs)
    }

    /// Writes into the tables what is in the journal only.
    pub(crate) fn absorb(
        &mut self,
        transaction: &WriteTransaction,
        tails: &Tails,
    ) -> Result<(), redb::Error> {
        self.is_dirty = true;
        for (destination, events) in tails {
            let names = Names::of(destination);
            let mut waiting = transaction.open_table(names.waiting())?;
            for (key, record) in events {
                waiting.insert(key, &**record)?;
                self.staged(destination).added += u64::try_from(record.len()).unwrap_or(u64::MAX);
            }
        }
        self.inner.ledger().journaled_inputs.write(transaction)?;
        let mut counters = transaction.open_table(COUNTERS)?;
        counters.insert(tables::JOURNAL, self.inner.journal.next())?;
        Ok(())
    }

    /// Writes what was added, and what belongs to the whole log, into the tables.
    pub(crate) fn write(&self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        self.inputs.write(transaction)?;
        let mut bytes = transaction.open_table(BYTES)?;
        for (destination, staged) in &self.staged {
            staged.write(transaction, &Names::of(destination))?;
            let before = bytes.get(&**destination)?.map_or(0, |bytes| bytes.value());
            let after = (before + staged.added).saturating_sub(staged.freed);
            bytes.insert(&**destination, after)?;
        }
        let mut counters = transaction.open_table(COUNTERS)?;
        counters.insert(tables::NEXT_KEY, self.next_key)?;
        Ok(())
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
