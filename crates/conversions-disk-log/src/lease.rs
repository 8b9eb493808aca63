//! Leasing: deferred events that are due first, then released ones, then reading on from where the last lease ended;
//! events that are in the journal only come last, because they are the youngest.

use conversions_delivery::{EventKey, Lease, UnixMillis, Wanted};
use redb::{ReadTransaction, ReadableTable};

use crate::frame_assembler::FrameAssembler;
use crate::partition::{Leased, Partition, Place};
use crate::record::Record;
use crate::tables;

/// A lease that is being filled, and the damaged records that were found on the way.
#[derive(Debug, Default)]
pub(crate) struct LeaseBuilder {
    pub(crate) lease: Lease,
    pub(crate) damaged: Vec<(EventKey, Vec<u8>)>,
    frames: FrameAssembler,
}

/// Leases from one snapshot of the database. When this fails, the partition is unchanged.
pub(crate) fn lease(
    transaction: &ReadTransaction,
    partition: &mut Partition,
    wanted: Wanted<'_>,
    now: UnixMillis,
) -> Result<LeaseBuilder, redb::Error> {
    let mut builder = LeaseBuilder::default();
    let mut taken: Vec<(u64, Leased)> = Vec::new();
    let mut released = Vec::new();
    let mut cursor = partition.cursor;
    let names = partition.names.clone();

    if let Some(later) = tables::open(transaction, names.later())? {
        for row in later.range(..=(now.0, u64::MAX))? {
            let (key, value) = row?;
            let (due, key) = key.value();
            if partition.leased.contains_key(&key) {
                continue;
            }
            match builder.take(key, value.value(), Place::Later(due), wanted) {
                Some(leased) => taken.push((key, leased)),
                None => break,
            }
        }
        let next = later.range((now.0, u64::MAX)..)?.next().transpose()?;
        builder.lease.next_due = next.map(|(key, _)| UnixMillis(key.value().0));
    }
    let waiting = tables::open(transaction, names.waiting())?;
    if let Some(waiting) = &waiting {
        for key in &partition.released {
            if partition.unflushed.contains_key(key) {
                continue;
            }
            let Some(value) = waiting.get(key)? else {
                released.push(*key);
                continue;
            };
            match builder.take(*key, value.value(), Place::Waiting, wanted) {
                Some(leased) => taken.push((*key, leased)),
                None => break,
            }
            released.push(*key);
        }
        for row in waiting.range(cursor..)? {
            let (key, value) = row?;
            let key = key.value();
            // Unflushed events may be in the table already, and may have been leased before they were.
            if partition.is_known(key) {
                continue;
            }
            match builder.take(key, value.value(), Place::Waiting, wanted) {
                Some(leased) => taken.push((key, leased)),
                None => break,
            }
            cursor = key + 1;
        }
    }
    let oldest = oldest(waiting.as_ref(), partition, wanted.destination)?;
    let unflushed_cursor = builder.take_unflushed(partition, wanted, &mut taken, &mut released);

    if let Some((accepted_at, line)) = oldest {
        partition.backlog.oldest = Some(accepted_at);
        partition.backlog.lowest_line = line;
    }
    partition.cursor = cursor;
    partition.unflushed_cursor = unflushed_cursor;
    for key in released {
        partition.released.remove(&key);
    }
    partition.leased.extend(taken);
    builder.lease.frames = std::mem::take(&mut builder.frames).finish(wanted.destination);
    Ok(builder)
}

impl LeaseBuilder {
    /// Takes events that are in the journal only. Returns where the next lease goes on.
    fn take_unflushed(
        &mut self,
        partition: &Partition,
        wanted: Wanted<'_>,
        taken: &mut Vec<(u64, Leased)>,
        released: &mut Vec<u64>,
    ) -> u64 {
        let again = partition
            .released
            .iter()
            .filter_map(|key| Some((key, partition.unflushed.get(key)?)));
        for (key, record) in again {
            let Some(leased) = self.take(*key, record, Place::Journal, wanted) else {
                return partition.unflushed_cursor;
            };
            taken.push((*key, leased));
            released.push(*key);
        }
        let mut cursor = partition.unflushed_cursor;
        for (key, record) in partition.unflushed.range(cursor..) {
            let Some(leased) = self.take(*key, record, Place::Journal, wanted) else {
                break;
            };
            taken.push((*key, leased));
            cursor = key + 1;
        }
        cursor
    }

    /// Takes an event; `None` when the lease is full. The first event is taken whatever its size.
    fn take(&mut self, key: u64, value: &[u8], place: Place, wanted: Wanted<'_>) -> Option<Leased> {
        let is_first = self.frames.events() == 0;
        let larger = self.frames.bytes().saturating_add(value.len());
        let is_full = self.frames.events() >= wanted.events
            || (larger > wanted.bytes && !is_first)
            || self.damaged.len() >= wanted.events;
        if is_full {
            return None;
        }
        let key = EventKey(key);
        let record = Record::read(wanted.destination, key, value);
        let input = if let Ok(record) = record {
            self.frames.add(key, &record);
            record.input
        } else {
            self.damaged.push((key, value.to_vec()));
            None
        };
        Some(Leased {
            place,
            bytes: value.len().try_into().unwrap_or(u64::MAX),
            input,
        })
    }
}

/// When the oldest event was accepted, and its line. Deferred events do not count: their wait is intended.
fn oldest(
    waiting: Option<&impl ReadableTable<u64, &'static [u8]>>,
    partition: &Partition,
    destination: &str,
) -> Result<Option<(UnixMillis, Option<u64>)>, redb::Error> {
    let first = waiting
        .map(ReadableTable::first)
        .transpose()?
        .flatten()
        .map(|(key, value)| (key.value(), value.value().to_vec()));
    let unflushed = || {
        let first = partition.unflushed.first_key_value();
        first.map(|(key, record)| (*key, record.to_vec()))
    };
    Ok(first.or_else(unflushed).and_then(|(key, value)| {
        let record = Record::read(destination, EventKey(key), &value).ok()?;
        Some((record.accepted_at, record.line))
    }))
}
