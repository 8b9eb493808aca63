//! What is known in memory of a destination's events: never more than what is leased.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::Names;
use crate::accepted::InputId;
use crate::log::Backlog;
use crate::time::UnixMillis;

/// One destination.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) names: Names,
    /// Counts and bytes of everything that is on disk.
    pub(super) backlog: Backlog,
    /// Every waiting event below this key is leased, or given back, or gone.
    pub(super) cursor: u64,
    /// Leased once and given back.
    pub(super) returned: BTreeSet<u64>,
    pub(super) leased: BTreeMap<u64, Leased>,
}

/// What is needed to settle a leased event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leased {
    pub(super) place: Place,
    pub(super) bytes: u64,
    pub(super) input: Option<InputId>,
}

/// In which table an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Among the waiting.
    Waiting,
    /// Among those put aside, until this time (Unix milliseconds).
    Later(i64),
}

impl Partition {
    pub(super) fn new(destination: &str) -> Self {
        Self {
            names: Names::of(destination),
            backlog: Backlog::default(),
            cursor: 0,
            returned: BTreeSet::new(),
            leased: BTreeMap::new(),
        }
    }

    pub(super) fn grew(&mut self, events: u64, later: u64, bytes: u64, now: UnixMillis) {
        if events > 0 && self.backlog.events == 0 {
            self.backlog.oldest = Some(now);
        }
        self.backlog.events += events;
        self.backlog.later += later;
        self.backlog.bytes += bytes;
    }

    /// Forgets a settled event. Says how many bytes it had.
    pub(super) fn settled(&mut self, key: u64) -> u64 {
        let Some(leased) = self.leased.remove(&key) else {
            return 0;
        };
        let backlog = &mut self.backlog;
        backlog.events = backlog.events.saturating_sub(1);
        backlog.bytes = backlog.bytes.saturating_sub(leased.bytes);
        if leased.place != Place::Waiting {
            backlog.later = backlog.later.saturating_sub(1);
        }
        if backlog.events == 0 {
            backlog.oldest = None;
            backlog.lowest_line = None;
        }
        leased.bytes
    }

    /// A leased event was put aside until `due`.
    pub(super) fn put_aside(&mut self, key: u64) {
        if let Some(leased) = self.leased.remove(&key)
            && leased.place == Place::Waiting
        {
            self.backlog.later += 1;
        }
    }

    /// A leased event may be leased again.
    pub(super) fn give_back(&mut self, key: u64) {
        if let Some(leased) = self.leased.remove(&key)
            && leased.place == Place::Waiting
        {
            self.returned.insert(key);
        }
    }
}
