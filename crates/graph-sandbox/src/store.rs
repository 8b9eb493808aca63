//! The accepted events, as many as memory allows, and the counts since the start.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::clock::rfc_3339;

/// How an event arrived, in the terms of Events Manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum ConnectionMethod {
    /// Through the Conversions API.
    Server,
    /// From a pixel in a browser.
    Browser,
}

impl ConnectionMethod {
    /// `Server` or `Browser`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::Browser => "Browser",
        }
    }
}

/// What became of an accepted event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It counts.
    Kept,
    /// A server event that repeats a browser event: received, then discarded.
    Deduplicated,
}

impl State {
    /// `kept` or `deduplicated`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Deduplicated => "deduplicated",
        }
    }
}

/// One accepted event.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StoredEvent {
    /// Its number in order of receipt, from 1, server and browser events together.
    pub number: u64,
    /// When it was received, Unix milliseconds; RFC 3339 in JSON.
    #[serde(serialize_with = "as_rfc_3339")]
    pub received_at: i64,
    /// The pixel or dataset that it was sent to.
    pub pixel_id: Arc<str>,
    /// How it arrived.
    pub connection_method: ConnectionMethod,
    /// Whether it counts.
    pub state: State,
    /// The test event code of its request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_event_code: Option<Arc<str>>,
    /// Its `event_name`.
    pub event_name: Box<str>,
    /// Its `event_id`; the decimal text of a number.
    pub event_id: Option<Box<str>>,
    /// The event as it was sent, byte for byte.
    pub event: Box<RawValue>,
}

impl StoredEvent {
    /// About how many bytes of memory it takes.
    fn size(&self) -> usize {
        size_of::<Self>()
            + self.event.get().len()
            + self.event_name.len()
            + self.event_id.as_deref().map_or(0, str::len)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn as_rfc_3339<S: Serializer>(ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc_3339(*ms))
}

/// Counts since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Totals {
    /// Requests to the events edge, refused ones included.
    pub requests: u64,
    /// Server events in requests that were accepted, discarded ones included.
    pub events_received: u64,
    /// Events that were posted as a browser's.
    pub browser_events: u64,
    /// Server events that were discarded because they repeat a browser event.
    pub deduplicated: u64,
    /// Requests that were refused.
    pub refused_requests: u64,
    /// The same by Graph's code and subcode, or by HTTP status without them: `190`, `100/2804050`, `413`.
    pub refused_by_code: BTreeMap<String, u64>,
    /// The same by the name of the fault.
    pub refused_by_fault: BTreeMap<&'static str, u64>,
    /// Accepted events that are no longer stored, since memory is bounded.
    pub forgotten: u64,
}

/// Which events [`crate::Sandbox::events`] returns; the default is all of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of this pixel.
    pub pixel_id: Option<String>,
    /// Only those of this name.
    pub event_name: Option<String>,
    /// Only those of this id.
    pub event_id: Option<String>,
    /// Only those that arrived this way.
    pub connection_method: Option<ConnectionMethod>,
    /// Only those in this state.
    pub state: Option<State>,
}

impl Filter {
    pub(crate) fn admits(&self, event: &StoredEvent) -> bool {
        let is = |wanted: Option<&str>, found: &str| wanted.is_none_or(|wanted| wanted == found);
        is(self.pixel_id.as_deref(), &event.pixel_id)
            && is(self.event_name.as_deref(), &event.event_name)
            && self
                .event_id
                .as_deref()
                .is_none_or(|id| event.event_id.as_deref() == Some(id))
            && self
                .connection_method
                .is_none_or(|method| method == event.connection_method)
            && self.state.is_none_or(|state| state == event.state)
    }
}

/// Accepted events, the newest ones: at most `events` of them and about `bytes` of memory.
#[derive(Debug)]
pub(crate) struct Store {
    limit: Limit,
    kept: VecDeque<Arc<StoredEvent>>,
    bytes: usize,
    last_number: u64,
    /// Counts since the start.
    pub(crate) totals: Totals,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

impl Store {
    pub(crate) fn new(limit: Limit) -> Self {
        Self {
            limit,
            kept: VecDeque::new(),
            bytes: 0,
            last_number: 0,
            totals: Totals::default(),
        }
    }

    /// Adds an event, numbers it and counts it.
    pub(crate) fn push(&mut self, mut event: StoredEvent) {
        self.last_number += 1;
        event.number = self.last_number;
        match event.connection_method {
            ConnectionMethod::Server => self.totals.events_received += 1,
            ConnectionMethod::Browser => self.totals.browser_events += 1,
        }
        if event.state == State::Deduplicated {
            self.totals.deduplicated += 1;
        }
        self.bytes += event.size();
        self.kept.push_back(Arc::new(event));
        while self.kept.len() > self.limit.events || self.bytes > self.limit.bytes {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            self.bytes -= oldest.size();
            self.totals.forgotten += 1;
        }
    }

    /// Counts a refused request.
    pub(crate) fn refuse(&mut self, fault: &'static str, code: &str) {
        self.totals.refused_requests += 1;
        *self
            .totals
            .refused_by_code
            .entry(code.to_owned())
            .or_default() += 1;
        *self.totals.refused_by_fault.entry(fault).or_default() += 1;
    }

    /// The stored events in order of receipt.
    pub(crate) fn events(&self) -> impl DoubleEndedIterator<Item = &Arc<StoredEvent>> {
        self.kept.iter()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{ConnectionMethod, Limit, State, Store, StoredEvent};

    fn event(bytes: usize) -> StoredEvent {
        StoredEvent {
            number: 0,
            received_at: 0,
            pixel_id: "1".into(),
            connection_method: ConnectionMethod::Server,
            state: State::Kept,
            test_event_code: None,
            event_name: "Lead".into(),
            event_id: None,
            event: RawValue::from_string(format!("\"{}\"", "x".repeat(bytes))).unwrap(),
        }
    }

    fn numbers(store: &Store) -> Vec<u64> {
        store.events().map(|event| event.number).collect()
    }

    #[test]
    fn the_oldest_events_are_forgotten_and_stay_counted() {
        let mut store = Store::new(Limit {
            events: 2,
            bytes: usize::MAX,
        });
        (0..5).for_each(|_| store.push(event(1)));
        assert_eq!(numbers(&store), [4, 5]);
        assert_eq!(
            (store.totals.events_received, store.totals.forgotten),
            (5, 3)
        );
    }

    #[test]
    fn large_events_leave_room_for_fewer() {
        let mut store = Store::new(Limit {
            events: 100,
            bytes: 10_000,
        });
        (0..5).for_each(|_| store.push(event(4_000)));
        assert_eq!(numbers(&store), [4, 5]);
        store.push(event(20_000));
        assert_eq!((numbers(&store), store.bytes), (vec![], 0));
    }
}
