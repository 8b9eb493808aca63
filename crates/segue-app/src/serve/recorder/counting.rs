//! What the messages of one request add to the history.

use std::sync::Arc;

use conversions_history::history::{Counter, CounterNumber, Counts, EventNameNumber, MatchKeySet};
use conversions_ingest::{OutcomeKind, RecordedMessage};
use conversions_mapping::{Mapped, Outcome};

use super::names::shown;

/// Names whose numbers are kept for the next request.
const MAX_KNOWN_NAMES: usize = 32;

/// Counts the messages of a request. What it has looked up it keeps for the requests to come.
#[derive(Default)]
pub(super) struct Counting {
    /// Messages so far, and the destination by which they are counted: each is recorded for every one.
    messages: u64,
    counted_by: Option<Arc<str>>,
    source: Option<KnownSource>,
    outcomes: Vec<SameOutcome>,
    /// Each accepted event: its place among the names, and its match keys.
    accepted: Vec<(usize, MatchKeySet)>,
    names: Vec<KnownName>,
}

/// The source of the request before, which is the source of most.
struct KnownSource {
    name: Arc<str>,
    messages: Option<CounterNumber>,
}

/// Messages that were skipped or rejected for the same reason.
struct SameOutcome {
    destination: Option<Arc<str>>,
    kind: OutcomeKind,
    reason: &'static str,
    count: u64,
}

/// A name of events at a destination.
struct KnownName {
    destination: Arc<str>,
    name: String,
    numbers: Option<Numbers>,
    stored: u64,
    duplicates: u64,
}

/// Where events of a name are counted.
#[derive(Clone, Copy)]
struct Numbers {
    accepted: Option<CounterNumber>,
    match_keys: Option<EventNameNumber>,
}

impl Counting {
    /// Takes down one message at one destination.
    pub(super) fn record(&mut self, recorded: &RecordedMessage<'_>) {
        let destination = recorded.mapped.map(|mapped| mapped.destination);
        if let Some(destination) = destination.filter(|_| self.counted_by.is_none()) {
            self.counted_by = Some(Arc::clone(destination));
        }
        self.messages +=
            u64::from(destination.is_none() || destination == self.counted_by.as_ref());
        if let Some(mapped) = recorded.mapped
            && let Outcome::Accepted(event) = mapped.outcome
        {
            // Counted by its key, which says what is a repetition.
            return self.record_accepted(mapped.destination, event);
        }
        let is_same = |known: &&mut SameOutcome| {
            known.kind == recorded.kind
                && known.reason == recorded.reason
                && known.destination.as_ref() == destination
        };
        match self.outcomes.iter_mut().find(is_same) {
            Some(known) => known.count += 1,
            None => self.outcomes.push(SameOutcome {
                destination: destination.cloned(),
                kind: recorded.kind,
                reason: recorded.reason,
                count: 1,
            }),
        }
    }

    fn record_accepted(&mut self, destination: &Arc<str>, mapped: &Mapped<'_>) {
        let event = &*mapped.event.event_name;
        let is_same =
            |known: &KnownName| known.name == event && Arc::ptr_eq(&known.destination, destination);
        let place = self.names.iter().position(is_same).unwrap_or_else(|| {
            self.names.push(KnownName {
                destination: Arc::clone(destination),
                name: event.to_owned(),
                numbers: None,
                stored: 0,
                duplicates: 0,
            });
            self.names.len() - 1
        });
        let keys = MatchKeySet::of(&mapped.event.user_data);
        let keys = keys.with_remembered(mapped.remembered_keys);
        self.accepted.push((place, keys));
    }

    /// Adds everything to the history. `keys` has the key of each accepted event in order; `None` for a repetition.
    pub(super) fn add_to(&mut self, counts: &mut Counts, source: &Arc<str>, keys: &[Option<u64>]) {
        self.add_messages(counts, source);
        for SameOutcome {
            destination,
            kind,
            reason,
            count,
        } in &self.outcomes
        {
            let counter = match (destination.as_deref(), kind) {
                (Some(destination), OutcomeKind::Skipped) => Counter::Skipped {
                    destination,
                    reason,
                },
                (Some(destination), _) => Counter::Rejected {
                    destination,
                    reason,
                },
                (None, _) => Counter::Refused { reason },
            };
            counts.add(counter, *count);
        }
        for (event, (place, match_keys)) in self.accepted.iter().enumerate() {
            if let Some(name) = self.names.get_mut(*place) {
                name.count(counts, *match_keys, keys.get(event) == Some(&None));
            }
        }
        for name in &mut self.names {
            name.add_to(counts);
        }
    }

    fn add_messages(&mut self, counts: &mut Counts, source: &Arc<str>) {
        let known = self.source.take();
        let known = known.filter(|known| Arc::ptr_eq(&known.name, source));
        let known = known.unwrap_or_else(|| KnownSource {
            name: Arc::clone(source),
            messages: counts.look_up(Counter::Messages { source }),
        });
        if let Some(messages) = known.messages {
            counts.add_to(messages, self.messages);
        }
        self.source = Some(known);
    }

    /// Makes it ready for another request.
    pub(super) fn clear(&mut self) {
        self.messages = 0;
        self.counted_by = None;
        self.outcomes.clear();
        self.accepted.clear();
        if self.names.len() > MAX_KNOWN_NAMES {
            self.names.clear();
        }
        for name in &mut self.names {
            (name.stored, name.duplicates) = (0, 0);
        }
    }
}

impl KnownName {
    /// Counts one event.
    fn count(&mut self, counts: &mut Counts, match_keys: MatchKeySet, is_duplicate: bool) {
        if is_duplicate {
            self.duplicates += 1;
            return;
        }
        self.stored += 1;
        if let Some(number) = self.numbers(counts).match_keys {
            counts.add_match_keys(number, match_keys);
        }
    }

    fn numbers(&mut self, counts: &mut Counts) -> Numbers {
        let (destination, name) = (&self.destination, &self.name);
        *self.numbers.get_or_insert_with(|| Numbers {
            accepted: counts.look_up(Counter::Accepted { destination }),
            match_keys: counts.look_up_name(destination, shown(name)),
        })
    }

    /// Adds what all events of the name have in common.
    fn add_to(&mut self, counts: &mut Counts) {
        if self.stored > 0
            && let Some(number) = self.numbers(counts).accepted
        {
            counts.add_to(number, self.stored);
        }
        let (destination, reason) = (&*self.destination, "duplicate");
        let skipped = Counter::Skipped {
            destination,
            reason,
        };
        counts.add(skipped, self.duplicates);
    }
}
