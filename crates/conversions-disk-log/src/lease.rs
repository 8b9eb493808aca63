//! Leasing: deferred events that are due first, then released ones, then reading on from where the last lease ended;
//! events that are in the journal only come last, because they are the youngest.

use std::ops::Range;

use bytes::Bytes;
use conversions_delivery::frame_codec;
use conversions_delivery::{EventKey, KeyRange, KeySet, Lease, UnixMillis, Wanted};
use redb::{AccessGuard, ReadTransaction, ReadableTable};

use crate::journal::Journal;
use crate::leased_frames::Place;
use crate::partition::Partition;
use crate::rows::{self, RowPlace};
use crate::tables::{self, RowKey};
use crate::unflushed::UnflushedFrame;

mod builder;
use builder::{LeaseBuilder, Taken};

/// Events that cannot be read.
#[derive(Debug)]
pub(crate) struct DamagedEvents {
    /// Their keys: one key, unless nothing of their frame can be read.
    pub(crate) keys: KeyRange,
    /// What is left of them.
    pub(crate) bytes: Bytes,
}

/// A lease, and the damaged events that were found on the way.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) lease: Lease,
    pub(crate) damaged: Vec<DamagedEvents>,
}

/// Leases from one snapshot of the database. When this fails, the partition is unchanged.
pub(crate) fn lease(
    transaction: &ReadTransaction,
    journal: &Journal,
    partition: &mut Partition,
    wanted: Wanted<'_>,
    now: UnixMillis,
) -> Result<Found, redb::Error> {
    let mut builder = LeaseBuilder::new(journal, wanted);
    let names = partition.names.clone();
    if let Some(later) = tables::open(transaction, names.later())? {
        builder.take_due(&later, partition, now)?;
        let next = later
            .range((now.0, u64::MAX, u32::MAX)..)?
            .next()
            .transpose()?;
        builder.found.lease.next_due = next.map(|(key, _)| UnixMillis(key.value().0));
    }
    let waiting = tables::open(transaction, names.waiting())?;
    let mut cursor = partition.cursor;
    if let Some(waiting) = &waiting {
        builder.take_released(waiting, partition)?;
        cursor = builder.take_waiting(waiting, partition)?;
    }
    let oldest = oldest(waiting.as_ref(), partition)?;
    let unflushed_cursor = builder.take_unflushed(partition)?;

    if let Some((accepted_at, line)) = oldest {
        partition.backlog.oldest = Some(accepted_at);
        partition.backlog.lowest_line = line;
    }
    partition.cursor = cursor;
    partition.unflushed_cursor = unflushed_cursor;
    for again in builder.again.ranges() {
        partition.released.remove(again);
    }
    for slice in builder.taken.drain(..) {
        partition.leased.insert(slice);
    }
    Ok(builder.found)
}

impl LeaseBuilder<'_> {
    /// Takes deferred events that are due.
    fn take_due(
        &mut self,
        later: &impl ReadableTable<RowKey, &'static [u8]>,
        partition: &Partition,
        now: UnixMillis,
    ) -> Result<(), redb::Error> {
        for row in later.range(..=(now.0, u64::MAX, u32::MAX))? {
            let (key, value) = row?;
            let row = key.value();
            let free = partition.not_leased(rows::keys_of(row));
            if let Taken::UpTo(_) = self.take_row(row, &value, &free, Place::Later(row.0))? {
                break;
            }
        }
        Ok(())
    }

    /// Takes released events that are in the table.
    fn take_released(
        &mut self,
        waiting: &impl ReadableTable<RowKey, &'static [u8]>,
        partition: &Partition,
    ) -> Result<(), redb::Error> {
        for released in partition.released.ranges().map(KeyRange::range) {
            let mut key = released.start;
            while key < released.end {
                if let Some(frame) = partition.unflushed.frame_of(key) {
                    key = frame.keys().end;
                    continue;
                }
                let row = rows::row_of(waiting, 0, key)?;
                let Some((row, value)) = row.map(|row| (row, waiting.get(row))) else {
                    // It is gone.
                    self.again.insert(KeyRange::one(EventKey(key)));
                    key += 1;
                    continue;
                };
                let end = rows::keys_of(row).end.min(released.end);
                let free = set_of(key..end);
                if let Some(value) = value?
                    && let Taken::UpTo(first_left) =
                        self.take_row(row, &value, &free, Place::Waiting)?
                {
                    self.again.insert((key..first_left).into());
                    return Ok(());
                }
                self.again.insert((key..end).into());
                key = end;
            }
        }
        Ok(())
    }

    /// Takes events of the table that were not leased yet. Returns where the next lease goes on.
    fn take_waiting(
        &mut self,
        waiting: &impl ReadableTable<RowKey, &'static [u8]>,
        partition: &Partition,
    ) -> Result<u64, redb::Error> {
        let mut cursor = partition.cursor;
        let first = rows::row_of(waiting, 0, cursor)?.map_or(cursor, |(_, first, _)| first);
        for row in waiting.range((0, first, 0)..)? {
            let (key, value) = row?;
            let row = key.value();
            let keys = rows::keys_of(row);
            let free = partition.unknown(keys.start.max(cursor)..keys.end);
            if let Taken::UpTo(first_left) = self.take_row(row, &value, &free, Place::Waiting)? {
                return Ok(cursor.max(first_left));
            }
            cursor = cursor.max(keys.end);
        }
        Ok(cursor)
    }

    /// Takes events that are in the journal only. Returns where the next lease goes on.
    fn take_unflushed(&mut self, partition: &Partition) -> Result<u64, redb::Error> {
        let mut cursor = partition.unflushed_cursor;
        for released in partition.released.ranges().map(KeyRange::range) {
            for frame in partition.unflushed.frames_from(released.start) {
                let keys = frame.keys();
                if keys.start >= released.end {
                    break;
                }
                let again = keys.start.max(released.start)..keys.end.min(released.end);
                let taken = self.take_frame(frame, &set_of(again.clone()))?;
                let end = taken.end().unwrap_or(again.end);
                self.again.insert((again.start..end).into());
                if taken.end().is_some() {
                    return Ok(cursor);
                }
            }
        }
        for frame in partition.unflushed.frames_from(cursor) {
            let keys = frame.keys();
            let free = partition.free(keys.start.max(cursor)..keys.end);
            if let Taken::UpTo(first_left) = self.take_frame(frame, &free)? {
                return Ok(first_left);
            }
            cursor = keys.end;
        }
        Ok(cursor)
    }

    /// Takes those of the `free` events of a frame that are not settled.
    fn take_frame(&mut self, frame: &UnflushedFrame, free: &KeySet) -> Result<Taken, redb::Error> {
        let mut unsettled = frame.unsettled();
        let mut both = KeySet::default();
        for range in free.ranges() {
            for keys in unsettled.remove(range) {
                both.insert(keys);
            }
        }
        let Some(first) = both.first() else {
            return Ok(Taken::All);
        };
        if self.is_full() {
            return Ok(Taken::UpTo(first.first.0));
        }
        if let Some(stored) = &frame.stored {
            return Ok(self.take_pieces(std::slice::from_ref(stored), &both, Place::Journal));
        }
        let bytes = rows::frame_bytes_at(self.journal, &frame.place)?;
        let row = rows::row_key(0, &frame.keys());
        Ok(self.take_bytes(row, &bytes, &both, Place::Journal))
    }

    /// Takes the `free` events of a row.
    fn take_row(
        &mut self,
        row: RowKey,
        value: &AccessGuard<'_, &'static [u8]>,
        free: &KeySet,
        place: Place,
    ) -> Result<Taken, redb::Error> {
        let Some(first) = free.first() else {
            return Ok(Taken::All);
        };
        if self.is_full() {
            return Ok(Taken::UpTo(first.first.0));
        }
        let bytes = rows::frame_bytes(self.journal, value.value())?;
        Ok(self.take_bytes(row, &bytes, free, place))
    }
}

fn set_of(keys: Range<u64>) -> KeySet {
    let mut set = KeySet::default();
    set.insert(keys.into());
    set
}

/// When the oldest event was accepted, and its line. Deferred events do not count: their wait is intended.
fn oldest(
    waiting: Option<&impl ReadableTable<RowKey, &'static [u8]>>,
    partition: &Partition,
) -> Result<Option<(UnixMillis, Option<u64>)>, redb::Error> {
    let first = waiting.map(ReadableTable::first).transpose()?.flatten();
    let in_table = first.and_then(|(_, value)| {
        if let Some(place) = RowPlace::read(value.value()) {
            return Some((place.accepted_at, place.line));
        }
        let summary = frame_codec::read_summary(value.value()).ok()?;
        Some((summary.accepted_at, summary.first_line))
    });
    Ok(in_table.or_else(|| partition.oldest_unflushed()))
}
