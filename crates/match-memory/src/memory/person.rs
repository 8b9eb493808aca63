//! A person in a scope: what is learned of them, and what their events get.

use std::sync::Arc;

use facebook_conversions::UserData;

use super::{Memory, Shared};
use crate::learn::{PersonKeys, observe};
use crate::person_ids::PersonIds;
use crate::recall::{Period, Recalled, recall};
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
        let Shared {
            store,
            options,
            counters,
            ..
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
            if records.all(|(id, record)| store.learn(id, record)) {
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

    /// Fills what an event of this time (Unix milliseconds) lacks of what is remembered, and says what it was.
    ///
    /// An `fbc` that the event derived from the address of its page gets the time at which the click was first seen. Learn
    /// from the event first: then its own ids are known.
    pub fn recall(&self, event_time: u64, user_data: &mut UserData<'_>) -> Recalled {
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
        let recalled = recall(store, &self.keys, period, options.remember, user_data);
        counters.remembered(recalled.remembered);
        recalled
    }
}

impl std::fmt::Debug for Person<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}
