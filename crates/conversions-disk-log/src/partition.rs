//! The state of one destination in memory: its leased events, and those that only the journal holds.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use conversions_delivery::{Backlog, InputId, UnixMillis};

use crate::tables::TableNames;

/// One destination.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) names: TableNames,
    /// Counts and bytes of everything that is on disk.
    pub(crate) backlog: Backlog,
    /// Where the next lease goes on in the table: every waiting event below this key is leased, released or gone.
    pub(crate) cursor: u64,
    /// Leased once and released.
    pub(crate) released: BTreeSet<u64>,
    pub(crate) leased: BTreeMap<u64, Leased>,
    /// Records of unsettled events that are in the journal only.
    pub(crate) unflushed: BTreeMap<u64, Bytes>,
    pub(crate) unflushed_bytes: u64,
    /// Where the next lease goes on among the unflushed: every one below this key is leased or released.
    pub(crate) unflushed_cursor: u64,
}

/// What is needed to settle a leased event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leased {
    pub(crate) place: Place,
    pub(crate) bytes: u64,
    pub(crate) input: Option<InputId>,
}

/// Where the record of a leased event was when it was leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the journal only.
    Journal,
    /// In the table `waiting/<destination>`.
    Waiting,
    /// In the table `later/<destination>`, until this time (Unix milliseconds).
    Later(i64),
}

impl Partition {
    pub(crate) fn new(destination: &str) -> Self {
        Self {
            names: TableNames::of(destination),
            backlog: Backlog::default(),
            cursor: 0,
            released: BTreeSet::new(),
            leased: BTreeMap::new(),
            unflushed: BTreeMap::new(),
            unflushed_bytes: 0,
            unflushed_cursor: 0,
        }
    }

    /// Adds records that the journal has taken.
    pub(crate) fn extend_unflushed(&mut self, events: Vec<(u64, Bytes)>) {
        for (key, record) in events {
            self.unflushed_bytes += size(&record);
            self.unflushed.insert(key, record);
        }
    }

    /// Removes the record of an event that is settled.
    pub(crate) fn remove_unflushed(&mut self, key: u64) -> Option<Bytes> {
        let record = self.unflushed.remove(&key)?;
        self.unflushed_bytes = self.unflushed_bytes.saturating_sub(size(&record));
        Some(record)
    }

    /// A checkpoint has written all unflushed events into the tables.
    pub(crate) fn finish_checkpoint(&mut self) {
        // The table has gained rows below the cursor. Those that are not leased must be found again.
        let is_free = |key: &&u64| !self.leased.contains_key(key);
        if let Some(first) = self.unflushed.keys().find(is_free) {
            self.cursor = self.cursor.min(*first);
        }
        for leased in self.leased.values_mut() {
            if leased.place == Place::Journal {
                leased.place = Place::Waiting;
            }
        }
        self.unflushed.clear();
        self.unflushed_bytes = 0;
    }

    /// Whether an event of the table `waiting/<destination>` is leased, released, or unflushed. After a failed checkpoint an
    /// unflushed event may be in the table already.
    pub(crate) fn is_known(&self, key: u64) -> bool {
        self.leased.contains_key(&key)
            || self.released.contains(&key)
            || self.unflushed.contains_key(&key)
    }

    /// Counts events that were committed.
    pub(crate) fn count_appended(&mut self, events: u64, later: u64, bytes: u64, now: UnixMillis) {
        if events > 0 && self.backlog.events == 0 {
            self.backlog.oldest = Some(now);
        }
        self.backlog.events += events;
        self.backlog.later += later;
        self.backlog.bytes += bytes;
    }

    /// Forgets a settled event. Returns how many bytes it had.
    pub(crate) fn forget_settled(&mut self, key: u64) -> u64 {
        let Some(leased) = self.leased.remove(&key) else {
            return 0;
        };
        self.remove_unflushed(key);
        if matches!(leased.place, Place::Later(_)) {
            self.backlog.later = self.backlog.later.saturating_sub(1);
        }
        self.count_removed(1, leased.bytes);
        leased.bytes
    }

    /// Subtracts events that were removed.
    pub(crate) fn count_removed(&mut self, events: u64, bytes: u64) {
        let backlog = &mut self.backlog;
        backlog.events = backlog.events.saturating_sub(events);
        backlog.bytes = backlog.bytes.saturating_sub(bytes);
        if backlog.events == 0 {
            backlog.oldest = None;
            backlog.lowest_line = None;
        }
    }

    /// Ends the lease of an event that was deferred on disk.
    pub(crate) fn defer(&mut self, key: u64) {
        if let Some(leased) = self.leased.remove(&key)
            && !matches!(leased.place, Place::Later(_))
        {
            self.backlog.later += 1;
        }
    }

    /// Ends the lease of an event, which may be leased again.
    pub(crate) fn release(&mut self, key: u64) {
        // A deferred event that was due is found in its table again; the cursor of the others has passed them.
        if let Some(leased) = self.leased.remove(&key)
            && !matches!(leased.place, Place::Later(_))
        {
            self.released.insert(key);
        }
    }
}

fn size(record: &Bytes) -> u64 {
    u64::try_from(record.len()).unwrap_or(u64::MAX)
}
