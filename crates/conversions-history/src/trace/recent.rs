//! The newest events, in memory.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::trace::buffer::Told;
use crate::trace::event::TracedEvent;
use crate::trace::record::{
    EVENT, Happened, Replay, read_event, read_happened, read_replay, records,
};

/// Events that are kept.
const KEPT: usize = 1000;

/// The newest events and what became of them.
#[derive(Default)]
pub(super) struct Recent {
    /// Oldest first.
    events: VecDeque<Arc<TracedEvent>>,
    /// Number of the first of `events` since the process started.
    first: u64,
    /// Numbers of events by key.
    by_key: HashMap<u64, u64>,
    change: u64,
}

impl Recent {
    /// Adds what was told, and returns the number of the change.
    pub(super) fn add(&mut self, told: &Told) -> u64 {
        self.change += 1;
        let skipped = usize::try_from(told.events)
            .unwrap_or(0)
            .saturating_sub(KEPT);
        let mut provenances = told.provenances.iter().peekable();
        let events = records(&told.records).filter(|record| record.kind == EVENT);
        for (index, record) in (0_u32..).zip(events).skip(skipped) {
            while provenances.next_if(|(of, _)| *of < index).is_some() {}
            let provenance = provenances.next_if(|(of, _)| *of == index);
            if let Some(mut event) = read_event(&record) {
                event.change = self.change;
                event.provenance = provenance.map(|(_, provenance)| provenance.clone());
                self.push(event);
            }
        }
        // Settlements come after all events: on their way here one may overtake the event that it is about.
        for record in records(&told.records).filter(|record| record.kind != EVENT) {
            if let Some(replay) = read_replay(&record) {
                self.replay(&replay);
            } else if let Some(happened) = read_happened(&record) {
                self.apply(&happened);
            }
        }
        self.change
    }

    fn push(&mut self, event: TracedEvent) {
        if self.events.len() == KEPT {
            let gone = self.events.pop_front().and_then(|event| event.key);
            if let Some(key) = gone.filter(|key| self.by_key.get(key) == Some(&self.first)) {
                self.by_key.remove(&key);
            }
            self.first += 1;
        }
        if let Some(key) = event.key {
            self.by_key
                .insert(key, self.first + self.events.len() as u64);
        }
        self.events.push_back(Arc::new(event));
    }

    /// Goes on with an event that was a dead letter. One that is not among the newest any more comes back.
    fn replay(&mut self, replay: &Replay<'_>) {
        let change = self.change;
        let number = self.by_key.get(&replay.letter).copied();
        if let Some(number) = number
            && let Some(event) = self.event_mut(number)
            && event.replay(replay)
        {
            event.change = change;
            self.by_key.remove(&replay.letter);
            self.by_key.insert(replay.key, number);
        } else if !self
            .events
            .iter()
            .any(|event| event.was_replayed_by(replay))
        {
            let mut event = TracedEvent::of_replay(replay);
            event.change = change;
            self.push(event);
        }
    }

    fn event_mut(&mut self, number: u64) -> Option<&mut TracedEvent> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.events.get_mut(index).map(Arc::make_mut)
    }

    fn apply(&mut self, happened: &Happened<'_>) {
        for (first, count) in happened.keys.clone() {
            // Whichever is less to look through.
            let numbers: Vec<u64> = if count < self.by_key.len() as u64 {
                let keys = first..first.saturating_add(count);
                keys.filter_map(|key| self.by_key.get(&key).copied())
                    .collect()
            } else {
                let keys = self.by_key.iter();
                keys.filter(|(key, _)| key.checked_sub(first).is_some_and(|offset| offset < count))
                    .map(|(_, number)| *number)
                    .collect()
            };
            for number in numbers {
                let change = self.change;
                let event = self.event_mut(number);
                if let Some(event) = event.filter(|one| one.destination == happened.destination) {
                    happened.what.add_to(event);
                    event.change = change;
                }
            }
        }
    }

    pub(super) fn newest_first(&self) -> Vec<Arc<TracedEvent>> {
        self.events.iter().rev().cloned().collect()
    }

    /// Adds to events that were found on disk what only memory knows.
    pub(super) fn add_provenance(&self, found: &mut [TracedEvent]) {
        for event in found {
            let number = event.key.and_then(|key| self.by_key.get(&key));
            let index =
                number.and_then(|number| usize::try_from(number.checked_sub(self.first)?).ok());
            let recent = index.and_then(|index| self.events.get(index));
            if let Some(recent) = recent.filter(|one| one.destination == event.destination) {
                event.provenance.clone_from(&recent.provenance);
            }
        }
    }
}
