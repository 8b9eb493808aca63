//! What an input has read, handed out and not seen settled, partition by partition.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::input::Arrival;
use crate::limits::Limits;
use crate::position::{Partition, Position};
use crate::record::Record;
use crate::watermark::Watermark;

/// What a record costs besides its bytes, so that empty ones are bounded too.
const OVERHEAD: usize = 128;

/// The assigned partitions with their records. No I/O: callers read from a broker and commit to it.
#[derive(Debug)]
pub(crate) struct Intake {
    limits: Limits,
    partitions: BTreeMap<Partition, Assigned>,
    /// Told to the caller before any record.
    revocations: VecDeque<Arrival>,
    /// Of records that wait and of those that are handed out and not settled.
    bytes: usize,
    /// The partition after which the next batch begins, so that none starves.
    last_served: Option<Partition>,
    is_paused: bool,
}

#[derive(Debug, Default)]
struct Assigned {
    waiting: VecDeque<Record>,
    watermark: Watermark,
    /// Bytes of records that are handed out and not settled.
    sizes: BTreeMap<u64, usize>,
    /// From where reading began.
    start: Option<u64>,
    committed: Option<u64>,
    is_revoked: bool,
    /// Whether reading goes on only when half of what is allowed is settled.
    is_full: bool,
}

impl Intake {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            partitions: BTreeMap::new(),
            revocations: VecDeque::new(),
            bytes: 0,
            last_served: None,
            is_paused: false,
        }
    }

    /// The partition is this member's from now on, and is read from this offset, where that is known.
    pub(crate) fn assign(&mut self, partition: &Partition, start: Option<u64>) {
        self.forget(std::slice::from_ref(partition));
        let assigned = Assigned {
            start,
            ..Assigned::default()
        };
        self.partitions.insert(partition.clone(), assigned);
    }

    /// Records that wait are forgotten, and the caller is told; those handed out may still be settled.
    pub(crate) fn revoke(&mut self, partitions: &[Partition], within: Duration) {
        for partition in partitions {
            let Some(assigned) = self.partitions.get_mut(partition) else {
                continue;
            };
            assigned.is_revoked = true;
            for record in assigned.waiting.drain(..) {
                self.bytes = self.bytes.saturating_sub(size(&record));
            }
        }
        if !partitions.is_empty() {
            self.revocations.push_back(Arrival::Revoked {
                partitions: partitions.to_vec(),
                within,
            });
        }
    }

    /// Nothing of the partitions is of interest any more.
    pub(crate) fn forget(&mut self, partitions: &[Partition]) {
        for partition in partitions {
            let Some(assigned) = self.partitions.remove(partition) else {
                continue;
            };
            let waiting: usize = assigned.waiting.iter().map(size).sum();
            let handed_out: usize = assigned.sizes.values().sum();
            self.bytes = self.bytes.saturating_sub(waiting + handed_out);
        }
    }

    pub(crate) fn set_paused(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Whether the partition should be read now.
    pub(crate) fn wants(&mut self, partition: &Partition) -> bool {
        let Some(assigned) = self.partitions.get_mut(partition) else {
            return false;
        };
        let span = assigned.watermark.span() + assigned.waiting.len();
        let (bytes_allowed, span_allowed) = if assigned.is_full {
            (self.limits.unsettled_bytes / 2, self.limits.span / 2)
        } else {
            (self.limits.unsettled_bytes, self.limits.span)
        };
        // One record is always wanted, or a limit of nothing would stop everything.
        assigned.is_full = span > 0 && (self.bytes >= bytes_allowed || span >= span_allowed);
        !self.is_paused && !assigned.is_revoked && !assigned.is_full
    }

    /// A record that was read. One of a partition that is not assigned is dropped.
    pub(crate) fn push(&mut self, record: Record) {
        let assigned = self.partitions.get_mut(&record.position.partition);
        if let Some(assigned) = assigned.filter(|assigned| !assigned.is_revoked) {
            self.bytes += size(&record);
            assigned.start.get_or_insert(record.position.offset);
            assigned.waiting.push_back(record);
        }
    }

    /// What the caller gets next, if there is anything.
    pub(crate) fn next(&mut self) -> Option<Arrival> {
        if let Some(revoked) = self.revocations.pop_front() {
            return Some(revoked);
        }
        if self.is_paused {
            return None;
        }
        let mut batch = Vec::new();
        let mut bytes = 0;
        for partition in self.turns() {
            let Some(assigned) = self.partitions.get_mut(&partition) else {
                continue;
            };
            while let Some(record) = assigned.waiting.front() {
                let length = record.payload.len();
                let is_full = bytes + length > self.limits.batch_bytes
                    || batch.len() >= self.limits.batch_records;
                if is_full && !batch.is_empty() {
                    return Some(Arrival::Records(batch));
                }
                let Some(record) = assigned.waiting.pop_front() else {
                    break;
                };
                let offset = record.position.offset;
                if assigned.watermark.hand_out(offset) {
                    assigned.sizes.insert(offset, size(&record));
                    bytes += length;
                    batch.push(record);
                } else {
                    self.bytes = self.bytes.saturating_sub(size(&record));
                }
                self.last_served = Some(partition.clone());
            }
        }
        (!batch.is_empty()).then_some(Arrival::Records(batch))
    }

    /// The partitions with records, beginning after the one that was served last.
    fn turns(&self) -> Vec<Partition> {
        let waiting = self
            .partitions
            .iter()
            .filter(|(_, assigned)| !assigned.waiting.is_empty())
            .map(|(partition, _)| partition.clone());
        let last_served = self.last_served.as_ref();
        let (before, mut turns): (Vec<_>, Vec<_>) =
            waiting.partition(|partition| Some(partition) <= last_served);
        turns.extend(before);
        turns
    }

    /// Returns whether any of them was not settled before.
    pub(crate) fn settle(&mut self, positions: &[Position]) -> bool {
        let mut is_news = false;
        for position in positions {
            let Some(assigned) = self.partitions.get_mut(&position.partition) else {
                continue;
            };
            if assigned.watermark.settle(position.offset) {
                let size = assigned.sizes.remove(&position.offset);
                self.bytes = self.bytes.saturating_sub(size.unwrap_or_default());
                is_news = true;
            }
        }
        is_news
    }

    /// Number of records of these partitions that are handed out and not settled.
    #[cfg(any(test, feature = "kafka"))]
    pub(crate) fn unsettled(&self, partitions: &[Partition]) -> usize {
        let assigned = partitions
            .iter()
            .filter_map(|name| self.partitions.get(name));
        assigned
            .map(|assigned| assigned.watermark.unsettled())
            .sum()
    }

    /// The partitions that have moved since they were committed, with the offset from which to read on.
    pub(crate) fn to_commit(&self) -> Vec<(Partition, u64)> {
        let moved = self.partitions.iter().filter_map(|(partition, assigned)| {
            let position = assigned.watermark.position()?;
            (assigned.committed != Some(position)).then(|| (partition.clone(), position))
        });
        moved.collect()
    }

    /// The broker has confirmed what [`to_commit`](Self::to_commit) returned.
    pub(crate) fn committed(&mut self, commits: &[(Partition, u64)]) {
        for (partition, position) in commits {
            if let Some(assigned) = self.partitions.get_mut(partition) {
                assigned.committed = Some(*position);
            }
        }
    }

    /// The partitions of this member, with the offset from which it would read on after a restart, where that is known.
    pub(crate) fn positions(&self) -> Vec<(Partition, Option<u64>)> {
        let all = self.partitions.iter().map(|(partition, assigned)| {
            let position = assigned.watermark.position().or(assigned.start);
            (partition.clone(), position)
        });
        all.collect()
    }
}

fn size(record: &Record) -> usize {
    record.payload.len() + OVERHEAD
}

#[cfg(test)]
mod tests;
