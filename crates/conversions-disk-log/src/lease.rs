//! Leasing: reading on from where the last lease ended.

use conversions_delivery::{EventKey, Lease, UnixMillis, Wanted};
use bytes::Bytes;
use redb::{ReadTransaction, ReadableTable};

use crate::partition::{Leased, Partition, Place};
use crate::record::Record;
use crate::tables;

/// A lease, and what was found damaged on the way.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) lease: Lease,
    pub(crate) damaged: Vec<(EventKey, Vec<u8>)>,
    /// The events one after the other, and where each ends: one allocation for all of them.
    buffer: Vec<u8>,
    ends: Vec<usize>,
}

/// Leases from one state of the database. The partition is not changed when this fails.
pub(crate) fn lease(
    transaction: &ReadTransaction,
    partition: &mut Partition,
    wanted: Wanted<'_>,
    now: UnixMillis,
) -> Result<Found, redb::Error> {
    let mut found = Found::default();
    let mut taken: Vec<(u64, Leased)> = Vec::new();
    let mut returned = Vec::new();
    let mut cursor = partition.cursor;
    let names = partition.names.clone();

    if let Some(later) = tables::open(transaction, names.later())? {
        for row in later.range(..=(now.0, u64::MAX))? {
            let (key, value) = row?;
            let (due, key) = key.value();
            if partition.leased.contains_key(&key) {
                continue;
            }
            match found.take(key, value.value(), Place::Later(due), wanted) {
                Some(leased) => taken.push((key, leased)),
                None => break,
            }
        }
        let next = later.range((now.0, u64::MAX)..)?.next().transpose()?;
        found.lease.next_due = next.map(|(key, _)| UnixMillis(key.value().0));
    }
    let waiting = tables::open(transaction, names.waiting())?;
    if let Some(waiting) = &waiting {
        for key in &partition.returned {
            if partition.tail.contains_key(key) {
                continue;
            }
            let Some(value) = waiting.get(key)? else {
                returned.push(*key);
                continue;
            };
            match found.take(*key, value.value(), Place::Waiting, wanted) {
                Some(leased) => taken.push((*key, leased)),
                None => break,
            }
            returned.push(*key);
        }
        for row in waiting.range(cursor..)? {
            let (key, value) = row?;
            let key = key.value();
            // Those of the tail may be in the table already, or be leased since they were not.
            if partition.is_known(key) {
                continue;
            }
            match found.take(key, value.value(), Place::Waiting, wanted) {
                Some(leased) => taken.push((key, leased)),
                None => break,
            }
            cursor = key + 1;
        }
    }
    let oldest = oldest(waiting.as_ref(), partition, wanted.destination)?;
    let tail_cursor = found.take_tail(partition, wanted, &mut taken, &mut returned);

    if let Some((accepted_at, line)) = oldest {
        partition.backlog.oldest = Some(accepted_at);
        partition.backlog.lowest_line = line;
    }
    partition.cursor = cursor;
    partition.tail_cursor = tail_cursor;
    for key in returned {
        partition.returned.remove(&key);
    }
    partition.leased.extend(taken);
    found.hand_out();
    Ok(found)
}

impl Found {
    /// Takes events that are in the journal only. Says where to go on.
    fn take_tail(
        &mut self,
        partition: &Partition,
        wanted: Wanted<'_>,
        taken: &mut Vec<(u64, Leased)>,
        returned: &mut Vec<u64>,
    ) -> u64 {
        let given_back = partition.returned.iter();
        let again = given_back.filter_map(|key| Some((key, partition.tail.get(key)?)));
        for (key, record) in again {
            let Some(leased) = self.take(*key, record, Place::Tail, wanted) else {
                return partition.tail_cursor;
            };
            taken.push((*key, leased));
            returned.push(*key);
        }
        let mut cursor = partition.tail_cursor;
        for (key, record) in partition.tail.range(cursor..) {
            let Some(leased) = self.take(*key, record, Place::Tail, wanted) else {
                break;
            };
            taken.push((*key, leased));
            cursor = key + 1;
        }
        cursor
    }

    /// Takes an event, unless the lease is full.
    fn take(&mut self, key: u64, value: &[u8], place: Place, wanted: Wanted<'_>) -> Option<Leased> {
        let is_first = self.lease.events.is_empty();
        let larger = self.buffer.len().saturating_add(value.len());
        let is_full = self.lease.events.len() >= wanted.events
            || (larger > wanted.bytes && !is_first)
            || self.damaged.len() >= wanted.events;
        if is_full {
            return None;
        }
        let key = EventKey(key);
        let record = Record::read(wanted.destination, key, value);
        let input = if let Ok(record) = record {
            self.buffer.extend(record.event);
            self.ends.push(self.buffer.len());
            let last = self.lease.events.last();
            let code = last.and_then(|event| event.test_event_code.clone());
            self.lease.events.push(record.leased(key, code));
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

impl Found {
    /// Gives each event its part of the buffer.
    fn hand_out(&mut self) {
        let buffer = Bytes::from(std::mem::take(&mut self.buffer));
        let mut start = 0;
        for (event, end) in self.lease.events.iter_mut().zip(&self.ends) {
            event.event = buffer.slice(start..*end);
            start = *end;
        }
    }
}

/// The oldest event tells the age of the backlog.
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
    let tail = || {
        let first = partition.tail.first_key_value();
        first.map(|(key, record)| (*key, record.to_vec()))
    };
    Ok(first.or_else(tail).and_then(|(key, value)| {
        let record = Record::read(destination, EventKey(key), &value).ok()?;
        Some((record.accepted_at, record.line))
    }))
}
