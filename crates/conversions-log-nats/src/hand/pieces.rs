//! The unsettled events in hand, as slices of frames that do not overlap.

use std::collections::BTreeMap;

use conversions_delivery::{KeyRange, LeasedFrame};

use super::MessageId;

/// By the key of the first event.
#[derive(Debug, Default)]
pub(super) struct Pieces(BTreeMap<u64, (LeasedFrame, MessageId)>);

impl Pieces {
    pub(super) fn insert(&mut self, piece: LeasedFrame, id: MessageId) {
        self.0.insert(piece.first_key.0, (piece, id));
    }

    /// The parts of a piece whose events are not here yet.
    pub(super) fn missing_of(&self, piece: &LeasedFrame) -> Vec<LeasedFrame> {
        let keys = piece.keys().range();
        let mut missing = Vec::new();
        let mut from = keys.start;
        // The last piece that begins before, and those that begin within.
        let before = self.0.range(..keys.start).next_back();
        for (first, (other, _)) in before.into_iter().chain(self.0.range(keys.clone())) {
            if *first > from {
                missing.push(part(piece, from, *first));
            }
            from = from.max(other.keys().range().end);
        }
        if from < keys.end {
            missing.push(part(piece, from, keys.end));
        }
        missing
    }

    /// The first of these keys, as far as they are of one piece.
    pub(super) fn slice_of(&self, keys: KeyRange) -> Option<(LeasedFrame, MessageId)> {
        let keys = keys.range();
        let (_, (piece, id)) = self.0.range(..=keys.start).next_back()?;
        let slice = part(piece, keys.start, keys.end);
        (!slice.frame.is_empty()).then_some((slice, *id))
    }

    /// Removes keys. Returns how many events that were of each message.
    pub(super) fn remove(&mut self, keys: KeyRange) -> Vec<(MessageId, u64)> {
        let mut removed = Vec::new();
        let mut rest = keys.range();
        while rest.start < rest.end
            && let Some((first, _)) = self.0.range(..rest.end).next_back()
        {
            let first = *first;
            let Some((piece, id)) = self.0.remove(&first) else {
                break;
            };
            let own = piece.keys().range();
            let gone = rest.start.max(own.start)..rest.end.min(own.end);
            if gone.is_empty() {
                self.insert(piece, id);
                break;
            }
            if own.start < gone.start {
                self.insert(part(&piece, own.start, gone.start), id);
            }
            if gone.end < own.end {
                self.insert(part(&piece, gone.end, own.end), id);
            }
            removed.push((id, gone.end - gone.start));
            rest.end = gone.start;
        }
        removed
    }

    /// The pieces of a message.
    pub(super) fn of_message(&self, wanted: MessageId) -> Vec<LeasedFrame> {
        let own = self.0.values().filter(|(_, id)| *id == wanted);
        own.map(|(piece, _)| piece.clone()).collect()
    }
}

/// The events of a piece with keys from `start` to `end`.
fn part(piece: &LeasedFrame, start: u64, end: u64) -> LeasedFrame {
    let place =
        |key: u64| usize::try_from(key.saturating_sub(piece.first_key.0)).unwrap_or(usize::MAX);
    piece.slice(place(start)..place(end))
}
