//! Events on their way into the log: which of them are repetitions, and which record each belongs to.

use std::collections::HashSet;
use std::sync::Arc;

use conversions_delivery::UnixMillis;
use conversions_delivery::dedup::DedupKey;
use conversions_input::Position;
use conversions_transport::Frame;

use super::{Origin, ReaderId, State, TrackedEvent, Tracker};

/// What is to become of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PlannedEvent {
    message: Option<DedupKey>,
    is_stored: bool,
}

/// What is to become of all events of some frames.
#[derive(Debug, Default)]
pub(super) struct Plan {
    frames: Vec<Frame>,
    events: Vec<PlannedEvent>,
}

/// Leaves out the events of messages that are known, or that come a second time in these frames.
pub(super) fn plan(frames: &[Frame], is_known: impl Fn(&DedupKey) -> bool) -> Plan {
    let mut plan = Plan::default();
    let mut here = HashSet::new();
    for frame in frames {
        let mut run = 0..0;
        for (index, event) in frame.events().enumerate() {
            let message = event.dedup_key;
            let is_stored = message.is_none_or(|key| !is_known(&key) && here.insert(key));
            plan.events.push(PlannedEvent { message, is_stored });
            if is_stored && run.end == index {
                run.end = index + 1;
            } else if is_stored {
                plan.push(frame, run);
                run = index..index + 1;
            }
        }
        plan.push(frame, run);
    }
    plan
}

impl Plan {
    fn push(&mut self, frame: &Frame, run: std::ops::Range<usize>) {
        if !run.is_empty() {
            self.frames.push(frame.slice(run));
        }
    }
}

/// Events that are being appended. Dropped before [`appended`](Self::appended), nothing is known of them.
#[derive(Debug)]
pub(in crate::serve::consume) struct Admission {
    tracker: Arc<Tracker>,
    reader: ReaderId,
    records: Vec<(Position, usize)>,
    plan: Plan,
}

impl Admission {
    pub(super) fn new(
        tracker: Arc<Tracker>,
        reader: ReaderId,
        records: Vec<(Position, usize)>,
        plan: Plan,
    ) -> Self {
        Self {
            tracker,
            reader,
            records,
            plan,
        }
    }

    /// What is to be appended.
    pub(in crate::serve::consume) fn frames(&self) -> Vec<Frame> {
        self.plan.frames.clone()
    }

    /// The log has appended the frames, with these keys for their events. Returns the keys of all events in the order of
    /// the original frames: `None` for a repetition.
    pub(in crate::serve::consume) fn appended(
        self,
        keys: &[u64],
        now: UnixMillis,
    ) -> Vec<Option<u64>> {
        let mut stored = keys.iter().copied();
        let keys: Vec<_> = self
            .plan
            .events
            .iter()
            .map(|event| event.is_stored.then(|| stored.next()).flatten())
            .collect();
        self.tracker.state().track(&self, &keys, now);
        if let Some(settled) = self.tracker.settled.get(self.reader.0) {
            settled.notify_one();
        }
        keys
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut state = self.tracker.state();
        state.admissions = state.admissions.saturating_sub(1);
        if state.admissions == 0 {
            state.early.clear();
        }
    }
}

impl State {
    /// Takes down which record each event belongs to, in the order of the events.
    fn track(&mut self, admission: &Admission, keys: &[Option<u64>], now: UnixMillis) {
        // Nothing has been settled early in most cases.
        let early: HashSet<u64> = self.early.iter().copied().collect();
        let mut events = admission.plan.events.iter().zip(keys);
        for (position, count) in &admission.records {
            let own: Vec<_> = events.by_ref().take(*count).collect();
            let waits_for: Vec<u64> = own
                .iter()
                .filter_map(|(event, key)| match key {
                    Some(key) => (!early.contains(key)).then_some(*key),
                    // Of a message that was settled meanwhile nothing is left to do.
                    None => self.by_message.get(event.message.as_ref()?).copied(),
                })
                .collect();
            // The first of two equal messages in one record is tracked only below, so the second does not wait for it: the
            // record waits for the first.
            let origin = Origin {
                reader: admission.reader,
                position: position.clone(),
            };
            let record = self.records.insert(origin, waits_for.len());
            for key in waits_for {
                let event = self.events.entry(key).or_insert_with(|| TrackedEvent {
                    message: None,
                    records: Vec::new(),
                });
                event.records.push(record);
            }
            for (event, key) in own {
                let (Some(key), Some(message)) = (key, event.message) else {
                    continue;
                };
                if let Some(tracked) = self.events.get_mut(key) {
                    tracked.message = Some(message);
                    self.by_message.insert(message, *key);
                } else {
                    self.seen.insert(message, now);
                }
            }
        }
    }
}
