//! Leasing: reading on from where the last lease ended.

use bytes::Bytes;
use redb::{ReadTransaction, ReadableTable};

use super::partition::{Leased, Partition, Place};
use super::record::Record;
use super::tables;
use crate::log::{EventKey, Lease, Wanted};
use crate::time::UnixMillis;

/// A lease, and what was found damaged on the way.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) lease: Lease,
    pub(super) damaged: Vec<(EventKey, Vec<u8>)>,
    /// The events one after the other, and where each ends: one allocation for all of them.
    buffer: Vec<u8>,
    ends: Vec<usize>,
}

/// Leases from one state of the database. The partition is not changed when this fails.
pub(super) fn lease(
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
    if let Some(waiting) = tables::open(transaction, names.waiting())? {
        for key in &partition.returned {
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
            match found.take(key, value.value(), Place::Waiting, wanted) {
                Some(leased) => taken.push((key, leased)),
                None => break,
            }
            cursor = key + 1;
        }
        note_oldest(&waiting, partition, wanted.destination)?;
    }

    partition.cursor = cursor;
    for key in returned {
        partition.returned.remove(&key);
    }
    partition.leased.extend(taken);
    found.hand_out();
    Ok(found)
}

impl Found {
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

/// Looks at the oldest event, which tells the age of the backlog.
fn note_oldest(
    waiting: &impl ReadableTable<u64, &'static [u8]>,
    partition: &mut Partition,
    destination: &str,
) -> Result<(), redb::Error> {
    if let Some((key, value)) = waiting.first()?
        && let Ok(record) = Record::read(destination, EventKey(key.value()), value.value())
    {
        partition.backlog.oldest = Some(record.accepted_at);
        partition.backlog.lowest_line = record.line;
    }
    Ok(())
}
