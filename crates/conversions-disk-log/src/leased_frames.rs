//! The events of a destination that are leased.

use std::collections::BTreeMap;
use std::ops::Range;

use conversions_delivery::frame_codec::StoredFrame;
use conversions_delivery::{InputId, KeyRange};

/// Where the leased events were when they were leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the journal only.
    Journal,
    /// In the table `waiting/<destination>`.
    Waiting,
    /// In the table `later/<destination>`, until this time (Unix milliseconds).
    Later(i64),
}

/// Leased events that are settled, deferred or released together, unless the caller says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct LeasedSlice {
    pub(crate) keys: Range<u64>,
    pub(crate) place: Place,
    /// `None` for events that cannot be read.
    pub(crate) stored: Option<StoredFrame>,
}

impl LeasedSlice {
    pub(crate) fn of(stored: StoredFrame, place: Place) -> Self {
        Self {
            keys: stored.keys().range(),
            place,
            stored: Some(stored),
        }
    }

    /// Number of events.
    pub(crate) fn events(&self) -> u64 {
        self.keys.end - self.keys.start
    }

    /// Bytes of the events' texts.
    pub(crate) fn bytes(&self) -> u64 {
        self.stored.as_ref().map_or(0, bytes_of)
    }

    /// The input that the events came from.
    pub(crate) fn input(&self) -> Option<InputId> {
        self.stored.as_ref()?.input
    }

    /// The events with these keys, of which it has at least one.
    fn of_keys(&self, keys: &Range<u64>) -> Self {
        let keys = keys.start.max(self.keys.start)..keys.end.min(self.keys.end);
        Self {
            place: self.place,
            stored: self
                .stored
                .as_ref()
                .map(|stored| stored.of_keys(keys.clone())),
            keys,
        }
    }
}

/// Bytes of a frame's texts.
pub(crate) fn bytes_of(stored: &StoredFrame) -> u64 {
    u64::try_from(stored.frame.event_bytes()).unwrap_or(u64::MAX)
}

/// The leased events of a destination, by the first key of each slice. Slices do not overlap.
#[derive(Debug, Default)]
pub(crate) struct LeasedFrames(BTreeMap<u64, LeasedSlice>);

impl LeasedFrames {
    pub(crate) fn insert(&mut self, slice: LeasedSlice) {
        self.0.insert(slice.keys.start, slice);
    }

    /// The slices that have some of these events, from the last one down.
    pub(crate) fn overlapping(&self, keys: &Range<u64>) -> impl Iterator<Item = &LeasedSlice> {
        let start = keys.start;
        let before = self.0.range(..keys.end.max(start)).rev();
        before
            .map(|(_, slice)| slice)
            .take_while(move |slice| slice.keys.end > start)
    }

    /// What is known of these events, cut to them, in order. Events that are not leased are left out.
    pub(crate) fn parts(&self, ranges: &[KeyRange]) -> Vec<LeasedSlice> {
        let mut parts = Vec::new();
        for range in ranges {
            let keys = range.range();
            let found = parts.len();
            parts.extend(self.overlapping(&keys).map(|slice| slice.of_keys(&keys)));
            if let Some(found) = parts.get_mut(found..) {
                found.reverse();
            }
        }
        parts
    }

    /// Ends the lease of these events. Returns what was known of those that were leased.
    pub(crate) fn remove(&mut self, keys: &Range<u64>) -> Vec<LeasedSlice> {
        let firsts: Vec<u64> = self
            .overlapping(keys)
            .map(|slice| slice.keys.start)
            .collect();
        let mut removed = Vec::with_capacity(firsts.len());
        for first in firsts {
            let Some(slice) = self.0.remove(&first) else {
                continue;
            };
            for rest in [slice.keys.start..keys.start, keys.end..slice.keys.end] {
                if !rest.is_empty() {
                    self.insert(slice.of_keys(&rest));
                }
            }
            removed.push(slice.of_keys(keys));
        }
        removed
    }

    /// A checkpoint has written everything that was in the journal only into the table of the waiting.
    pub(crate) fn finish_checkpoint(&mut self) {
        for slice in self.0.values_mut() {
            if slice.place == Place::Journal {
                slice.place = Place::Waiting;
            }
        }
    }
}
