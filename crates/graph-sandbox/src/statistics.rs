//! Records of the requests, and how often each event was accepted.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use serde::Serialize;

use crate::store::Totals;

/// How many requests are kept, the newest ones: enough for a load test of minutes, little memory.
const MAX_REQUESTS: usize = 10_000;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is under way, or its sender closed the connection.
    Unanswered,
    /// Its events were accepted, and the answer said so.
    Accepted,
    /// It was refused as Graph refuses.
    Refused,
    /// The script determined its answer, or left it without one.
    Scripted,
}

/// A request to the events edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestRecord {
    /// Its number in order of arrival, from 1.
    pub number: u64,
    /// When it arrived, Unix milliseconds.
    pub arrived_at: i64,
    /// The pixel in its path.
    pub pixel_id: Box<str>,
    /// The size of its body in bytes, 0 if that was not read.
    pub bytes: usize,
    /// How many of its events were accepted, whatever its sender was told.
    pub events: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Graph's code and subcode as `100/2804050`, the HTTP status, or what the script did, as `reset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How often an event was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AcceptedId {
    /// The pixel that it was sent to.
    pub pixel_id: Arc<str>,
    /// Its `event_id`.
    pub event_id: Box<str>,
    /// How often it was accepted: more than once if it was sent again after an answer got lost.
    pub times: u32,
}

/// Everything that is counted.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Counts since the start.
    pub totals: Totals,
    /// How many different events with an `event_id` were accepted and are remembered.
    pub distinct_event_ids: usize,
    /// How many more were accepted and are forgotten, since memory is bounded.
    pub forgotten_event_ids: u64,
    /// Those that were accepted more than once, in order of first acceptance.
    pub repeated_event_ids: Vec<AcceptedId>,
    /// The last ten thousand requests, oldest first.
    pub requests: Vec<RequestRecord>,
}

/// The newest requests.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    records: VecDeque<RequestRecord>,
    last_number: u64,
}

impl Requests {
    /// Adds a request that has arrived. Returns its number.
    pub(crate) fn add(&mut self, pixel_id: &str, now_ms: i64) -> u64 {
        self.last_number += 1;
        self.records.push_back(RequestRecord {
            number: self.last_number,
            arrived_at: now_ms,
            pixel_id: pixel_id.into(),
            bytes: 0,
            events: 0,
            outcome: Outcome::Unanswered,
            detail: None,
        });
        if self.records.len() > MAX_REQUESTS {
            self.records.pop_front();
        }
        self.last_number
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut RequestRecord> {
        let from_end = usize::try_from(self.last_number.checked_sub(number)?).ok()?;
        let position = self.records.len().checked_sub(from_end + 1)?;
        self.records.get_mut(position)
    }

    pub(crate) fn records(&self) -> Vec<RequestRecord> {
        self.records.iter().cloned().collect()
    }
}

/// How often each event id was accepted; the newest `limit` of them.
#[derive(Debug)]
pub(crate) struct AcceptedIds {
    limit: usize,
    times: HashMap<(Arc<str>, Arc<str>), u32>,
    order: VecDeque<(Arc<str>, Arc<str>)>,
    forgotten: u64,
}

impl AcceptedIds {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            times: HashMap::new(),
            order: VecDeque::new(),
            forgotten: 0,
        }
    }

    pub(crate) fn accept(&mut self, pixel_id: &Arc<str>, event_id: &str) {
        let key = (Arc::clone(pixel_id), Arc::from(event_id));
        if let Some(times) = self.times.get_mut(&key) {
            *times = times.saturating_add(1);
            return;
        }
        self.order.push_back(key.clone());
        self.times.insert(key, 1);
        if self.order.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.times.remove(&oldest);
            self.forgotten += 1;
        }
    }

    pub(crate) fn times(&self, pixel_id: &str, event_id: &str) -> u32 {
        let key = (Arc::from(pixel_id), Arc::from(event_id));
        self.times.get(&key).copied().unwrap_or_default()
    }

    /// The remembered events in order of first acceptance.
    pub(crate) fn iter(&self) -> impl Iterator<Item = AcceptedId> {
        self.order.iter().map(|key| AcceptedId {
            pixel_id: Arc::clone(&key.0),
            event_id: (&*key.1).into(),
            times: self.times.get(key).copied().unwrap_or_default(),
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{AcceptedIds, Outcome, Requests};

    #[test]
    fn a_request_keeps_its_number_when_older_ones_are_forgotten() {
        let mut requests = Requests::default();
        let numbers: Vec<u64> = (0..10_005).map(|_| requests.add("1", 0)).collect();
        assert_eq!(numbers.last(), Some(&10_005));
        assert!(requests.get_mut(5).is_none() && requests.get_mut(10_006).is_none());
        requests.get_mut(6).unwrap().outcome = Outcome::Accepted;
        let records = requests.records();
        assert_eq!((records.len(), records[0].number), (10_000, 6));
        assert_eq!(records[0].outcome, Outcome::Accepted);
    }

    #[test]
    fn acceptances_are_counted_for_each_pixel_and_the_oldest_are_forgotten() {
        let mut accepted = AcceptedIds::new(2);
        let [one, two]: [Arc<str>; 2] = ["1".into(), "2".into()];
        accepted.accept(&one, "a");
        accepted.accept(&two, "a");
        accepted.accept(&one, "a");
        assert_eq!((accepted.times("1", "a"), accepted.times("2", "a")), (2, 1));
        accepted.accept(&one, "b");
        assert_eq!(
            (
                accepted.times("1", "a"),
                accepted.len(),
                accepted.forgotten()
            ),
            (0, 2, 1)
        );
        let ids: Vec<_> = accepted.iter().map(|id| (id.event_id, id.times)).collect();
        assert_eq!(ids, [("a".into(), 1), ("b".into(), 1)]);
    }
}
