//! The events of one destination.

use std::collections::BTreeMap;

use conversions_transport::Frame;

use crate::append::{AppendOutcome, AppendedFrame};
use crate::backlog::Backlog;
use crate::event::due_at;
use crate::key_set::{KeyRange, KeySet};
use crate::leased::LeasedFrame;
use crate::log::{Lease, Wanted};
use crate::time::UnixMillis;

/// Every unsettled key is in `unsettled`, and in one of `waiting`, `later` and `leased`.
#[derive(Debug, Default)]
pub(super) struct Partition {
    /// By the key of the first event. A frame is dropped when its last event is settled.
    frames: BTreeMap<u64, StoredFrame>,
    unsettled: KeySet,
    waiting: KeySet,
    leased: KeySet,
    /// Ranges of keys, by due time and first key.
    later: BTreeMap<(UnixMillis, u64), KeyRange>,
    later_events: u64,
    bytes: u64,
}

#[derive(Debug)]
struct StoredFrame {
    frame: Frame,
    accepted_at: UnixMillis,
    /// Events that are not settled.
    left: u64,
}

impl Partition {
    /// Stores a frame without its duplicates.
    pub(super) fn insert(&mut self, frame: Frame, appended: &AppendedFrame, now: UnixMillis) {
        let mut runs: Vec<(Option<UnixMillis>, KeyRange)> = Vec::new();
        let mut left = 0;
        for (event, outcome) in frame.events().zip(appended.outcomes()) {
            let AppendOutcome::Stored(key) = outcome else {
                continue;
            };
            left += 1;
            self.bytes += size(event.json.len());
            let due = due_at(event.event_time, now);
            match runs.last_mut() {
                Some((last, keys)) if *last == due && keys.range().end == key.0 => keys.count += 1,
                _ => runs.push((due, KeyRange::one(key))),
            }
        }
        if left == 0 {
            return;
        }
        for (due, keys) in runs {
            self.unsettled.insert(keys);
            self.make_available(keys, due);
        }
        let stored = StoredFrame {
            frame,
            accepted_at: now,
            left,
        };
        self.frames.insert(appended.first_key.0, stored);
    }

    pub(super) fn lease(&mut self, wanted: Wanted<'_>, now: UnixMillis) -> Lease {
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            let keys = entry.remove();
            self.later_events -= keys.count;
            self.waiting.insert(keys);
        }
        let (mut events, mut bytes) = (wanted.events, wanted.bytes);
        let mut frames = Vec::new();
        while events > 0
            && let Some(mut slice) = self.first_waiting()
        {
            let mut fitting = slice.frame.count_within(bytes).min(events);
            if fitting == 0 && frames.is_empty() {
                fitting = 1;
            }
            if fitting == 0 {
                break;
            }
            slice = slice.slice(0..fitting);
            events -= slice.frame.len();
            bytes = bytes.saturating_sub(slice.frame.event_bytes());
            self.waiting.remove(slice.keys());
            self.leased.insert(slice.keys());
            frames.push(slice);
        }
        Lease {
            frames,
            next_due: self.later.keys().next().map(|(due, _)| *due),
        }
    }

    pub(super) fn release(&mut self, keys: &[KeyRange], not_before: Option<UnixMillis>) {
        for keys in keys {
            for released in self.leased.remove(*keys) {
                self.make_available(released, not_before);
            }
        }
    }

    /// Removes leased events.
    pub(super) fn settle(&mut self, keys: &[KeyRange]) {
        for keys in keys {
            for settled in self.leased.remove(*keys) {
                self.unsettled.remove(settled);
                self.drop_settled(settled);
            }
        }
    }

    pub(super) fn backlog(&self) -> Backlog {
        let oldest = self.unsettled.first().and_then(|keys| self.slice_of(keys));
        Backlog {
            events: self.unsettled.len(),
            later: self.later_events,
            bytes: self.bytes,
            oldest: oldest.as_ref().map(|slice| slice.accepted_at),
            lowest_line: oldest.and_then(|slice| slice.frame.event(0)?.line),
        }
    }

    fn make_available(&mut self, keys: KeyRange, not_before: Option<UnixMillis>) {
        match not_before {
            Some(due) => {
                self.later_events += keys.count;
                self.later.insert((due, keys.first.0), keys);
            }
            None => self.waiting.insert(keys),
        }
    }

    fn first_waiting(&self) -> Option<LeasedFrame> {
        self.slice_of(self.waiting.first()?)
    }

    /// The first of these keys, as far as they are of one frame.
    fn slice_of(&self, keys: KeyRange) -> Option<LeasedFrame> {
        let (first_key, stored) = self.frames.range(..=keys.first.0).next_back()?;
        let whole = LeasedFrame {
            first_key: crate::EventKey(*first_key),
            accepted_at: stored.accepted_at,
            frame: stored.frame.clone(),
        };
        let start = usize::try_from(keys.first.0 - first_key).ok()?;
        let count = usize::try_from(keys.count).unwrap_or(usize::MAX);
        let slice = whole.slice(start..start.saturating_add(count));
        (!slice.frame.is_empty()).then_some(slice)
    }

    /// Subtracts events that are gone, and drops frames of which no event is left.
    fn drop_settled(&mut self, keys: KeyRange) {
        let mut rest = keys;
        while rest.count > 0
            && let Some(slice) = self.slice_of(rest)
        {
            let gone = slice.keys();
            self.bytes = self.bytes.saturating_sub(size(slice.frame.event_bytes()));
            let frame = self.frames.range_mut(..=gone.first.0).next_back();
            if let Some((first_key, stored)) = frame {
                stored.left = stored.left.saturating_sub(gone.count);
                let (first_key, is_empty) = (*first_key, stored.left == 0);
                if is_empty {
                    self.frames.remove(&first_key);
                }
            }
            rest = KeyRange::from(gone.range().end..rest.range().end);
        }
    }
}

fn size(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
