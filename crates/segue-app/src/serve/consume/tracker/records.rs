//! Records, and how many of their events are unsettled.

use std::collections::{BTreeMap, BTreeSet};

use conversions_input::{Partition, Position};

use super::{Origin, ReaderId};

/// What tells the records of all readers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordId(u64);

/// The records of all readers.
#[derive(Debug, Default)]
pub(super) struct Records {
    next: u64,
    unsettled: BTreeMap<RecordId, Unsettled>,
    /// Those that the reader does not know of yet.
    settled: BTreeMap<ReaderId, Vec<Position>>,
    /// Those that another member may have by now, and of which the reader does not know yet.
    expired: BTreeMap<ReaderId, Vec<Position>>,
}

#[derive(Debug)]
struct Unsettled {
    origin: Origin,
    events: usize,
}

impl Records {
    /// A record with this many unsettled events; one without any is settled.
    pub(super) fn insert(&mut self, origin: Origin, events: usize) -> RecordId {
        let id = RecordId(self.next);
        self.next += 1;
        if events == 0 {
            let settled = self.settled.entry(origin.reader).or_default();
            settled.push(origin.position);
        } else {
            self.unsettled.insert(id, Unsettled { origin, events });
        }
        id
    }

    /// One of its events is settled. Returns the reader, if that was the last one.
    pub(super) fn settle_one(&mut self, id: RecordId) -> Option<ReaderId> {
        let record = self.unsettled.get_mut(&id)?;
        record.events = record.events.saturating_sub(1);
        if record.events > 0 {
            return None;
        }
        let Origin { reader, position } = self.unsettled.remove(&id)?.origin;
        self.settled.entry(reader).or_default().push(position);
        Some(reader)
    }

    pub(super) fn take_settled(&mut self, reader: ReaderId) -> Vec<Position> {
        self.settled.remove(&reader).unwrap_or_default()
    }

    /// Another member may have it.
    pub(super) fn expire(&mut self, id: RecordId) {
        if let Some(Unsettled { origin, .. }) = self.unsettled.remove(&id) {
            let expired = self.expired.entry(origin.reader).or_default();
            expired.push(origin.position);
        }
    }

    pub(super) fn take_expired(&mut self, reader: ReaderId) -> Vec<Position> {
        self.expired.remove(&reader).unwrap_or_default()
    }

    pub(super) fn origin(&self, id: RecordId) -> Option<Origin> {
        self.unsettled.get(&id).map(|record| record.origin.clone())
    }

    pub(super) fn unsettled(&self, reader: ReaderId, partitions: &[Partition]) -> usize {
        let all = self.unsettled.values();
        all.filter(|record| is_of(&record.origin, reader, partitions))
            .count()
    }

    /// Removes the records of partitions, and returns them.
    pub(super) fn remove(
        &mut self,
        reader: ReaderId,
        partitions: &[Partition],
    ) -> BTreeSet<RecordId> {
        let mut removed = BTreeSet::new();
        self.unsettled.retain(|id, record| {
            let goes = is_of(&record.origin, reader, partitions);
            if goes {
                removed.insert(*id);
            }
            !goes
        });
        removed
    }
}

fn is_of(origin: &Origin, reader: ReaderId, partitions: &[Partition]) -> bool {
    origin.reader == reader && partitions.contains(&origin.position.partition)
}
