//! The writes of one commit, gathered from its changes: they go to the journal as one record, or into the tables, one
//! table after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use conversions_delivery::frame_codec::StoredFrame;
use conversions_delivery::{AppendError, EventKey, InputId, KeyRange, UnixMillis};
use conversions_transport::Frame;
use redb::{ReadableTable, WriteTransaction};

use crate::dedup::NewIds;
use crate::inputs::InputChanges;
use crate::journal::{CommitBuilder, Entry, JournalPosition, Location};
use crate::leased_frames::bytes_of;
use crate::lock::lock;
use crate::partition::Partition;
use crate::pending_writes::{NewFrame, PendingWrites, Removed};
use crate::rows;
use crate::segment_use::SegmentChanges;
use crate::shared::{Shared, UnflushedFrames};
use crate::tables::{self, COUNTERS, SIZES, TableNames};

/// About what the entries of a commit take besides frames and ids.
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
    /// Rows of each segment of the journal that it adds or removes.
    pub(crate) segments: SegmentChanges,
    pending: BTreeMap<Arc<str>, PendingWrites>,
    /// The first keys of new frames, by their number.
    first_keys: Vec<u64>,
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
            segments: SegmentChanges::default(),
            pending: BTreeMap::new(),
            first_keys: Vec::new(),
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

    /// Adds a frame but for its duplicates. Its key is known [later](Self::first_key), under the number that is
    /// returned.
    pub(crate) fn add(
        &mut self,
        frame: &Frame,
        duplicates: Vec<usize>,
        input: Option<InputId>,
        now: UnixMillis,
    ) -> usize {
        let number = self.first_keys.len();
        self.first_keys.push(0);
        if duplicates.len() < frame.len() {
            self.is_dirty = true;
            self.added_bytes += u64::try_from(frame.event_bytes()).unwrap_or(u64::MAX);
        }
        self.pending(frame.destination()).new_frames.push(NewFrame {
            frame: frame.clone(),
            duplicates,
            input,
            accepted_at: now,
            number,
        });
        number
    }

    /// Gives all new frames their keys. Those of one destination follow each other, so that small ones can be joined.
    pub(crate) fn assign_keys(&mut self) {
        let Self {
            pending,
            next_key,
            first_keys,
            ..
        } = self;
        for pending in pending.values_mut() {
            pending.assign_keys(next_key, |number, first_key| {
                if let Some(slot) = first_keys.get_mut(number) {
                    *slot = first_key;
                }
            });
        }
    }

    /// The key of the first event of a new frame, once keys are assigned.
    pub(crate) fn first_key(&self, number: usize) -> EventKey {
        EventKey(self.first_keys.get(number).copied().unwrap_or(0))
    }

    /// Adds that events are settled: delivered, if only the journal has them.
    pub(crate) fn add_delivered(
        &mut self,
        destination: &Arc<str>,
        keys: impl Iterator<Item = KeyRange>,
    ) {
        self.is_dirty = true;
        self.pending(destination).delivered.extend(keys);
    }

    /// Adds that events are gone from the tables of a destination.
    pub(crate) fn add_removed(&mut self, destination: &Arc<str>, removed: Removed) {
        self.is_dirty = true;
        let sum = &mut self.pending(destination).removed;
        sum.events += removed.events;
        sum.bytes += removed.bytes;
        sum.later += removed.later;
    }

    fn pending(&mut self, destination: &Arc<str>) -> &mut PendingWrites {
        self.pending.entry(Arc::clone(destination)).or_default()
    }

    /// The record of the journal with all of this.
    pub(crate) fn commit_record(&self) -> CommitBuilder {
        let bytes = |pending: &PendingWrites| {
            let frames: usize = pending.waiting.iter().map(StoredFrame::max_bytes).sum();
            frames + pending.delivered.len() * size_of::<KeyRange>()
        };
        let bytes: usize = self.pending.values().map(bytes).sum();
        let mut record =
            CommitBuilder::with_capacity(bytes + self.new_ids.bytes.len() + BYTES_OF_REST);
        for (destination, pending) in &self.pending {
            for stored in &pending.waiting {
                record.write_frame(stored);
            }
            write_settled(destination, pending, &mut record);
        }
        if !self.new_ids.bytes.is_empty() {
            record.write(&Entry::Ids(&self.new_ids.bytes));
        }
        self.inputs.write_to_journal(&mut record);
        record
    }

    /// Writes rows of what is in the journal only into the tables, and where the journal goes on.
    pub(crate) fn checkpoint(
        &mut self,
        transaction: &WriteTransaction,
        unflushed: &UnflushedFrames,
        position: JournalPosition,
    ) -> Result<(), redb::Error> {
        self.is_dirty = true;
        let mut segments = std::mem::take(&mut self.segments);
        for (destination, frames) in unflushed {
            let names = TableNames::of(destination);
            let mut waiting = transaction.open_table(names.waiting())?;
            let flushed = &mut self.pending(destination).flushed;
            for frame in frames {
                for keys in &frame.ranges {
                    rows::insert_place(&mut waiting, keys, &frame.place, &mut segments)?;
                }
                flushed.0 += frame.events;
                flushed.1 += frame.bytes;
            }
        }
        self.segments = segments;
        self.shared.state().journaled_inputs.write(transaction)?;
        let mut counters = transaction.open_table(COUNTERS)?;
        counters.insert(tables::JOURNAL, position.record)?;
        counters.insert(tables::SEGMENT, position.segment)?;
        counters.insert(tables::OFFSET, position.offset)?;
        Ok(())
    }

    /// Writes what was added, and the counters of the whole log, into the tables.
    pub(crate) fn write(&self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        self.inputs.write(transaction)?;
        let mut sizes = transaction.open_table(SIZES)?;
        for (destination, pending) in &self.pending {
            pending.write(transaction, &TableNames::of(destination))?;
            let before = sizes.get(&**destination)?.map(|size| size.value());
            let after = pending.size_after(before.unwrap_or_default());
            sizes.insert(&**destination, after)?;
        }
        let mut counters = transaction.open_table(COUNTERS)?;
        counters.insert(tables::NEXT_KEY, self.next_key)?;
        Ok(())
    }

    /// What memory keeps of the batch once it is durable.
    pub(crate) fn into_committed(self) -> Committed {
        Committed {
            next_key: self.next_key,
            new_ids: self.new_ids,
            inputs: self.inputs,
            is_dirty: self.is_dirty,
            segments: self.segments,
            destinations: self.pending,
        }
    }
}

/// Writes which events of a destination were settled.
fn write_settled(destination: &str, pending: &PendingWrites, record: &mut CommitBuilder) {
    if !pending.delivered.is_empty() {
        record.write(&Entry::Destination(destination));
    }
    for keys in &pending.delivered {
        record.write(&Entry::Delivered { keys: *keys });
    }
}

/// A commit that is durable.
pub(crate) struct Committed {
    pub(crate) next_key: u64,
    pub(crate) new_ids: NewIds,
    pub(crate) inputs: InputChanges,
    pub(crate) is_dirty: bool,
    pub(crate) segments: SegmentChanges,
    destinations: BTreeMap<Arc<str>, PendingWrites>,
}

impl Committed {
    /// The record that tells the journal what was settled in the tables: should these be lost, it says what is not to be
    /// sent again.
    pub(crate) fn settled_record(&self) -> Option<CommitBuilder> {
        let mut settled = self.destinations.iter();
        let is_empty = settled.all(|(_, pending)| pending.delivered.is_empty());
        (!is_empty).then(|| {
            let mut record = CommitBuilder::with_capacity(BYTES_OF_REST);
            for (destination, pending) in &self.destinations {
                write_settled(destination, pending, &mut record);
            }
            record
        })
    }

    /// Counts the events that were added. Those that are in the journal only stay in memory; `locations` says where
    /// their frames are, in the order in which [`commit_record`](WriteBatch::commit_record) wrote them.
    pub(crate) fn count_added(
        &mut self,
        shared: &Shared,
        mut locations: impl Iterator<Item = Location>,
    ) {
        for (destination, pending) in &mut self.destinations {
            let waiting = std::mem::take(&mut pending.waiting);
            let later = std::mem::take(&mut pending.later);
            if waiting.is_empty() && later.is_empty() {
                continue;
            }
            let (_, partition) = shared.partition_of(destination);
            let mut partition = lock(&partition);
            let mut bytes = 0;
            let mut count = |partition: &mut Partition, stored: &StoredFrame| {
                let (events, size) = (stored.keys().count, bytes_of(stored));
                bytes += size;
                partition.count_appended(events, size, stored.accepted_at);
                events
            };
            for stored in waiting {
                count(&mut partition, &stored);
                if let Some(location) = locations.next() {
                    partition.unflushed.insert(stored, location);
                }
            }
            for (_, stored) in later {
                let events = count(&mut partition, &stored);
                partition.backlog.later += events;
            }
            drop(partition);
            shared.held_bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }
}
