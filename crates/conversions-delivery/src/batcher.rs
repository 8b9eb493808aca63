//! Sorts leased events into batches by test code and age limit. The age limits are kept apart because one event that is
//! too old makes Meta refuse the whole request.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::event::LeasedEvent;
use crate::options::DestinationOptions;
use crate::time::UnixMillis;

/// What the events of one request have in common: test code and age limit.
type Kind = (Option<Arc<str>>, Duration);

/// The batches of one destination that are being filled, and those that are full.
#[derive(Debug, Default)]
pub(crate) struct Batcher {
    open: BTreeMap<Kind, Batch>,
    full: VecDeque<Vec<LeasedEvent>>,
    events: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Batch {
    events: Vec<LeasedEvent>,
    bytes: usize,
}

impl Batcher {
    /// Adds an event to the batch of its kind.
    pub(crate) fn push(&mut self, event: LeasedEvent, options: &DestinationOptions) {
        let size = event.event.len();
        self.events += 1;
        self.bytes += size;
        let batch = self
            .open
            .entry((event.test_event_code.clone(), event.max_age))
            .or_default();
        if !batch.events.is_empty() && batch.bytes.saturating_add(size) > options.batch_bytes {
            self.full.push_back(std::mem::take(batch).events);
        }
        batch.events.push(event);
        batch.bytes = batch.bytes.saturating_add(size);
        if batch.events.len() >= options.batch_events || batch.bytes >= options.batch_bytes {
            self.full.push_back(std::mem::take(batch).events);
        }
    }

    /// A batch that is full.
    pub(crate) fn pop_full(&mut self) -> Option<Vec<LeasedEvent>> {
        let batch = self.full.pop_front()?;
        Some(self.subtract(batch))
    }

    /// The batch that has waited longest, if that is as long as `linger`.
    pub(crate) fn pop_overdue(
        &mut self,
        now: UnixMillis,
        linger: Duration,
    ) -> Option<Vec<LeasedEvent>> {
        let (kind, since) = self.oldest()?;
        let kind = kind.clone();
        // A batch that seems to come from the future goes at once: the clock was set back.
        if now.since(since) < linger && since <= now {
            return None;
        }
        let batch = self.open.remove(&kind)?.events;
        Some(self.subtract(batch))
    }

    /// How long until a batch has waited for `linger`.
    pub(crate) fn overdue_in(&self, now: UnixMillis, linger: Duration) -> Option<Duration> {
        let (_, since) = self.oldest()?;
        Some(linger.saturating_sub(now.since(since)))
    }

    /// How many events and bytes may be leased further: two requests' worth is held at most.
    pub(crate) fn room(&self, options: &DestinationOptions) -> Option<(usize, usize)> {
        let events = (2 * options.batch_events).saturating_sub(self.events);
        let bytes = options
            .batch_bytes
            .saturating_mul(2)
            .saturating_sub(self.bytes);
        (events > 0 && bytes > 0 && self.full.is_empty()).then_some((events, bytes))
    }

    /// Takes out everything, to be released.
    pub(crate) fn drain(&mut self) -> Vec<LeasedEvent> {
        self.events = 0;
        self.bytes = 0;
        let full = std::mem::take(&mut self.full).into_iter().flatten();
        let open = std::mem::take(&mut self.open);
        full.chain(open.into_values().flat_map(|batch| batch.events))
            .collect()
    }

    fn oldest(&self) -> Option<(&Kind, UnixMillis)> {
        self.open
            .iter()
            .filter_map(|(kind, batch)| Some((kind, batch.events.first()?.accepted_at)))
            .min_by_key(|(_, since)| *since)
    }

    fn subtract(&mut self, batch: Vec<LeasedEvent>) -> Vec<LeasedEvent> {
        self.events = self.events.saturating_sub(batch.len());
        let bytes: usize = batch.iter().map(|event| event.event.len()).sum();
        self.bytes = self.bytes.saturating_sub(bytes);
        batch
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use facebook_conversions::ActionSource;

    use super::*;
    use crate::event::EventKey;

    fn options(batch_events: usize, batch_bytes: usize) -> DestinationOptions {
        DestinationOptions {
            batch_events,
            batch_bytes,
            ..DestinationOptions::default()
        }
    }

    fn event(key: u64, code: Option<&str>, max_age: Duration, size: usize) -> LeasedEvent {
        LeasedEvent {
            key: EventKey(key),
            accepted_at: UnixMillis(i64::try_from(key).expect("small")),
            test_event_code: code.map(Arc::from),
            event: Bytes::from(vec![b'x'; size]),
            event_time: 0,
            max_age,
            line: None,
        }
    }

    fn keys(batch: Option<Vec<LeasedEvent>>) -> Vec<u64> {
        let batch = batch.unwrap_or_default();
        batch.iter().map(|event| event.key.0).collect()
    }

    #[test]
    fn test_codes_and_age_limits_do_not_mix() {
        let mut batcher = Batcher::default();
        let options = options(2, 1000);
        let week = ActionSource::Website.max_age();
        batcher.push(event(1, None, week, 10), &options);
        batcher.push(event(2, Some("T1"), week, 10), &options);
        batcher.push(
            event(3, None, ActionSource::PhysicalStore.max_age(), 10),
            &options,
        );
        assert!(batcher.pop_full().is_none());
        batcher.push(event(4, None, week, 10), &options);
        assert_eq!(keys(batcher.pop_full()), [1, 4]);
        let now = UnixMillis(3);
        assert_eq!(
            keys(batcher.pop_overdue(now, Duration::from_millis(1))),
            [2]
        );
        assert_eq!(
            keys(batcher.pop_overdue(now, Duration::from_millis(1))),
            [0; 0]
        );
        assert_eq!(keys(batcher.pop_overdue(now, Duration::ZERO)), [3]);
    }

    #[test]
    fn a_batch_closes_at_its_byte_limit_and_a_larger_event_goes_alone() {
        let mut batcher = Batcher::default();
        let options = options(1000, 100);
        for (key, size) in [(1, 60), (2, 60), (3, 500), (4, 40), (5, 60)] {
            batcher.push(
                event(key, None, ActionSource::Website.max_age(), size),
                &options,
            );
        }
        let popped: Vec<_> =
            std::iter::from_fn(|| batcher.pop_full().map(|b| keys(Some(b)))).collect();
        assert_eq!(popped, [vec![1], vec![2], vec![3], vec![4, 5]]);
        assert_eq!(batcher.room(&options), Some((2000, 200)));
    }

    #[test]
    fn a_batch_is_overdue_when_the_clock_was_set_back() {
        let mut batcher = Batcher::default();
        batcher.push(
            event(5000, None, ActionSource::Website.max_age(), 1),
            &options(9, 99),
        );
        let linger = Duration::from_secs(1);
        assert_eq!(
            batcher.overdue_in(UnixMillis(5400), linger),
            Some(Duration::from_millis(600))
        );
        assert_eq!(keys(batcher.pop_overdue(UnixMillis(10), linger)), [5000]);
    }
}
