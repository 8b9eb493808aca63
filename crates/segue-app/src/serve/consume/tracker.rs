//! Which records of which inputs have events that are neither delivered nor dead letters.
//!
//! Where the broker is the log, the position of an input may move over a record only when nothing of it is left to do. The
//! tracker knows for each event in the log in memory which record it came from, and for each record how many of its events
//! are unsettled. It recognises repeated messages too: a repetition waits for the event that it repeats, and is settled with it.

mod admission;
mod expiry;
mod records;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use conversions_delivery::dedup::{DedupKey, DedupWindow};
use conversions_delivery::{DedupOptions, EventKey, KeyRange, LeasedFrame, UnixMillis};
use conversions_input::{Input, Partition, Position};
use tokio::sync::Notify;

pub(super) use admission::Admission;
use records::{RecordId, Records};

/// An input, as it reads for one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ReaderId(pub(super) usize);

/// The unsettled records of all readers.
#[derive(Debug)]
pub(super) struct Tracker {
    state: Mutex<State>,
    /// One for each reader: some of its records are settled.
    settled: Vec<Notify>,
    /// The inputs that say when another member may have a record. Set once they are open.
    expiring: OnceLock<BTreeMap<ReaderId, Arc<dyn Input>>>,
}

#[derive(Debug)]
struct State {
    records: Records,
    events: BTreeMap<u64, TrackedEvent>,
    /// Unsettled events by their message.
    by_message: HashMap<DedupKey, u64>,
    /// Messages whose events are settled.
    seen: DedupWindow,
    /// Events that were settled before it was known which record they belong to.
    early: Vec<u64>,
    /// Appends whose events may be settled early.
    admissions: usize,
}

/// An event in the log.
#[derive(Debug)]
struct TrackedEvent {
    message: Option<DedupKey>,
    /// The records that wait for it; none, if the partition of its record was given up.
    records: Vec<RecordId>,
}

/// Where an event came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) reader: ReaderId,
    pub(super) position: Position,
}

impl Tracker {
    /// Nothing is unsettled, of this many readers.
    pub(super) fn new(readers: usize) -> Self {
        Self {
            state: Mutex::new(State {
                records: Records::default(),
                events: BTreeMap::new(),
                by_message: HashMap::new(),
                seen: DedupWindow::new(DedupOptions::default()),
                early: Vec::new(),
                admissions: 0,
            }),
            settled: (0..readers).map(|_| Notify::new()).collect(),
            expiring: OnceLock::new(),
        }
    }

    /// Decides which events of these frames are to be appended. `records` has the position of each record and the number of
    /// its events; the events lie in the frames in the order of the records.
    pub(super) fn admit(
        self: &Arc<Self>,
        reader: ReaderId,
        records: Vec<(Position, usize)>,
        frames: &[conversions_transport::Frame],
        now: UnixMillis,
    ) -> Admission {
        let mut state = self.state();
        state.admissions += 1;
        let is_known = |message: &DedupKey| {
            state.by_message.contains_key(message) || state.seen.contains(message, now)
        };
        let plan = admission::plan(frames, is_known);
        drop(state);
        Admission::new(Arc::clone(self), reader, records, plan)
    }

    /// These events are delivered, or dead letters.
    pub(super) fn settle(&self, keys: &[KeyRange], now: UnixMillis) {
        let mut state = self.state();
        let mut readers = Vec::new();
        for key in keys.iter().flat_map(|range| range.range()) {
            state.settle(key, now, &mut readers);
        }
        drop(state);
        self.wake(&readers);
    }

    /// Takes the records of a reader of which nothing is left to do.
    pub(super) fn take_settled(&self, reader: ReaderId) -> Vec<Position> {
        self.state().records.take_settled(reader)
    }

    /// Completes when [`take_settled`](Self::take_settled) may have something.
    pub(super) async fn settled(&self, reader: ReaderId) {
        match self.settled.get(reader.0) {
            Some(settled) => settled.notified().await,
            None => std::future::pending().await,
        }
    }

    /// How many records of these partitions are unsettled.
    pub(super) fn unsettled(&self, reader: ReaderId, partitions: &[Partition]) -> usize {
        self.state().records.unsettled(reader, partitions)
    }

    /// The partitions belong to another member of the group. Their events are not to be sent any more.
    pub(super) fn give_up(&self, reader: ReaderId, partitions: &[Partition]) {
        let mut state = self.state();
        let given_up = state.records.remove(reader, partitions);
        state.forget_records(&given_up);
    }

    /// Parts what was leased: what is to be sent, and the events for which no record waits any more.
    pub(super) fn part(&self, frames: Vec<LeasedFrame>) -> (Vec<LeasedFrame>, Vec<KeyRange>) {
        let mut state = self.state();
        let (mut wanted, mut unwanted) = (Vec::with_capacity(frames.len()), Vec::new());
        for frame in frames {
            let is_given_up = |key: &EventKey| {
                let event = state.events.get(&key.0);
                event.is_some_and(|event| event.records.is_empty())
            };
            if !frame.keys().keys().any(|key| is_given_up(&key)) {
                wanted.push(frame);
                continue;
            }
            for (index, key) in frame.keys().keys().enumerate() {
                if is_given_up(&key) {
                    unwanted.push(KeyRange::one(key));
                } else {
                    wanted.push(frame.slice(index..index + 1));
                }
            }
        }
        for key in unwanted.iter().flat_map(|range| range.range()) {
            state.events.remove(&key);
        }
        (wanted, unwanted)
    }

    /// Where an event came from; `None` when its partition was given up.
    pub(super) fn origin(&self, key: EventKey) -> Option<Origin> {
        let state = self.state();
        let record = *state.events.get(&key.0)?.records.first()?;
        state.records.origin(record)
    }

    fn wake(&self, readers: &[ReaderId]) {
        for settled in readers.iter().filter_map(|one| self.settled.get(one.0)) {
            settled.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// No event belongs to these records any more.
    fn forget_records(&mut self, gone: &BTreeSet<RecordId>) {
        if !gone.is_empty() {
            for event in self.events.values_mut() {
                event.records.retain(|record| !gone.contains(record));
            }
        }
        // A repetition that comes when they come back is an event of its own.
        let events = &self.events;
        self.by_message.retain(|_, key| {
            let event = events.get(key);
            event.is_some_and(|event| !event.records.is_empty())
        });
    }

    fn settle(&mut self, key: u64, now: UnixMillis, readers: &mut Vec<ReaderId>) {
        let Some(event) = self.events.remove(&key) else {
            if self.admissions > 0 {
                self.early.push(key);
            }
            return;
        };
        if let Some(message) = event.message {
            if self.by_message.get(&message) == Some(&key) {
                self.by_message.remove(&message);
            }
            self.seen.insert(message, now);
        }
        for record in event.records {
            readers.extend(self.records.settle_one(record));
        }
    }
}

#[cfg(test)]
mod tests;
