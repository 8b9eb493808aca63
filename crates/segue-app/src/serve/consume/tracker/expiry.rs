//! Records that another member may have by now, because this process stood still or was cut off from the broker.
//!
//! Their events wait in memory, for hours if a destination is held. Before a request begins with them, their input is asked
//! whether they are still this process's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use conversions_delivery::KeyRange;
use conversions_input::{Input, Position};

use super::{ReaderId, RecordId, State, Tracker};

impl Tracker {
    /// The inputs that are to be asked. Called once, before anything is read.
    pub(in crate::serve::consume) fn ask_before_sending(
        &self,
        inputs: BTreeMap<ReaderId, Arc<dyn Input>>,
    ) {
        let _ = self.expiring.set(inputs);
    }

    /// Gives up the records of these events that another member may have, and returns the events for which no record
    /// waits any more. They are not to be sent.
    pub(in crate::serve::consume) fn take_expired(&self, keys: &[KeyRange]) -> Vec<KeyRange> {
        let Some(inputs) = self.expiring.get().filter(|inputs| !inputs.is_empty()) else {
            return Vec::new();
        };
        let mut state = self.state();
        let mut gone = BTreeSet::new();
        let mut readers = Vec::new();
        for (reader, records) in state.records_of(keys) {
            let Some(input) = inputs.get(&reader) else {
                continue;
            };
            let positions: Vec<Position> = records.values().cloned().collect();
            let expired = input.take_expired(&positions);
            if !expired.is_empty() {
                let expired: BTreeSet<Position> = expired.into_iter().collect();
                let ids = records.into_iter();
                gone.extend(ids.filter_map(|(id, at)| expired.contains(&at).then_some(id)));
                readers.push(reader);
            }
        }
        if gone.is_empty() {
            return Vec::new();
        }
        for id in &gone {
            state.records.expire(*id);
        }
        state.forget_records(&gone);
        let unwanted = state.take_unwanted(keys);
        drop(state);
        self.wake(&readers);
        unwanted
    }

    /// The records of a reader that were given up since the last call.
    pub(in crate::serve::consume) fn take_expired_records(
        &self,
        reader: ReaderId,
    ) -> Vec<Position> {
        self.state().records.take_expired(reader)
    }
}

impl State {
    /// The records that wait for these events, by reader.
    fn records_of(&self, keys: &[KeyRange]) -> BTreeMap<ReaderId, BTreeMap<RecordId, Position>> {
        let mut found: BTreeMap<ReaderId, BTreeMap<RecordId, Position>> = BTreeMap::new();
        let events = keys
            .iter()
            .flat_map(|range| range.range())
            .filter_map(|key| self.events.get(&key));
        for id in events.flat_map(|event| &event.records) {
            if let Some(origin) = self.records.origin(*id) {
                let records = found.entry(origin.reader).or_default();
                records.insert(*id, origin.position);
            }
        }
        found
    }

    /// Removes those of these events for which no record waits, and returns them.
    fn take_unwanted(&mut self, keys: &[KeyRange]) -> Vec<KeyRange> {
        let is_unwanted = |key: &conversions_delivery::EventKey| {
            let event = self.events.get(&key.0);
            event.is_some_and(|event| event.records.is_empty())
        };
        let all = keys.iter().flat_map(|range| range.keys());
        let unwanted: Vec<_> = all.filter(is_unwanted).collect();
        for key in &unwanted {
            self.events.remove(&key.0);
        }
        KeyRange::of_keys(unwanted)
    }
}
