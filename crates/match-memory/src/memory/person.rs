//! A person in a scope: what is learned of them, and what their events get.

use std::sync::Arc;

use facebook_conversions::UserData;

use super::{Memory, Shared};
use crate::fingerprint::Fingerprint;
use crate::learn::{PersonKeys, observe};
use crate::person_ids::PersonIds;
use crate::recall::{Lacking, Period, PersonRecords, Recalled, recall};
use crate::telemetry::NotLearned;

/// How far ahead of the clock a message may be dated: as far ahead as an event is held until it is due.
const AHEAD_MILLIS: u64 = 3_600_000;

/// What is remembered under one name.
#[derive(Clone, Debug)]
pub struct Scope {
    pub(super) memory: Memory,
    pub(super) name: Arc<str>,
}

impl Scope {
    /// The person of these ids.
    #[must_use]
    pub fn person<'s>(&'s self, ids: &PersonIds<'s>) -> Person<'s> {
        let shared = &*self.memory.inner.shared;
        let keys = PersonKeys::of(ids, &self.name, shared.store.key());
        Person { shared, keys }
    }
}

/// The person that a message is about.
pub struct Person<'m> {
    shared: &'m Shared,
    keys: PersonKeys<'m>,
}

impl Person<'_> {
    /// Learns from a message: when it was sent (Unix milliseconds), and what it says of the person.
    ///
    /// What is learned does not depend on the order of messages, nor on how often each is seen.
    ///
    /// # Errors
    ///
    /// [`NotLearned`] when nothing was learned from the message. It is counted; there is nothing else to do about it.
    pub fn learn(&self, time: u64, user_data: &UserData<'_>) -> Result<(), NotLearned> {
        let store = &self.shared.store;
        self.learn_by(time, user_data, |id, record| store.learn(id, record))
    }

    /// Fills what an event of this time (Unix milliseconds) lacks of what is remembered, and says what it was.
    ///
    /// An `fbc` that the event derived from the address of its page gets the time at which the click was first seen.
    pub fn recall(&self, event_time: u64, user_data: &mut UserData<'_>) -> Recalled {
        let lacking = self.lacking(event_time, user_data);
        self.fill(event_time, lacking, PersonRecords::default(), user_data)
    }

    /// Learns from an event and fills what it lacks: [`Person::learn`], then [`Person::recall`], in less time than both.
    ///
    /// What the event lacks is filled even if nothing was learned from it.
    pub fn learn_and_recall(&self, time: u64, user_data: &mut UserData<'_>) -> Recalled {
        let store = &self.shared.store;
        let lacking = self.lacking(time, user_data);
        if lacking.is_nothing() {
            let _ = self.learn(time, user_data);
            return Recalled::default();
        }
        let mut known = PersonRecords::default();
        let _ = self.learn_by(time, user_data, |id, record| known.learn(store, id, record));
        self.fill(time, lacking, known, user_data)
    }

    /// Learns from a message: hands over each id and what is learned of it to `learn`, which says whether there was room.
    fn learn_by(
        &self,
        time: u64,
        user_data: &UserData<'_>,
        mut learn: impl FnMut(Fingerprint, &[u8]) -> bool,
    ) -> Result<(), NotLearned> {
        let Shared {
            options, counters, ..
        } = self.shared;
        counters.ignored(self.keys.placeholders);
        let now = (options.clock)();
        let result = if time > now.saturating_add(AHEAD_MILLIS) {
            Err(NotLearned::Ahead)
        } else if time < now.saturating_sub(options.ttl_millis()) {
            Err(NotLearned::TooOld)
        } else {
            let records = observe(&self.keys, time, user_data, options.remember);
            let mut records = records.iter();
            if records.all(|(id, record)| learn(id, record)) {
                Ok(())
            } else {
                Err(NotLearned::NoRoom)
            }
        };
        match result {
            Ok(()) => counters.learned(),
            Err(reason) => counters.not_learned(reason),
        }
        result
    }

    fn lacking(&self, event_time: u64, user_data: &UserData<'_>) -> Lacking {
        let wanted = self.shared.options.remember;
        Lacking::of(user_data, &self.keys, event_time, wanted)
    }

    fn fill(
        &self,
        event_time: u64,
        lacking: Lacking,
        known: PersonRecords,
        user_data: &mut UserData<'_>,
    ) -> Recalled {
        if lacking.is_nothing() {
            return Recalled::default();
        }
        let Shared {
            store,
            options,
            counters,
            ..
        } = self.shared;
        let period = Period {
            oldest: event_time.saturating_sub(options.ttl_millis()),
            event_time,
        };
        let recalled = recall(store, &self.keys, period, lacking, known, user_data);
        counters.remembered(recalled.remembered);
        recalled
    }
}

impl std::fmt::Debug for Person<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}
