//! Messages whose acknowledgement has no confirmation of its own: that of a later one covers it.
//!
//! The leader of a consumer takes the acknowledgements of a connection in their order, and replicates them in their order.
//! So the confirmation of the last of them holds for all, if one leader took them all. A leader that ends may lose those that
//! are not replicated yet, and the next leader confirms the last one alone. Therefore messages stay here until the broker has
//! been asked, after the confirmation, who leads: the leader from before the first acknowledgement, and they are done; another
//! one, and each has to be acknowledged again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::{MessageId, Settled};

/// As many messages are kept here, about: those of groups that are on their way come on top.
const AT_MOST: usize = 16_384;
/// With this many, the broker is to be asked at once.
const MANY: usize = AT_MOST / 2;

/// One leadership of a consumer. A server that leads again later has another one. The default is that of a consumer that
/// is not replicated: there is no other leader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leadership {
    pub(crate) leader: String,
    /// When it began to lead, as it says itself.
    pub(crate) since: String,
}

/// A question to the broker who leads. Its answer decides about what was covered before it was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Look(u64);

#[derive(Debug)]
struct CoveredMessage {
    settled: Settled,
    /// Who led before it was acknowledged.
    leadership: Arc<Leadership>,
    /// The last look that had begun when it was covered.
    after: Look,
    covered_at: Instant,
}

/// The covered messages of a consumer.
#[derive(Debug, Default)]
pub(crate) struct Covered {
    messages: BTreeMap<MessageId, CoveredMessage>,
    /// Who led when the broker answered last.
    leadership: Option<Arc<Leadership>>,
    last_look: Look,
}

impl Covered {
    /// Who leads, as far as is known. `None` when that is not known or there is no room: then no message may be covered.
    pub(crate) fn leadership(&self) -> Option<Arc<Leadership>> {
        let has_room = self.messages.len() < AT_MOST;
        self.leadership.clone().filter(|_| has_room)
    }

    /// Keeps a message that is covered now, and was acknowledged after the broker had said that this leader leads.
    pub(super) fn insert(&mut self, settled: Settled, leadership: &Arc<Leadership>, now: Instant) {
        let covered = CoveredMessage {
            leadership: Arc::clone(leadership),
            after: self.last_look,
            covered_at: now,
            settled,
        };
        self.messages.insert(covered.settled.id, covered);
    }

    /// Whether a message is covered.
    pub(super) fn contains(&self, id: MessageId) -> bool {
        self.messages.contains_key(&id)
    }

    /// Takes a message out that the broker has given out again.
    pub(super) fn remove(&mut self, id: MessageId) -> Option<Settled> {
        self.messages.remove(&id).map(|covered| covered.settled)
    }

    /// Whether the broker is to be asked at the next opportunity.
    pub(crate) fn wants_look(&self) -> bool {
        self.leadership.is_none() || !self.messages.is_empty()
    }

    /// Whether the broker is to be asked at once.
    pub(crate) fn has_many(&self) -> bool {
        self.messages.len() >= MANY
    }

    /// Begins a look; to be called before the broker is asked.
    pub(crate) fn begin_look(&mut self) -> Look {
        self.last_look.0 += 1;
        self.last_look
    }

    /// Drops what was covered before a look, now that it says who leads. Returns those messages of it that have to be
    /// acknowledged again.
    pub(super) fn end_look(&mut self, look: Look, leadership: Leadership) -> Vec<Settled> {
        let known = self.leadership.take().filter(|known| **known == leadership);
        let leadership = known.unwrap_or_else(|| Arc::new(leadership));
        let mut again = Vec::new();
        self.messages.retain(|_, covered| {
            if covered.after >= look {
                return true;
            }
            if covered.leadership != leadership {
                again.push(covered.settled.clone());
            }
            false
        });
        self.leadership = Some(leadership);
        again
    }

    /// Takes out what was covered before `then`, after looks that had no answer.
    pub(super) fn take_before(&mut self, then: Instant) -> Vec<Settled> {
        let old = self
            .messages
            .extract_if(.., |_, covered| covered.covered_at < then);
        old.map(|(_, covered)| covered.settled).collect()
    }

    /// Takes out everything.
    pub(super) fn take_all(&mut self) -> Vec<Settled> {
        let all = std::mem::take(&mut self.messages);
        all.into_values().map(|covered| covered.settled).collect()
    }
}

#[cfg(test)]
mod tests;
