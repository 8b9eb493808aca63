//! What a node has in hand of one destination: messages that it has pulled and not acknowledged yet.
//!
//! Each unsettled event is in one piece, and is waiting, later or leased. A message whose last event is settled is to be
//! acknowledged, and counts until the broker has confirmed that or another confirmation covers it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_nats::Subject;
use conversions_delivery::{
    EventKey, KeyRange, KeySet, Lease, LeasedFrame, UnixMillis, Wanted, due_at,
};

mod covered;
mod giving_back;
mod lost;
mod pieces;
mod settled;
pub(crate) use covered::Leadership;
pub(crate) use giving_back::Remainder;
use pieces::Pieces;
use settled::SettledMessages;
pub(crate) use settled::ToAcknowledge;

/// Which stream a message is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// That of events.
    Events,
    /// That of deferred events.
    Later,
}

/// A message: its stream and its sequence number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MessageId {
    pub(crate) source: Source,
    pub(crate) sequence: u64,
}

/// A message that was pulled.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) id: MessageId,
    /// Where to acknowledge it.
    pub(crate) reply: Subject,
    pub(crate) pieces: Vec<LeasedFrame>,
    /// How many events it has, also those that are not in `pieces`.
    pub(crate) events: u64,
    /// How often the broker has given it out, this time included.
    pub(crate) deliveries: u64,
    /// From when on its events may be leased, if it was deferred.
    pub(crate) due: Option<UnixMillis>,
    /// The broker did not give it out before.
    pub(crate) given_out_after: Instant,
}

/// What became of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is in hand now.
    New,
    /// It was in hand already.
    Repeated,
    /// Nothing of it is unsettled: it is to be acknowledged.
    Settled,
}

#[derive(Debug)]
struct Held {
    reply: Subject,
    events: u64,
    deliveries: u64,
    unsettled: u64,
    bytes: usize,
    /// When the broker last heard that this node works on it, by what it has confirmed.
    confirmed_at: Instant,
    received_at: Instant,
    /// The broker may have given it to another node: it is not acknowledged any more.
    is_lost: bool,
}

/// A message that is settled, and that the broker may still have.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) id: MessageId,
    pub(crate) reply: Subject,
    events: u64,
}

/// The messages in hand.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    messages: BTreeMap<MessageId, Held>,
    pieces: Pieces,
    waiting: KeySet,
    leased: KeySet,
    /// Ranges of keys, by due time and first key.
    later: BTreeMap<(UnixMillis, u64), KeyRange>,
    settled: SettledMessages,
    bytes: usize,
}

impl Hand {
    /// Takes a message into hand. The broker counts from when it gave the message out, not from when that came.
    pub(crate) fn take(&mut self, arrival: Arrival) -> Taken {
        let Arrival {
            id,
            reply,
            pieces,
            events,
            deliveries,
            due,
            given_out_after,
        } = arrival;
        if let Some(held) = self.messages.get_mut(&id).filter(|held| !held.is_lost) {
            held.reply = reply;
            held.deliveries = deliveries;
            held.confirmed_at = held.confirmed_at.max(given_out_after);
            return Taken::Repeated;
        }
        if self.settled.come_again(id, &reply) {
            return Taken::Settled;
        }
        // A lost message whose leased events are not settled yet is complete again with what was dropped of it.
        let before = self.messages.remove(&id);
        let (unsettled, bytes) = before.map_or((0, 0), |held| (held.unsettled, held.bytes));
        self.bytes = self.bytes.saturating_sub(bytes);
        let mut held = Held {
            reply,
            events,
            deliveries,
            unsettled,
            bytes,
            confirmed_at: given_out_after,
            received_at: given_out_after,
            is_lost: false,
        };
        for piece in pieces {
            for part in self.pieces.missing_of(&piece) {
                held.unsettled += part.keys().count;
                held.bytes += part.frame.event_bytes();
                self.make_available(&part, due);
                self.pieces.insert(part, id);
            }
        }
        if held.unsettled == 0 {
            let reply = held.reply;
            self.settled.insert(Settled { id, reply, events });
            return Taken::Settled;
        }
        self.bytes += held.bytes;
        self.messages.insert(id, held);
        Taken::New
    }

    /// Whether this node has a message in hand, or has settled it and is not sure that the broker knows.
    pub(crate) fn has(&self, id: MessageId) -> bool {
        self.messages.contains_key(&id) || self.settled.contains(id)
    }

    /// Leases events that are waiting or due, oldest first. What the broker has not heard of for `fresh_for` is dropped:
    /// another node may have it.
    pub(crate) fn lease(
        &mut self,
        wanted: Wanted<'_>,
        now: UnixMillis,
        at: Instant,
        fresh_for: Duration,
    ) -> Lease {
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            let keys = entry.remove();
            self.waiting.insert(keys);
        }
        let (mut events, mut bytes) = (wanted.events, wanted.bytes);
        let mut frames: Vec<LeasedFrame> = Vec::new();
        while events > 0
            && let Some(keys) = self.waiting.first()
        {
            let Some((mut slice, id)) = self.pieces.slice_of(keys) else {
                // No event is waiting without a piece; a key that is must not stop the others.
                self.waiting.remove(keys);
                continue;
            };
            if self.is_stale(id, at, fresh_for) {
                self.lose(id);
                continue;
            }
            let mut fitting = slice.frame.count_within(bytes).min(events);
            if fitting == 0 && frames.is_empty() {
                fitting = 1;
            }
            if fitting == 0 {
                break;
            }
            slice = slice.slice(0..fitting);
            events -= slice.frame.len();
            bytes = bytes.saturating_sub(slice.frame.event_bytes());
            self.waiting.remove(slice.keys());
            self.leased.insert(slice.keys());
            frames.push(slice);
        }
        Lease {
            frames,
            next_due: self.later.keys().next().map(|(due, _)| *due),
        }
    }

    /// Makes leased events available again, at once or from a time on.
    pub(crate) fn release(&mut self, keys: &[KeyRange], not_before: Option<UnixMillis>) {
        for keys in keys {
            for released in self.leased.remove(*keys) {
                match not_before {
                    Some(due) => {
                        self.later.insert((due, released.first.0), released);
                    }
                    None => self.waiting.insert(released),
                }
            }
        }
    }

    /// Removes leased events.
    pub(crate) fn settle(&mut self, keys: &[KeyRange]) {
        for keys in keys {
            for settled in self.leased.remove(*keys) {
                self.remove(settled);
            }
        }
    }

    /// The messages that the broker has last heard of before `then`.
    pub(crate) fn confirmed_before(&self, then: Instant) -> Vec<(MessageId, Subject)> {
        let own = self.messages.iter().filter(|(_, held)| !held.is_lost);
        own.filter(|(_, held)| held.confirmed_at < then)
            .map(|(id, held)| (*id, held.reply.clone()))
            .collect()
    }

    /// Bytes of the events of the messages in hand.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many events the broker still has that are settled.
    pub(crate) fn settled_events(&self) -> u64 {
        let partly = self.messages.values().filter(|held| !held.is_lost);
        let partly: u64 = partly
            .map(|held| held.events.saturating_sub(held.unsettled))
            .sum();
        partly + self.settled.events()
    }

    /// How many events are in hand until they are due.
    pub(crate) fn later_events(&self) -> u64 {
        self.later.values().map(|keys| keys.count).sum()
    }

    /// Puts the events of a piece where they belong: runs of events with the same due time together.
    fn make_available(&mut self, piece: &LeasedFrame, due: Option<UnixMillis>) {
        let mut runs: Vec<(Option<UnixMillis>, KeyRange)> = Vec::new();
        for (key, event) in piece.keys().keys().zip(piece.frame.events()) {
            let due = due.or_else(|| due_at(event.event_time, piece.accepted_at));
            match runs.last_mut() {
                Some((last, keys)) if *last == due => keys.count += 1,
                _ => runs.push((due, KeyRange::one(key))),
            }
        }
        for (due, keys) in runs {
            match due {
                Some(due) => {
                    self.later.insert((due, keys.first.0), keys);
                }
                None => self.waiting.insert(keys),
            }
        }
    }

    /// Removes events that are neither waiting nor leased any more.
    fn remove(&mut self, keys: KeyRange) {
        for (id, count) in self.pieces.remove(keys) {
            let Some(held) = self.messages.get_mut(&id) else {
                continue;
            };
            held.unsettled = held.unsettled.saturating_sub(count);
            if held.unsettled == 0
                && let Some(held) = self.messages.remove(&id)
            {
                self.bytes = self.bytes.saturating_sub(held.bytes);
                if !held.is_lost {
                    let Held { reply, events, .. } = held;
                    self.settled.insert(Settled { id, reply, events });
                }
            }
        }
    }
}

/// The keys of one event.
pub(super) fn one(key: u64) -> KeyRange {
    KeyRange::one(EventKey(key))
}

#[cfg(test)]
mod tests;
