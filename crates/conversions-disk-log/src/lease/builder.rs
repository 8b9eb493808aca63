//! Filling a lease with events until it is full.

use bytes::Bytes;
use conversions_delivery::frame_codec::StoredFrame;
use conversions_delivery::{KeyRange, KeySet, LeasedFrame, Wanted};

use super::{DamagedEvents, Found};
use crate::journal::Journal;
use crate::leased_frames::{LeasedSlice, Place};
use crate::rows;
use crate::tables::RowKey;

/// A lease that is being filled.
pub(super) struct LeaseBuilder<'a> {
    pub(super) journal: &'a Journal,
    pub(super) found: Found,
    wanted: Wanted<'a>,
    events: usize,
    bytes: usize,
    pub(super) taken: Vec<LeasedSlice>,
    /// Released events that were taken.
    pub(super) again: KeySet,
}

/// How far a row or a frame was taken.
pub(super) enum Taken {
    All,
    /// The lease is full; the event with this key was not taken.
    UpTo(u64),
}

impl Taken {
    /// The key of the first event that was not taken.
    pub(super) fn end(&self) -> Option<u64> {
        match self {
            Self::All => None,
            Self::UpTo(key) => Some(*key),
        }
    }
}

impl<'a> LeaseBuilder<'a> {
    pub(super) fn new(journal: &'a Journal, wanted: Wanted<'a>) -> Self {
        Self {
            journal,
            found: Found::default(),
            wanted,
            events: 0,
            bytes: 0,
            taken: Vec::new(),
            again: KeySet::default(),
        }
    }

    /// Takes the `free` events of a row from the bytes of its frame.
    pub(super) fn take_bytes(
        &mut self,
        row: RowKey,
        bytes: &Bytes,
        free: &KeySet,
        place: Place,
    ) -> Taken {
        let is_ours = |piece: &StoredFrame| **piece.frame.destination() == *self.wanted.destination;
        let read = rows::read(row, bytes).filter(|read| read.pieces.iter().all(is_ours));
        let Some(read) = read else {
            for keys in free.ranges() {
                self.take_damaged(keys, bytes.clone(), place);
            }
            return Taken::All;
        };
        for event in read.damaged {
            if free.contains(event.key) {
                self.take_damaged(KeyRange::one(event.key), event.bytes, place);
            }
        }
        self.take_pieces(&read.pieces, free, place)
    }

    /// Takes the `free` events of frames.
    pub(super) fn take_pieces(
        &mut self,
        pieces: &[StoredFrame],
        free: &KeySet,
        place: Place,
    ) -> Taken {
        for range in free.ranges() {
            for piece in pieces {
                if let Some(first_left) = self.take(piece.of_keys(range.range()), place) {
                    return Taken::UpTo(first_left);
                }
            }
        }
        Taken::All
    }

    fn take_damaged(&mut self, keys: KeyRange, bytes: Bytes, place: Place) {
        self.taken.push(LeasedSlice {
            keys: keys.range(),
            place,
            stored: None,
        });
        self.found.damaged.push(DamagedEvents { keys, bytes });
    }

    /// Takes as many events as fit. Returns the key of the first that does not. The first event is taken whatever its
    /// size.
    fn take(&mut self, mut stored: StoredFrame, place: Place) -> Option<u64> {
        let keys = stored.keys().range();
        if keys.is_empty() {
            return None;
        }
        let room = self.wanted.events.saturating_sub(self.events);
        let within = stored
            .frame
            .count_within(self.wanted.bytes.saturating_sub(self.bytes));
        let count = match within.min(room) {
            0 if self.events == 0 => room.min(1),
            count => count,
        };
        let end = keys.start + u64::try_from(count).unwrap_or(u64::MAX);
        stored = stored.of_keys(keys.start..end);
        if count > 0 {
            self.events += count;
            self.bytes += stored.frame.event_bytes();
            self.found.lease.frames.push(LeasedFrame {
                first_key: stored.first_key,
                accepted_at: stored.accepted_at,
                frame: stored.frame.clone(),
            });
            self.taken.push(LeasedSlice::of(stored, place));
        }
        (end < keys.end).then_some(end)
    }

    pub(super) fn is_full(&self) -> bool {
        self.events >= self.wanted.events
            || self.events > 0 && self.bytes >= self.wanted.bytes
            || self.found.damaged.len() >= self.wanted.events
    }
}
