//! What is known in memory of a destination's events: never more than what is leased.

use std::collections::{BTreeMap, BTreeSet};

use conversions_delivery::{Backlog, InputId, UnixMillis};
use bytes::Bytes;

use crate::tables::Names;

/// One destination.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) names: Names,
    /// Counts and bytes of everything that is on disk.
    pub(crate) backlog: Backlog,
    /// Every waiting event below this key is leased, or given back, or gone.
    pub(crate) cursor: u64,
    /// Leased once and given back.
    pub(crate) returned: BTreeSet<u64>,
    pub(crate) leased: BTreeMap<u64, Leased>,
    /// Events that are not settled and are in the journal only, as records.
    pub(crate) tail: BTreeMap<u64, Bytes>,
    pub(crate) tail_bytes: u64,
    /// Every event of the tail below this key is leased, or given back.
    pub(crate) tail_cursor: u64,
}

/// What is needed to settle a leased event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leased {
    pub(crate) place: Place,
    pub(crate) bytes: u64,
    pub(crate) input: Option<InputId>,
}

/// In which table an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In none, but in the journal; or among the waiting by now.
    Tail,
    /// Among the waiting.
    Waiting,
    /// Among those put aside, until this time (Unix milliseconds).
    Later(i64),
}

impl Partition {
    pub(crate) fn new(destination: &str) -> Self {
        Self {
            names: Names::of(destination),
            backlog: Backlog::default(),
            cursor: 0,
            returned: BTreeSet::new(),
            leased: BTreeMap::new(),
            tail: BTreeMap::new(),
            tail_bytes: 0,
            tail_cursor: 0,
        }
    }

    /// The journal has taken events.
    pub(crate) fn extend_tail(&mut self, events: Vec<(u64, Bytes)>) {
        for (key, record) in events {
            self.tail_bytes += size(&record);
            self.tail.insert(key, record);
        }
    }

    /// An event of the tail is settled, or is in the tables.
    pub(crate) fn remove_from_tail(&mut self, key: u64) -> Option<Bytes> {
        let record = self.tail.remove(&key)?;
        self.tail_bytes = self.tail_bytes.saturating_sub(size(&record));
        Some(record)
    }

    /// The tail is in the tables.
    pub(crate) fn absorbed(&mut self) {
        let is_free = |key: &&u64| !self.leased.contains_key(key);
        if let Some(first) = self.tail.keys().find(is_free) {
            self.cursor = self.cursor.min(*first);
        }
        for leased in self.leased.values_mut() {
            if leased.place == Place::Tail {
                leased.place = Place::Waiting;
            }
        }
        self.tail.clear();
        self.tail_bytes = 0;
    }

    /// Whether an event among the waiting is leased, given back, or of the tail.
    pub(crate) fn is_known(&self, key: u64) -> bool {
        self.leased.contains_key(&key)
            || self.returned.contains(&key)
            || self.tail.contains_key(&key)
    }

    pub(crate) fn grew(&mut self, events: u64, later: u64, bytes: u64, now: UnixMillis) {
        if events > 0 && self.backlog.events == 0 {
            self.backlog.oldest = Some(now);
        }
        self.backlog.events += events;
        self.backlog.later += later;
        self.backlog.bytes += bytes;
    }

    /// Forgets a settled event. Says how many bytes it had.
    pub(crate) fn settled(&mut self, key: u64) -> u64 {
        let Some(leased) = self.leased.remove(&key) else {
            return 0;
        };
        self.remove_from_tail(key);
        if matches!(leased.place, Place::Later(_)) {
            self.backlog.later = self.backlog.later.saturating_sub(1);
        }
        self.shrank(1, leased.bytes);
        leased.bytes
    }

    pub(crate) fn shrank(&mut self, events: u64, bytes: u64) {
        let backlog = &mut self.backlog;
        backlog.events = backlog.events.saturating_sub(events);
        backlog.bytes = backlog.bytes.saturating_sub(bytes);
        if backlog.events == 0 {
            backlog.oldest = None;
            backlog.lowest_line = None;
        }
    }

    /// A leased event was put aside until `due`.
    pub(crate) fn put_aside(&mut self, key: u64) {
        if let Some(leased) = self.leased.remove(&key)
            && !matches!(leased.place, Place::Later(_))
        {
            self.backlog.later += 1;
        }
    }

    /// A leased event may be leased again.
    pub(crate) fn give_back(&mut self, key: u64) {
        if let Some(leased) = self.leased.remove(&key)
            && !matches!(leased.place, Place::Later(_))
        {
            self.returned.insert(key);
        }
    }
}

fn size(record: &Bytes) -> u64 {
    u64::try_from(record.len()).unwrap_or(u64::MAX)
}
