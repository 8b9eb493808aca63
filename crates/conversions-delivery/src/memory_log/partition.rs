//! The events of one destination.

use std::collections::{BTreeMap, BTreeSet};

use conversions_transport::NewEvent;

use crate::backlog::Backlog;
use crate::event::{EventKey, LeasedEvent, due_at};
use crate::log::{Lease, Wanted};
use crate::time::UnixMillis;

/// Every unsettled event is in `events`; unless it is leased, its key is in `waiting` or in `later` as well.
#[derive(Debug, Default)]
pub(super) struct Partition {
    events: BTreeMap<EventKey, LeasedEvent>,
    waiting: BTreeSet<EventKey>,
    later: BTreeSet<(UnixMillis, EventKey)>,
    bytes: u64,
}

impl Partition {
    pub(super) fn insert(&mut self, key: EventKey, event: NewEvent, now: UnixMillis) {
        match due_at(event.event_time, now) {
            Some(due) => {
                self.later.insert((due, key));
            }
            None => {
                self.waiting.insert(key);
            }
        }
        self.bytes += size(&event.event);
        let event = LeasedEvent {
            key,
            accepted_at: now,
            test_event_code: event.test_event_code,
            event: event.event,
            event_time: event.event_time,
            max_age: event.action_source.max_age(),
            line: event.line,
        };
        self.events.insert(key, event);
    }

    pub(super) fn lease(&mut self, wanted: Wanted<'_>, now: UnixMillis) -> Lease {
        while let Some((due, key)) = self.later.first().copied() {
            if due > now {
                break;
            }
            self.later.pop_first();
            self.waiting.insert(key);
        }
        let mut events = Vec::new();
        let mut bytes = 0_usize;
        while let Some(event) = self.waiting.first().and_then(|key| self.events.get(key)) {
            let larger = bytes.saturating_add(event.event.len());
            if events.len() >= wanted.events || (larger > wanted.bytes && !events.is_empty()) {
                break;
            }
            bytes = larger;
            self.waiting.remove(&event.key);
            events.push(event.clone());
        }
        Lease {
            events,
            next_due: self.later.first().map(|(due, _)| *due),
        }
    }

    pub(super) fn release(&mut self, keys: &[EventKey], not_before: Option<UnixMillis>) {
        for key in keys {
            if !self.events.contains_key(key) {
                continue;
            }
            match not_before {
                Some(due) => {
                    self.later.insert((due, *key));
                }
                None => {
                    self.waiting.insert(*key);
                }
            }
        }
    }

    pub(super) fn remove(&mut self, keys: &[EventKey]) {
        for key in keys {
            if let Some(event) = self.events.remove(key) {
                self.bytes = self.bytes.saturating_sub(size(&event.event));
            }
        }
    }

    pub(super) fn backlog(&self) -> Backlog {
        let oldest = self.events.values().next();
        Backlog {
            events: self.events.len().try_into().unwrap_or(u64::MAX),
            later: self.later.len().try_into().unwrap_or(u64::MAX),
            bytes: self.bytes,
            oldest: oldest.map(|event| event.accepted_at),
            lowest_line: oldest.and_then(|event| event.line),
        }
    }
}

fn size(event: &[u8]) -> u64 {
    u64::try_from(event.len()).unwrap_or(u64::MAX)
}
