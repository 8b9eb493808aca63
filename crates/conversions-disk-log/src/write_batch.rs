//! The writes of one commit, gathered from its changes: they go to the journal as one frame, or into the tables, one
//! table after the other.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use conversions_delivery::{AppendError, EventKey, UnixMillis};
use redb::{ReadableTable, WriteTransaction};

use crate::dedup::NewIds;
use crate::inputs::InputChanges;
use crate::journal::{Entry, FrameBuilder};
use crate::lock::lock;
use crate::record::Record;
use crate::shared::{Shared, Unflushed};
use crate::tables::{self, BYTES, COUNTERS, TableNames};

/// Bytes of an event's entry in the journal besides its record, rounded up. Only the first allocation depends on it.
const BYTES_OF_ENTRY: usize = 16;
/// About what names of destinations and inputs take in a frame.
const BYTES_OF_REST: usize = 1024;

/// The writes of a commit that is being prepared.
pub(crate) struct WriteBatch<'a> {
    pub(crate) shared: &'a Shared,
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
    pending: BTreeMap<Arc<str>, PendingWrites>,
}

/// What is to be written of one destination. Ranges are of `records`.
#[derive(Default)]
struct PendingWrites {
    records: Vec<u8>,
    waiting: Vec<(u64, Range<usize>)>,
    later: Vec<((i64, u64), Range<usize>)>,
    delivered: Vec<u64>,
    added: u64,
    freed: u64,
}

impl<'a> WriteBatch<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self {
            next_key: shared.state().next_key,
            shared,
            new_ids: NewIds::default(),
            inputs: InputChanges::default(),
            added_bytes: 0,
            free_bytes: None,
            is_dirty: false,
            pending: BTreeMap::new(),
        }
    }

    /// Refuses `bytes` of events that there is no room for.
    pub(crate) fn check_room(&mut self, bytes: u64) -> Result<(), AppendError> {
        let Shared {
            append_cooldown,
            folder,
            options,
            held_bytes,
            ..
        } = self.shared;
        if let Some(cooldown) = &*lock(append_cooldown)
            && cooldown.until > Instant::now()
        {
            return Err(cooldown.error.clone().into());
        }
        if self.free_bytes.is_none() {
            self.free_bytes = folder.as_ref().and_then(|folder| folder.free_bytes().ok());
        }
        if let Some((free, total)) = self.free_bytes {
            let free = free.saturating_sub(self.added_bytes);
            // On a small disk the spare bytes could be more than the disk has. A twentieth of it is enough to deliver.
            let spare = options.spare_bytes.min(total / 20);
            if free < spare.saturating_add(bytes) {
                return Err(AppendError::DiskFull { free, spare });
            }
        }
        let held = held_bytes.load(Ordering::Relaxed) + self.added_bytes;
        // The other half is for what surrounds events: the journal, free pages, the window of `messageId`s.
        let limit = options.disk_bytes / 2;
        if held + bytes > limit {
            return Err(AppendError::Full { held, limit });
        }
        Ok(())
    }

    /// Skips keys that an earlier commit may have used although it was reported as failed.
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
        self.take_keys(1)
    }

    /// Takes the next keys. Returns the first of them.
    pub(crate) fn take_keys(&mut self, count: usize) -> EventKey {
        let first = EventKey(self.next_key);
        self.next_key += u64::try_from(count).unwrap_or(u64::MAX);
        first
    }

    /// Adds an event, deferred until it is due. Returns the bytes of its record.
    pub(crate) fn add(
        &mut self,
        destination: &Arc<str>,
        key: EventKey,
        record: &Record<'_>,
        due: Option<UnixMillis>,
    ) -> u64 {
        self.is_dirty = true;
        let pending = self.pending(destination);
        let start = pending.records.len();
        record.write(destination, key, &mut pending.records);
        let range = start..pending.records.len();
        let bytes = u64::try_from(range.len()).unwrap_or(u64::MAX);
        pending.added += bytes;
        match due {
            None => pending.waiting.push((key.0, range)),
            Some(due) => pending.later.push(((due.0, key.0), range)),
        }
        self.added_bytes += bytes;
        bytes
    }

    /// Adds that events which are in the journal only are delivered.
    pub(crate) fn add_delivered(
        &mut self,
        destination: &Arc<str>,
        keys: impl Iterator<Item = u64>,
    ) {
        self.is_dirty = true;
        self.pending(destination).delivered.extend(keys);
    }

    /// Adds that bytes of a destination are gone.
    pub(crate) fn add_freed_bytes(&mut self, destination: &Arc<str>, bytes: u64) {
        self.pending(destination).freed += bytes;
    }

    fn pending(&mut self, destination: &Arc<str>) -> &mut PendingWrites {
        self.pending.entry(Arc::clone(destination)).or_default()
    }

    /// The frame of the journal with all of this.
    pub(crate) fn frame(&self) -> FrameBuilder {
        let bytes = |pending: &PendingWrites| {
            let keys = pending.waiting.len() + pending.delivered.len();
            pending.records.len() + keys * BYTES_OF_ENTRY
        };
        let bytes: usize = self.pending.values().map(bytes).sum();
        let mut frame =
            FrameBuilder::with_capacity(bytes + self.new_ids.bytes.len() + BYTES_OF_REST);
        for (destination, pending) in &self.pending {
            frame.write(&Entry::Destination(destination));
            for (key, range) in &pending.waiting {
                let record = pending.record(range);
                frame.write(&Entry::Event { key: *key, record });
            }
            for key in &pending.delivered {
                frame.write(&Entry::Delivered { key: *key });
            }
        }
        if !self.new_ids.bytes.is_empty() {
            frame.write(&Entry::Ids(&self.new_ids.bytes));
        }
        self.inputs.write_to_frame(&mut frame);
        frame
    }

    /// What memory keeps of the batch once it is in the journal: records, ids, and changes of inputs.
    pub(crate) fn into_unflushed(self) -> (Unflushed, NewIds, InputChanges) {
        let records = |pending: &PendingWrites| {
            let events = pending.waiting.iter();
            let copied =
                events.map(|(key, range)| (*key, Bytes::copy_from_slice(pending.record(range))));
            copied.collect()
        };
        let unflushed = self
            .pending
            .iter()
            .map(|(destination, pending)| (Arc::clone(destination), records(pending)));
        (unflushed.collect(), self.new_ids, self.inputs)
    }

    /// Writes into the tables what is in the journal only.
    pub(crate) fn checkpoint(
        &mut self,
        transaction: &WriteTransaction,
        unflushed: &Unflushed,
    ) -> Result<(), redb::Error> {
        self.is_dirty = true;
        for (destination, events) in unflushed {
            let names = TableNames::of(destination);
            let mut waiting = transaction.open_table(names.waiting())?;
            for (key, record) in events {
                waiting.insert(key, &**record)?;
                self.pending(destination).added += u64::try_from(record.len()).unwrap_or(u64::MAX);
            }
        }
        self.shared.state().journaled_inputs.write(transaction)?;
        let mut counters = transaction.open_table(COUNTERS)?;
        counters.insert(tables::JOURNAL, self.shared.journal.next())?;
        Ok(())
    }

    /// Writes what was added, and the counters of the whole log, into the tables.
    pub(crate) fn write(&self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        self.inputs.write(transaction)?;
        let mut bytes = transaction.open_table(BYTES)?;
        for (destination, pending) in &self.pending {
            pending.write(transaction, &TableNames::of(destination))?;
            let before = bytes.get(&**destination)?.map_or(0, |bytes| bytes.value());
            let after = (before + pending.added).saturating_sub(pending.freed);
            bytes.insert(&**destination, after)?;
        }
        let mut counters = transaction.open_table(COUNTERS)?;
        counters.insert(tables::NEXT_KEY, self.next_key)?;
        Ok(())
    }
}

impl PendingWrites {
    fn write(&self, transaction: &WriteTransaction, names: &TableNames) -> Result<(), redb::Error> {
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
