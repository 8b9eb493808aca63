//! Messages that are settled, until the broker has their acknowledgements for sure.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use async_nats::Subject;

use super::covered::{Covered, Leadership, Look};
use super::{Hand, MessageId, Settled, Source};

/// What is to be acknowledged.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToAcknowledge {
    /// Each of these needs a confirmation of its own.
    pub(crate) alone: Vec<Settled>,
    /// Of these, the confirmation of one covers those that were acknowledged before it.
    pub(crate) grouped: Vec<Settled>,
    /// Who leads the consumer of `grouped`, as was known before they are acknowledged.
    pub(crate) leadership: Option<Arc<Leadership>>,
}

impl ToAcknowledge {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Settled> {
        self.alone.iter().chain(&self.grouped)
    }
}

#[derive(Debug)]
struct Unconfirmed {
    settled: Settled,
    /// Whether a task acknowledges it right now.
    is_being_acknowledged: bool,
    /// Whether it needs a confirmation of its own: one of a group was not enough.
    is_alone: bool,
}

/// The settled messages of a hand.
#[derive(Debug, Default)]
pub(super) struct SettledMessages {
    unconfirmed: BTreeMap<MessageId, Unconfirmed>,
    /// Of the stream of events. Deferred events are few: each is acknowledged alone.
    covered: Covered,
}

impl SettledMessages {
    pub(super) fn insert(&mut self, settled: Settled) {
        self.insert_as(settled, false);
    }

    pub(super) fn contains(&self, id: MessageId) -> bool {
        self.unconfirmed.contains_key(&id) || self.covered.contains(id)
    }

    /// Notes that the broker gives out a message again. Returns whether it is settled: then it needs a confirmation of its
    /// own.
    pub(super) fn come_again(&mut self, id: MessageId, reply: &Subject) -> bool {
        if let Some(covered) = self.covered.remove(id) {
            self.insert_as(covered, true);
        }
        let Some(unconfirmed) = self.unconfirmed.get_mut(&id) else {
            return false;
        };
        unconfirmed.settled.reply = reply.clone();
        unconfirmed.is_alone = true;
        true
    }

    /// Events of the messages that are not confirmed. Covered ones do not count: the broker has probably removed them.
    pub(super) fn events(&self) -> u64 {
        let unconfirmed = self.unconfirmed.values();
        unconfirmed.map(|one| one.settled.events).sum()
    }

    fn insert_as(&mut self, settled: Settled, is_alone: bool) {
        let unconfirmed = Unconfirmed {
            settled,
            is_being_acknowledged: false,
            is_alone,
        };
        self.unconfirmed.insert(unconfirmed.settled.id, unconfirmed);
    }

    fn acknowledge_again(&mut self, messages: Vec<Settled>) -> usize {
        let count = messages.len();
        for settled in messages {
            self.insert_as(settled, true);
        }
        count
    }
}

impl Hand {
    /// The messages that are to be acknowledged, and that no other task acknowledges. Each has to be ended by
    /// [`end_acknowledging`](Self::end_acknowledging) or [`cover`](Self::cover).
    pub(crate) fn begin_acknowledging(&mut self) -> ToAcknowledge {
        let leadership = self.settled.covered.leadership();
        let mut begun = ToAcknowledge::default();
        for (id, one) in &mut self.settled.unconfirmed {
            if std::mem::replace(&mut one.is_being_acknowledged, true) {
                continue;
            }
            if one.is_alone || id.source != Source::Events || leadership.is_none() {
                begun.alone.push(one.settled.clone());
            } else {
                begun.grouped.push(one.settled.clone());
            }
        }
        begun.leadership = leadership;
        begun
    }

    /// The broker has confirmed an acknowledgement, or not.
    pub(crate) fn end_acknowledging(&mut self, id: MessageId, is_confirmed: bool) {
        if is_confirmed {
            self.settled.unconfirmed.remove(&id);
        } else if let Some(one) = self.settled.unconfirmed.get_mut(&id) {
            one.is_being_acknowledged = false;
        }
    }

    /// The confirmation of a group does not say whether the broker has the acknowledgement of this message.
    pub(crate) fn end_unknown(&mut self, id: MessageId) {
        if let Some(one) = self.settled.unconfirmed.get_mut(&id) {
            one.is_being_acknowledged = false;
            one.is_alone = true;
        }
    }

    /// The broker has confirmed the last message of a group: it covers those before it. One that the broker has given out
    /// again meanwhile is not covered, and is acknowledged alone.
    pub(crate) fn cover(
        &mut self,
        messages: &[Settled],
        leadership: &Arc<Leadership>,
        now: Instant,
    ) {
        for message in messages {
            match self.settled.unconfirmed.get_mut(&message.id) {
                Some(one) if one.is_alone => one.is_being_acknowledged = false,
                Some(_) => {
                    self.settled.unconfirmed.remove(&message.id);
                    let covered = &mut self.settled.covered;
                    covered.insert(message.clone(), leadership, now);
                }
                None => {}
            }
        }
    }

    /// What the broker has to be asked for.
    pub(crate) fn covered(&mut self) -> &mut Covered {
        &mut self.settled.covered
    }

    /// The broker has said who leads. Returns how many messages have to be acknowledged again.
    pub(crate) fn end_look(&mut self, look: Look, leadership: Leadership) -> usize {
        let again = self.settled.covered.end_look(look, leadership);
        self.settled.acknowledge_again(again)
    }

    /// The broker did not say who leads: what was covered before `then` has to be acknowledged again. Returns how many
    /// messages that are.
    pub(crate) fn uncover_before(&mut self, then: Instant) -> usize {
        let again = self.settled.covered.take_before(then);
        self.settled.acknowledge_again(again)
    }

    /// The same for everything that is covered.
    pub(crate) fn uncover_all(&mut self) -> usize {
        let again = self.settled.covered.take_all();
        self.settled.acknowledge_again(again)
    }
}

#[cfg(test)]
mod tests;
