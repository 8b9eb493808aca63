//! The frames of a destination that are in the journal and not in the tables.

use std::collections::BTreeMap;
use std::ops::Range;

use conversions_delivery::KeySet;
use conversions_delivery::frame_codec::StoredFrame;

use crate::leased_frames::bytes_of;

/// Frames with unsettled events, by first key.
#[derive(Debug, Default)]
pub(crate) struct Unflushed {
    frames: BTreeMap<u64, UnflushedFrame>,
    bytes: u64,
}

/// A frame, and which of its events are settled.
#[derive(Debug)]
pub(crate) struct UnflushedFrame {
    pub(crate) stored: StoredFrame,
    settled: KeySet,
}

impl UnflushedFrame {
    pub(crate) fn keys(&self) -> Range<u64> {
        self.stored.keys().range()
    }

    /// The keys of the events that are not settled.
    pub(crate) fn unsettled(&self) -> KeySet {
        let mut left = KeySet::default();
        left.insert(self.stored.keys());
        for settled in self.settled.ranges() {
            left.remove(settled);
        }
        left
    }

    /// The events that are not settled.
    fn rest(&self) -> impl Iterator<Item = StoredFrame> {
        let left = self.unsettled();
        let ranges: Vec<_> = left.ranges().collect();
        ranges
            .into_iter()
            .map(|range| self.stored.of_keys(range.range()))
    }
}

impl Unflushed {
    pub(crate) fn insert(&mut self, stored: StoredFrame) {
        self.bytes += bytes_of(&stored);
        let frame = UnflushedFrame {
            stored,
            settled: KeySet::default(),
        };
        self.frames.insert(frame.keys().start, frame);
    }

    /// Removes settled events. Returns how many of them were there, and the bytes of their texts. The memory of a frame
    /// is in use until all of its events are settled.
    pub(crate) fn settle(&mut self, keys: &Range<u64>) -> (u64, u64) {
        let (mut events, mut bytes) = (0, 0);
        let firsts: Vec<u64> = self
            .overlapping(keys)
            .map(|frame| frame.keys().start)
            .collect();
        for first in firsts {
            let Some(frame) = self.frames.get_mut(&first) else {
                continue;
            };
            let mut left = frame.unsettled();
            for gone in left.remove(keys.clone().into()) {
                events += gone.count;
                bytes += bytes_of(&frame.stored.of_keys(gone.range()));
                frame.settled.insert(gone);
            }
            if left.is_empty()
                && let Some(frame) = self.frames.remove(&first)
            {
                self.bytes = self.bytes.saturating_sub(bytes_of(&frame.stored));
            }
        }
        (events, bytes)
    }

    /// The frames that have some of these events, from the last one down.
    pub(crate) fn overlapping(&self, keys: &Range<u64>) -> impl Iterator<Item = &UnflushedFrame> {
        let start = keys.start;
        let before = self.frames.range(..keys.end.max(start)).rev();
        before
            .map(|(_, frame)| frame)
            .take_while(move |frame| frame.keys().end > start)
    }

    /// The frame that has this event.
    pub(crate) fn frame_of(&self, key: u64) -> Option<&UnflushedFrame> {
        self.overlapping(&(key..key.saturating_add(1))).next()
    }

    /// The frames with events of this key or a higher one.
    pub(crate) fn frames_from(&self, key: u64) -> impl Iterator<Item = &UnflushedFrame> {
        let first = self.frame_of(key).map_or(key, |frame| frame.keys().start);
        self.frames.range(first..).map(|(_, frame)| frame)
    }

    /// The frame with the lowest keys.
    pub(crate) fn first(&self) -> Option<&UnflushedFrame> {
        self.frames.values().next()
    }

    /// Whether an unsettled event has this key.
    pub(crate) fn contains(&self, key: u64) -> bool {
        let frame = self.frame_of(key);
        frame.is_some_and(|frame| !frame.settled.contains(conversions_delivery::EventKey(key)))
    }

    /// All events that are not settled.
    pub(crate) fn all(&self) -> Vec<StoredFrame> {
        self.frames
            .values()
            .flat_map(UnflushedFrame::rest)
            .collect()
    }

    /// Number of events that are not settled.
    pub(crate) fn events(&self) -> u64 {
        let left = self.frames.values().map(|frame| frame.unsettled().len());
        left.sum()
    }

    /// Bytes of the frames.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
    }
}
