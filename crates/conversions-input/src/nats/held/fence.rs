//! Messages that the server may have given to another member.
//!
//! The server gives a message out again when it hears nothing of it for `ack_wait`. A process that stood still, or was cut
//! off, finds messages in its hand and in its socket that another member may be working on. By the time at which the server
//! has last heard of a message, it tells those apart.

use std::time::Instant;

use async_nats::Subject;

use super::Held;

impl Held {
    /// Whether another member may have a message before what begins with it now ends.
    pub(super) fn is_stale(&self, sequence: u64, now: Instant) -> bool {
        let message = self.messages.get(&sequence);
        message.is_none_or(|message| {
            let unheard_for = now.saturating_duration_since(message.confirmed_at);
            message.is_lost || unheard_for > self.timing.fresh_for
        })
    }

    /// The messages that need a sign of life, and where it goes. Those that are lost get none: it would keep them with
    /// whoever had them, should that member be gone.
    pub(crate) fn due_for_sign(&self, now: Instant) -> Vec<(u64, Subject)> {
        let own = self.messages.iter().filter(|(_, message)| {
            let unheard_for = now.saturating_duration_since(message.confirmed_at);
            !message.is_lost && unheard_for > self.timing.sign_after
        });
        own.map(|(sequence, message)| (*sequence, message.reply.clone()))
            .collect()
    }

    /// The server has answered at `answered_at` to a sign of life of `sent_at`. It answers also when it has waited in vain
    /// and given the message to another member: a sign that may have come after `ack_wait` does not count.
    pub(crate) fn confirm(&mut self, sequence: u64, sent_at: Instant, answered_at: Instant) {
        let ack_wait = self.timing.ack_wait;
        if let Some(message) = self.messages.get_mut(&sequence) {
            if answered_at.saturating_duration_since(message.confirmed_at) < ack_wait {
                message.confirmed_at = message.confirmed_at.max(sent_at);
            } else {
                message.is_lost = true;
            }
        }
    }

    /// Where to give messages back that are still this member's. To give back another's would bring it to a third.
    pub(crate) fn fresh_replies(&self, now: Instant) -> Vec<Subject> {
        let own = self
            .messages
            .iter()
            .filter(|(sequence, _)| !self.is_stale(**sequence, now));
        own.map(|(_, message)| message.reply.clone()).collect()
    }

    /// Forgets those of these messages that another member may have, and returns them.
    pub(crate) fn take_expired(
        &mut self,
        sequences: impl Iterator<Item = u64>,
        now: Instant,
    ) -> Vec<u64> {
        let expired: Vec<u64> = sequences
            .filter(|sequence| self.is_stale(*sequence, now))
            .collect();
        for sequence in &expired {
            self.forget(*sequence);
        }
        expired
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::tests::{held, record};
    use super::*;
    use crate::limits::Limits;
    use crate::record::Record;

    /// What is handed out at this time.
    fn next(held: &mut Held, at: Instant) -> Vec<u64> {
        let next: Option<Vec<Record>> = held.next(at).and_then(Result::ok);
        let records = next.unwrap_or_default();
        records
            .iter()
            .map(|record| record.position.offset)
            .collect()
    }

    #[test]
    fn what_waited_for_too_long_is_not_handed_out_and_comes_again_as_new() {
        let mut held = held(Limits::default());
        let given_out = Instant::now();
        let late = given_out + held.timing.fresh_for + Duration::from_secs(1);
        held.push(record(1, 10), "old".into(), given_out);
        held.push(record(2, 10), "new".into(), late);
        assert_eq!(next(&mut held, late), [2]);
        held.acknowledged(2);
        assert_eq!(held.bytes, 0, "another member may have the first");
        held.push(record(1, 10), "again".into(), late);
        assert_eq!(next(&mut held, late), [1]);
    }

    #[test]
    fn signs_of_life_keep_a_message_unless_they_come_too_late() {
        let mut held = held(Limits::default());
        let at = Instant::now();
        held.push(record(1, 10), "one".into(), at);
        held.push(record(2, 10), "two".into(), at);
        assert_eq!(next(&mut held, at), [1, 2]);
        for seconds in [20, 40] {
            let then = at + Duration::from_secs(seconds);
            held.confirm(1, then, then);
        }
        let late = at + held.timing.ack_wait;
        held.confirm(2, late, late);
        assert_eq!(held.due_for_sign(late), [(1, "one".into())]);
        assert_eq!(held.fresh_replies(late), ["one".into()]);
        assert_eq!(held.take_expired([1, 2].into_iter(), late), [2]);
        assert_eq!(held.replies([1, 2].into_iter()), [(1, "one".into())]);
    }

    #[test]
    fn a_lost_message_that_comes_again_to_the_same_member_is_its_own_again() {
        let mut held = held(Limits::default());
        let at = Instant::now();
        held.push(record(1, 10), "first".into(), at);
        assert_eq!(next(&mut held, at), [1]);
        let late = at + held.timing.ack_wait;
        held.confirm(1, late, late);
        held.push(record(1, 10), "second".into(), late);
        assert_eq!(next(&mut held, late), [0; 0], "the caller has it");
        assert_eq!(held.take_expired([1].into_iter(), late), [0; 0]);
        assert_eq!(held.fresh_replies(late), ["second".into()]);
    }
}
