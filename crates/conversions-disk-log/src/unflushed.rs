//! The frames of a destination that are in the journal and have no row in the tables yet.

use std::collections::BTreeMap;
use std::ops::Range;

use conversions_delivery::frame_codec::{FrameSummary, StoredFrame};
use conversions_delivery::{EventKey, KeyRange, KeySet};

use crate::journal::Location;
use crate::leased_frames::bytes_of;
use crate::rows::RowPlace;

/// Frames with unsettled events, by first key.
#[derive(Debug, Default)]
pub(crate) struct Unflushed {
    frames: BTreeMap<u64, UnflushedFrame>,
    /// Bytes of those frames that are in memory.
    bytes: u64,
}

/// A frame, and which of its events are settled.
#[derive(Debug)]
pub(crate) struct UnflushedFrame {
    keys: Range<u64>,
    pub(crate) place: RowPlace,
    /// `None` when it was found in the journal at the start: it is read when it is leased.
    pub(crate) stored: Option<StoredFrame>,
    settled: KeySet,
    /// Bytes of the texts of events that are not settled.
    bytes_left: u64,
}

/// What becomes rows of a frame: the ranges of keys that are not settled.
pub(crate) struct UnflushedRows {
    pub(crate) ranges: Vec<Range<u64>>,
    pub(crate) place: RowPlace,
    pub(crate) events: u64,
    pub(crate) bytes: u64,
}

impl UnflushedFrame {
    pub(crate) fn keys(&self) -> Range<u64> {
        self.keys.clone()
    }

    /// The keys of the events that are not settled.
    pub(crate) fn unsettled(&self) -> KeySet {
        let mut left = KeySet::default();
        left.insert(self.keys().into());
        for settled in self.settled.ranges() {
            left.remove(settled);
        }
        left
    }

    fn rows(&self) -> UnflushedRows {
        let left = self.unsettled();
        UnflushedRows {
            ranges: left.ranges().map(KeyRange::range).collect(),
            place: self.place,
            events: left.len(),
            bytes: self.bytes_left,
        }
    }

    /// Settles events that are not settled. Returns the bytes of their texts, which are estimated unless the frame is in
    /// memory or nothing is left of it.
    fn settle(&mut self, gone: Range<u64>, left: &KeySet) -> u64 {
        let bytes = match &self.stored {
            _ if left.is_empty() => self.bytes_left,
            Some(stored) => bytes_of(&stored.of_keys(gone.clone())),
            None => {
                let events = gone.end - gone.start;
                self.bytes_left / (left.len() + events) * events
            }
        };
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        self.settled.insert(gone.into());
        bytes
    }

    fn bytes_in_memory(&self) -> u64 {
        self.stored.as_ref().map_or(0, bytes_of)
    }
}

impl Unflushed {
    /// Adds a frame that was appended.
    pub(crate) fn insert(&mut self, stored: StoredFrame, location: Location) {
        let place = RowPlace {
            location,
            accepted_at: stored.accepted_at,
            line: stored.frame.event(0).and_then(|event| event.line),
        };
        self.add(UnflushedFrame {
            keys: stored.keys().range(),
            place,
            bytes_left: bytes_of(&stored),
            stored: Some(stored),
            settled: KeySet::default(),
        });
    }

    /// Adds a frame that was found in the journal.
    pub(crate) fn insert_found(&mut self, summary: &FrameSummary, location: Location) {
        let place = RowPlace {
            location,
            accepted_at: summary.accepted_at,
            line: summary.first_line,
        };
        self.add(UnflushedFrame {
            keys: summary.keys.range(),
            place,
            bytes_left: summary.event_bytes,
            stored: None,
            settled: KeySet::default(),
        });
    }

    fn add(&mut self, frame: UnflushedFrame) {
        self.bytes += frame.bytes_in_memory();
        self.frames.insert(frame.keys.start, frame);
    }

    /// Removes settled events. Returns how many of them were there, and the bytes of their texts. The memory of a frame
    /// is in use until all of its events are settled.
    pub(crate) fn settle(&mut self, keys: &Range<u64>) -> (u64, u64) {
        let (mut events, mut bytes) = (0, 0);
        let firsts: Vec<u64> = self
            .overlapping(keys)
            .map(|frame| frame.keys.start)
            .collect();
        for first in firsts {
            let Some(frame) = self.frames.get_mut(&first) else {
                continue;
            };
            let mut left = frame.unsettled();
            for gone in left.remove(keys.clone().into()) {
                events += gone.count;
                bytes += frame.settle(gone.range(), &left);
            }
            if left.is_empty() {
                self.bytes = self.bytes.saturating_sub(frame.bytes_in_memory());
                self.frames.remove(&first);
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
            .take_while(move |frame| frame.keys.end > start)
    }

    /// The frame that has this event.
    pub(crate) fn frame_of(&self, key: u64) -> Option<&UnflushedFrame> {
        self.overlapping(&(key..key.saturating_add(1))).next()
    }

    /// The frames with events of this key or a higher one.
    pub(crate) fn frames_from(&self, key: u64) -> impl Iterator<Item = &UnflushedFrame> {
        let first = self.frame_of(key).map_or(key, |frame| frame.keys.start);
        self.frames.range(first..).map(|(_, frame)| frame)
    }

    /// The frame with the lowest keys.
    pub(crate) fn first(&self) -> Option<&UnflushedFrame> {
        self.frames.values().next()
    }

    /// Whether an unsettled event has this key.
    pub(crate) fn contains(&self, key: u64) -> bool {
        let frame = self.frame_of(key);
        frame.is_some_and(|frame| !frame.settled.contains(EventKey(key)))
    }

    /// What becomes rows of all frames.
    pub(crate) fn rows(&self) -> Vec<UnflushedRows> {
        self.frames.values().map(UnflushedFrame::rows).collect()
    }

    /// Number of events that are not settled.
    pub(crate) fn events(&self) -> u64 {
        let left = self.frames.values().map(|frame| frame.unsettled().len());
        left.sum()
    }

    /// Bytes of the frames that are in memory.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
    }
}
