//! What a node gives back to the broker: events that are not due for long, what is left of old messages, and everything
//! when it ends.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Instant;

use async_nats::Subject;
use conversions_delivery::frame_codec::StoredFrame;
use conversions_delivery::{KeyRange, LeasedFrame, UnixMillis};

use super::{Hand, MessageId, Source};

/// Events that are to become messages of their own, before they count as settled in the message that they are in.
#[derive(Debug)]
pub(crate) struct Remainder {
    pub(crate) frame: StoredFrame,
    /// From when on they may be leased.
    pub(crate) due: Option<UnixMillis>,
    /// The message that they are in.
    pub(crate) message: MessageId,
}

impl Remainder {
    fn of(piece: LeasedFrame, due: Option<UnixMillis>, message: MessageId) -> Self {
        let frame = StoredFrame {
            first_key: piece.first_key,
            accepted_at: piece.accepted_at,
            input: None,
            frame: piece.frame,
        };
        Self {
            frame,
            due,
            message,
        }
    }

    pub(crate) fn keys(&self) -> KeyRange {
        self.frame.keys()
    }
}

impl Hand {
    /// The events that are not due before `then`, one by one. Those that were deferred before stay in hand: they are
    /// early by the difference of two clocks only.
    pub(crate) fn due_after(&self, then: UnixMillis) -> Vec<Remainder> {
        let far = self.later.iter().filter(|((due, _), _)| *due > then);
        let far = far.flat_map(|((due, _), keys)| keys.keys().map(|key| (*due, key)));
        far.filter_map(|(due, key)| {
            let (event, id) = self.pieces.slice_of(KeyRange::one(key))?;
            (id.source == Source::Events).then(|| Remainder::of(event, Some(due), id))
        })
        .collect()
    }

    /// What is left of messages that came before `then` and of which a part is settled, if none of it is leased.
    pub(crate) fn remainders(&self, then: Instant) -> Vec<Remainder> {
        let old = self.messages.iter().filter(|(_, held)| {
            !held.is_lost && held.received_at < then && held.unsettled < held.events
        });
        let pieces = old
            .map(|(id, _)| (*id, self.pieces.of_message(*id)))
            .filter(|(_, pieces)| {
                let mut keys = pieces.iter().flat_map(|piece| piece.keys().keys());
                keys.all(|key| self.waiting.contains(key))
            });
        let pieces =
            pieces.flat_map(|(id, pieces)| pieces.into_iter().map(move |piece| (id, piece)));
        pieces
            .map(|(id, piece)| Remainder::of(piece, None, id))
            .collect()
    }

    /// Settles events that have become messages of their own, unless they were leased meanwhile.
    pub(crate) fn settle_moved(&mut self, keys: KeyRange) {
        for key in keys.keys() {
            let one = KeyRange::one(key);
            if self.leased.contains(key) || self.pieces.slice_of(one).is_none() {
                continue;
            }
            self.waiting.remove(one);
            self.forget_later(key.0);
            self.remove(one);
        }
    }

    /// Ends every lease, and empties the hand of what nobody has begun to settle: returns where to give these messages
    /// back. What is left then are messages of which a part is settled, and those that were given out more than
    /// `deliveries` times: their events have to become messages of their own, which nobody was given yet.
    pub(crate) fn give_up(&mut self, deliveries: u64) -> Vec<Subject> {
        let untouched = |(_, held): &(&MessageId, &super::Held)| {
            !held.is_lost && held.unsettled == held.events && held.deliveries <= deliveries
        };
        let untouched: BTreeMap<MessageId, Subject> = self
            .messages
            .iter()
            .filter(untouched)
            .map(|(id, held)| (*id, held.reply.clone()))
            .collect();
        for id in untouched.keys() {
            for piece in self.pieces.of_message(*id) {
                self.drop_piece(&piece);
            }
            if let Some(held) = self.messages.remove(id) {
                self.bytes = self.bytes.saturating_sub(held.bytes);
            }
        }
        let leased: Vec<KeyRange> = self.leased.ranges().collect();
        self.release(&leased, None);
        untouched.into_values().collect()
    }

    /// What is left of all messages, also of what is not due yet.
    pub(crate) fn all_remainders(&self) -> Vec<Remainder> {
        let own = self.messages.iter().filter(|(_, held)| !held.is_lost);
        let of_message = |id: MessageId| {
            let pieces = self.pieces.of_message(id).into_iter();
            pieces.flat_map(move |piece| self.by_due_time(&piece, id))
        };
        own.flat_map(|(id, _)| of_message(*id)).collect()
    }

    /// What is waiting of a piece together, and what is not due one by one.
    fn by_due_time(&self, piece: &LeasedFrame, id: MessageId) -> Vec<Remainder> {
        let mut runs: Vec<(Option<UnixMillis>, Range<usize>)> = Vec::new();
        for (place, key) in piece.keys().keys().enumerate() {
            let later = self
                .later
                .iter()
                .find(|(_, keys)| keys.range().contains(&key.0));
            let due = later.map(|((due, _), _)| *due);
            match runs.last_mut() {
                Some((None, run)) if due.is_none() => run.end = place + 1,
                _ => runs.push((due, place..place + 1)),
            }
        }
        let runs = runs.into_iter();
        runs.map(|(due, run)| Remainder::of(piece.slice(run), due, id))
            .collect()
    }

    fn drop_piece(&mut self, piece: &LeasedFrame) {
        self.waiting.remove(piece.keys());
        self.leased.remove(piece.keys());
        for key in piece.keys().keys() {
            self.forget_later(key.0);
        }
        self.pieces.remove(piece.keys());
    }
}
