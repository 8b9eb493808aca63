//! The model of a log: a queue so simple that it is obviously right.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;

use crate::{EventKey, KeyRange, UnixMillis};

/// The state that a log should be in, for one destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// Events that may be leased, by key, and from when on; in order.
    pub queue: VecDeque<(u64, UnixMillis)>,
    /// Leased events, and when they were due.
    pub leased: BTreeMap<u64, UnixMillis>,
    /// The JSON text of each event that was appended under a known key.
    pub texts: BTreeMap<u64, Bytes>,
    /// Dead letters.
    pub dead: Vec<u64>,
    /// Which of the four `messageId`s were seen, one bit each.
    pub seen: u8,
}

impl Model {
    /// Everything that is not settled, as it is when no event is leased any more.
    #[must_use]
    pub fn unsettled(&self) -> BTreeMap<u64, UnixMillis> {
        let queue = self.queue.iter().copied();
        queue.chain(self.leased.clone()).collect()
    }

    /// The events that may be leased at `now`.
    #[must_use]
    pub fn due(&self, now: UnixMillis) -> BTreeSet<u64> {
        let due = self.queue.iter().filter(|(_, due)| *due <= now);
        due.map(|(key, _)| *key).collect()
    }

    /// Ends all leases, as a restart of the process does.
    pub fn end_leases(&mut self) {
        self.queue = self.unsettled().into_iter().collect();
        self.leased.clear();
    }

    /// Every `every`th of the leased events.
    #[must_use]
    pub fn some_leased(&self, every: usize) -> Vec<KeyRange> {
        let leased = self.leased.keys().step_by(every);
        KeyRange::of_keys(leased.map(|key| EventKey(*key)))
    }

    /// Appends an event that may be leased from `due` on.
    pub fn append(&mut self, key: u64, due: UnixMillis) {
        self.queue.push_back((key, due));
        self.queue.make_contiguous().sort_unstable();
    }

    /// Leases an event. Returns from when on it may be leased; `None` when it is not in the queue.
    pub fn lease(&mut self, key: u64) -> Option<UnixMillis> {
        let place = self.queue.iter().position(|(queued, _)| *queued == key)?;
        let (key, due) = self.queue.remove(place)?;
        self.leased.insert(key, due);
        Some(due)
    }

    /// Releases leased events, until `due` if it is given.
    pub fn release(&mut self, keys: &[KeyRange], due: Option<UnixMillis>) {
        for EventKey(key) in keys.iter().flat_map(|range| range.keys()) {
            if let Some(before) = self.leased.remove(&key) {
                self.append(key, due.unwrap_or(before));
            }
        }
    }

    /// Removes settled events.
    pub fn settle(&mut self, keys: &[KeyRange]) {
        for EventKey(key) in keys.iter().flat_map(|range| range.keys()) {
            self.leased.remove(&key);
        }
    }
}
