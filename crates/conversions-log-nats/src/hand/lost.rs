//! Messages that the broker may have given to another node.

use std::time::{Duration, Instant};

use conversions_delivery::KeyRange;

use super::{Hand, MessageId};

impl Hand {
    /// Whether the broker has not heard of a message for so long that another node may have it.
    pub(crate) fn is_stale(&self, id: MessageId, now: Instant, fresh_for: Duration) -> bool {
        let held = self.messages.get(&id);
        held.is_none_or(|held| {
            held.is_lost || now.saturating_duration_since(held.confirmed_at) > fresh_for
        })
    }

    /// Drops what the broker has not heard of for `fresh_for`. Given back, it would go to a third node while the second one
    /// sends it; made anew, it would be sent twice for sure.
    pub(crate) fn lose_stale(&mut self, now: Instant, fresh_for: Duration) {
        let all: Vec<MessageId> = self.messages.keys().copied().collect();
        for id in all {
            if self.is_stale(id, now, fresh_for) {
                self.lose(id);
            }
        }
    }

    /// The broker has answered at `answered_at` to a sign of life of `sent_at`. It answers also when it has waited in vain
    /// and given the message to another node: a sign that may have come after `ack_wait` does not count.
    pub(crate) fn confirm(
        &mut self,
        id: MessageId,
        sent_at: Instant,
        answered_at: Instant,
        ack_wait: Duration,
    ) {
        let Some(held) = self.messages.get_mut(&id).filter(|held| !held.is_lost) else {
            return;
        };
        if answered_at.saturating_duration_since(held.confirmed_at) < ack_wait {
            held.confirmed_at = held.confirmed_at.max(sent_at);
        } else {
            self.lose(id);
        }
    }

    /// Drops what is not leased of a message. What is leased may be on its way to Meta, and ends there.
    pub(super) fn lose(&mut self, id: MessageId) {
        let Some(held) = self.messages.get_mut(&id) else {
            return;
        };
        held.is_lost = true;
        for piece in self.pieces.of_message(id) {
            for key in piece.keys().keys() {
                if !self.leased.contains(key) {
                    self.waiting.remove(super::one(key.0));
                    self.forget_later(key.0);
                    self.remove(super::one(key.0));
                }
            }
        }
    }

    /// Ends the leases of those keys of which the broker has not heard for `fresh_for`, and returns them.
    pub(crate) fn take_stale(
        &mut self,
        keys: &[KeyRange],
        now: Instant,
        fresh_for: Duration,
    ) -> Vec<KeyRange> {
        let mut stale = Vec::new();
        for keys in keys {
            let mut rest = *keys;
            while let Some((slice, id)) = self.pieces.slice_of(rest) {
                let own = slice.keys();
                rest = (own.range().end..rest.range().end).into();
                if self.is_stale(id, now, fresh_for) {
                    self.lose(id);
                    self.leased.remove(own);
                    self.remove(own);
                    stale.push(own);
                }
            }
        }
        stale
    }

    /// Takes a key out of the ranges that are due later.
    pub(super) fn forget_later(&mut self, key: u64) {
        let within = self
            .later
            .iter()
            .find(|(_, keys)| keys.range().contains(&key));
        let Some((place, keys)) = within.map(|(place, keys)| (*place, *keys)) else {
            return;
        };
        self.later.remove(&place);
        let due = place.0;
        for part in [keys.range().start..key, key + 1..keys.range().end] {
            if !part.is_empty() {
                self.later.insert((due, part.start), part.into());
            }
        }
    }
}
