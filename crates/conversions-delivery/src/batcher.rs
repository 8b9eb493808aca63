//! Sorts leased events into batches by test code and age limit. The age limits are kept apart because one event that is
//! too old makes Meta refuse the whole request.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::leased::LeasedFrame;
use crate::leased_batch::LeasedBatch;
use crate::options::DestinationOptions;
use crate::time::UnixMillis;

/// What the events of one request have in common: test code and age limit.
type Kind = (Option<Arc<str>>, Duration);

/// The batches of one destination that are being filled, and those that are full.
#[derive(Debug, Default)]
pub(crate) struct Batcher {
    open: BTreeMap<Kind, LeasedBatch>,
    full: VecDeque<LeasedBatch>,
    events: usize,
    bytes: usize,
}

impl Batcher {
    /// Adds events to the batches of their kinds.
    pub(crate) fn push(&mut self, leased: LeasedFrame, options: &DestinationOptions) {
        let mut rest = leased;
        while !rest.frame.is_empty() {
            let same = rest.frame.same_age_prefix();
            self.push_same_kind(rest.slice(0..same), options);
            rest = rest.slice(same..usize::MAX);
        }
    }

    fn push_same_kind(&mut self, leased: LeasedFrame, options: &DestinationOptions) {
        let Some(max_age) = leased.frame.event(0).map(|event| event.max_age) else {
            return;
        };
        self.events += leased.frame.len();
        self.bytes += leased.frame.event_bytes();
        let code = leased.frame.test_event_code().cloned();
        let batch = self.open.entry((code, max_age)).or_default();
        let mut rest = leased;
        while !rest.frame.is_empty() {
            let room = options.batch_bytes.saturating_sub(batch.bytes());
            let mut fitting = rest.frame.count_within(room);
            fitting = fitting.min(options.batch_events.saturating_sub(batch.len()));
            if fitting == 0 && !batch.is_empty() {
                self.full.push_back(std::mem::take(batch));
                continue;
            }
            // An event that is larger than a batch goes alone.
            let fitting = fitting.max(1);
            batch.push(rest.slice(0..fitting));
            rest = rest.slice(fitting..usize::MAX);
            if batch.len() >= options.batch_events || batch.bytes() >= options.batch_bytes {
                self.full.push_back(std::mem::take(batch));
            }
        }
    }

    /// A batch that is full.
    pub(crate) fn pop_full(&mut self) -> Option<LeasedBatch> {
        let batch = self.full.pop_front()?;
        Some(self.subtract(batch))
    }

    /// The batch that has waited longest, if that is as long as `linger`.
    pub(crate) fn pop_overdue(&mut self, now: UnixMillis, linger: Duration) -> Option<LeasedBatch> {
        let (kind, since) = self.oldest()?;
        let kind = kind.clone();
        // A batch that seems to come from the future goes at once: the clock was set back.
        if now.since(since) < linger && since <= now {
            return None;
        }
        let batch = self.open.remove(&kind)?;
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
    pub(crate) fn drain(&mut self) -> Vec<LeasedBatch> {
        self.events = 0;
        self.bytes = 0;
        let full = std::mem::take(&mut self.full);
        let open = std::mem::take(&mut self.open);
        full.into_iter().chain(open.into_values()).collect()
    }

    fn oldest(&self) -> Option<(&Kind, UnixMillis)> {
        self.open
            .iter()
            .filter_map(|(kind, batch)| Some((kind, batch.frames().first()?.accepted_at)))
            .min_by_key(|(_, since)| *since)
    }

    fn subtract(&mut self, batch: LeasedBatch) -> LeasedBatch {
        self.events = self.events.saturating_sub(batch.len());
        self.bytes = self.bytes.saturating_sub(batch.bytes());
        batch
    }
}

#[cfg(test)]
mod tests {
    use conversions_transport::{FrameBuilder, NewEvent};
    use facebook_conversions::ActionSource;

    use super::*;
    use crate::event::EventKey;

    const WEB: ActionSource = ActionSource::Website;
    const STORE: ActionSource = ActionSource::PhysicalStore;

    fn options(batch_events: usize, batch_bytes: usize) -> DestinationOptions {
        DestinationOptions {
            batch_events,
            batch_bytes,
            ..DestinationOptions::default()
        }
    }

    /// A frame with events of these places and sizes, under keys that count on from the first.
    fn frame(key: u64, code: Option<&str>, events: &[(ActionSource, usize)]) -> LeasedFrame {
        let mut builder = FrameBuilder::new("shop".into());
        for (source, size) in events {
            let event = NewEvent::new("shop", "x".repeat(*size), 0)
                .with_action_source(*source)
                .with_test_event_code(code);
            builder.add_new_event(&event);
        }
        LeasedFrame {
            first_key: EventKey(key),
            accepted_at: UnixMillis(i64::try_from(key).expect("small")),
            frame: builder.finish().remove(0),
        }
    }

    fn keys(batch: Option<LeasedBatch>) -> Vec<u64> {
        let batch = batch.unwrap_or_default();
        batch.event_keys().into_iter().map(|key| key.0).collect()
    }

    #[test]
    fn test_codes_and_age_limits_do_not_mix() {
        let mut batcher = Batcher::default();
        let options = options(2, 1000);
        batcher.push(frame(1, None, &[(WEB, 10)]), &options);
        batcher.push(frame(2, Some("T1"), &[(WEB, 10)]), &options);
        batcher.push(frame(3, None, &[(STORE, 10), (WEB, 10)]), &options);
        assert_eq!(keys(batcher.pop_full()), [1, 4]);
        assert!(batcher.pop_full().is_none());
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
        let sizes = [60, 60, 500, 40, 60].map(|size| (WEB, size));
        batcher.push(frame(1, None, &sizes), &options);
        let popped: Vec<_> =
            std::iter::from_fn(|| batcher.pop_full().map(|b| keys(Some(b)))).collect();
        assert_eq!(popped, [vec![1], vec![2], vec![3], vec![4, 5]]);
        assert_eq!(batcher.room(&options), Some((2000, 200)));
    }

    #[test]
    fn a_batch_is_overdue_when_the_clock_was_set_back() {
        let mut batcher = Batcher::default();
        batcher.push(frame(5000, None, &[(WEB, 1)]), &options(9, 99));
        let linger = Duration::from_secs(1);
        assert_eq!(
            batcher.overdue_in(UnixMillis(5400), linger),
            Some(Duration::from_millis(600))
        );
        assert_eq!(keys(batcher.pop_overdue(UnixMillis(10), linger)), [5000]);
    }

    #[test]
    fn a_frame_is_cut_where_a_batch_is_full() {
        let mut batcher = Batcher::default();
        let options = options(3, 1000);
        batcher.push(frame(1, None, &[(WEB, 10)]), &options);
        batcher.push(frame(10, None, &[(WEB, 10); 7]), &options);
        let full: Vec<_> = std::iter::from_fn(|| batcher.pop_full())
            .map(|b| keys(Some(b)))
            .collect();
        assert_eq!(full, [vec![1, 10, 11], vec![12, 13, 14]]);
        assert_eq!(batcher.room(&options), Some((4, 1980)));
        let left = batcher.drain();
        assert_eq!(keys(left.into_iter().next()), [15, 16]);
        assert_eq!(batcher.room(&options), Some((6, 2000)));
    }
}
