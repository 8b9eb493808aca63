//! The messages that a member holds: those that wait, and those that are handed out and not acknowledged.

mod fence;

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use async_nats::Subject;
use conversions_nats::HoldTiming;

use crate::error::InputError;
use crate::limits::Limits;
use crate::record::Record;

/// What a message costs besides its bytes.
const OVERHEAD: usize = 256;

#[derive(Debug)]
pub(crate) struct Held {
    limits: Limits,
    timing: HoldTiming,
    waiting: VecDeque<Record>,
    /// By sequence.
    messages: BTreeMap<u64, HeldMessage>,
    bytes: usize,
    outage: Outage,
    is_paused: bool,
    is_full: bool,
}

/// Whether the servers answer. An outage is told once.
#[derive(Debug)]
enum Outage {
    None,
    ToTell(InputError),
    Told,
}

#[derive(Debug)]
struct HeldMessage {
    /// Where it is acknowledged.
    reply: Subject,
    size: usize,
    /// When the server last heard that this member works on it, by what it has confirmed.
    confirmed_at: Instant,
    /// The server may have given it to another member.
    is_lost: bool,
}

impl Held {
    pub(crate) fn new(limits: Limits, timing: HoldTiming) -> Self {
        Self {
            limits,
            timing,
            waiting: VecDeque::new(),
            messages: BTreeMap::new(),
            bytes: 0,
            outage: Outage::None,
            is_paused: false,
            is_full: false,
        }
    }

    pub(crate) fn set_paused(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// How many messages and bytes to pull now; `None` when there is no room.
    pub(crate) fn room(&mut self) -> Option<(usize, usize)> {
        let Limits {
            batch_bytes,
            batch_records,
            unsettled_bytes,
            span,
        } = self.limits;
        let count = self.messages.len();
        let (bytes, records) = if self.is_full {
            (unsettled_bytes / 2, span / 2)
        } else {
            (unsettled_bytes, span)
        };
        self.is_full = count > 0 && (self.bytes >= bytes || count >= records);
        if self.is_full || self.is_paused {
            return None;
        }
        let messages = batch_records.min(span.saturating_sub(count)).max(1);
        let bytes = batch_bytes
            .min(unsettled_bytes.saturating_sub(self.bytes))
            .max(1);
        Some((messages, bytes))
    }

    /// A message that came. One that is held already came again, to this member: only where it is acknowledged is new. The
    /// server counts from when it gave the message out, not from when that came: not before `given_out_after`.
    pub(crate) fn push(&mut self, record: Record, reply: Subject, given_out_after: Instant) {
        self.outage = Outage::None;
        let size = record.payload.len() + OVERHEAD;
        let sequence = record.position.offset;
        if let Some(held) = self.messages.get_mut(&sequence) {
            held.reply = reply;
            held.confirmed_at = held.confirmed_at.max(given_out_after);
            held.is_lost = false;
            return;
        }
        self.bytes += size;
        let message = HeldMessage {
            reply,
            size,
            confirmed_at: given_out_after,
            is_lost: false,
        };
        self.messages.insert(sequence, message);
        self.waiting.push_back(record);
    }

    /// What the caller gets next. What waited for so long that another member may have it is dropped.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Result<Vec<Record>, InputError>> {
        if let Outage::ToTell(_) = self.outage
            && let Outage::ToTell(error) = std::mem::replace(&mut self.outage, Outage::Told)
        {
            return Some(Err(error));
        }
        if self.is_paused {
            return None;
        }
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(record) = self.waiting.front() {
            let sequence = record.position.offset;
            if self.is_stale(sequence, now) {
                self.waiting.pop_front();
                self.forget(sequence);
                continue;
            }
            bytes += record.payload.len();
            let is_full =
                bytes > self.limits.batch_bytes || batch.len() >= self.limits.batch_records;
            if is_full && !batch.is_empty() {
                break;
            }
            batch.extend(self.waiting.pop_front());
        }
        (!batch.is_empty()).then_some(Ok(batch))
    }

    /// Where these messages are acknowledged, of those that are held.
    pub(crate) fn replies(&self, sequences: impl Iterator<Item = u64>) -> Vec<(u64, Subject)> {
        let found = sequences.filter_map(|sequence| {
            let held = self.messages.get(&sequence)?;
            Some((sequence, held.reply.clone()))
        });
        found.collect()
    }

    /// The server has confirmed that it is done.
    pub(crate) fn acknowledged(&mut self, sequence: u64) {
        self.forget(sequence);
    }

    fn forget(&mut self, sequence: u64) {
        if let Some(held) = self.messages.remove(&sequence) {
            self.bytes = self.bytes.saturating_sub(held.size);
        }
    }

    /// Nothing comes. The caller is told once, until something comes again. Returns whether that is news.
    pub(crate) fn fail(&mut self, error: InputError) -> bool {
        let is_news = matches!(self.outage, Outage::None);
        if is_news {
            self.outage = Outage::ToTell(error);
        }
        is_news
    }

    /// The servers answer.
    pub(crate) fn recover(&mut self) {
        self.outage = Outage::None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::position::Partition;
    use crate::record::Payload;

    pub(super) fn record(sequence: u64, bytes: usize) -> Record {
        let payload = Payload::Bytes(vec![0; bytes].into());
        Record::new(Partition::of_stream("S").at(sequence), payload)
    }

    pub(super) fn held(limits: Limits) -> Held {
        Held::new(limits, HoldTiming::of(Duration::from_mins(1)))
    }

    #[test]
    fn a_message_that_comes_again_is_handed_out_once_and_acknowledged_at_its_new_place() {
        let mut held = held(Limits::default());
        held.push(record(7, 10), "first".into(), Instant::now());
        held.push(record(7, 10), "second".into(), Instant::now());
        assert_eq!(
            held.next(Instant::now())
                .and_then(Result::ok)
                .map(|batch| batch.len()),
            Some(1)
        );
        assert!(held.next(Instant::now()).is_none());
        let replies = held.replies([7].into_iter());
        assert_eq!(replies, [(7, Subject::from("second"))]);
        held.acknowledged(7);
        held.acknowledged(7);
        assert_eq!(held.bytes, 0);
    }

    #[test]
    fn there_is_room_again_when_half_is_acknowledged() {
        let limits = Limits {
            span: 4,
            ..Limits::default()
        };
        let mut held = held(limits);
        for sequence in 0..4 {
            assert!(held.room().is_some());
            held.push(record(sequence, 1), "reply".into(), Instant::now());
        }
        assert_eq!(held.room(), None);
        held.acknowledged(0);
        held.acknowledged(1);
        assert_eq!(held.room(), None);
        held.acknowledged(2);
        assert_eq!(held.room().map(|(messages, _)| messages), Some(3));
    }

    #[test]
    fn an_outage_is_told_once() {
        let outage = || InputError::Unavailable {
            reason: "gone".to_owned(),
        };
        let mut held = held(Limits::default());
        assert!(held.fail(outage()));
        assert!(!held.fail(outage()));
        assert!(matches!(
            held.next(Instant::now()),
            Some(Err(InputError::Unavailable { .. }))
        ));
        assert!(held.next(Instant::now()).is_none());
        held.recover();
        assert!(held.fail(outage()));
    }

    #[test]
    fn a_large_message_is_a_batch_of_its_own() {
        let limits = Limits {
            batch_bytes: 100,
            ..Limits::default()
        };
        let mut held = held(limits);
        for (sequence, bytes) in [(0, 60), (1, 60), (2, 500), (3, 1)] {
            held.push(record(sequence, bytes), "reply".into(), Instant::now());
        }
        let mut batches = Vec::new();
        while let Some(Ok(batch)) = held.next(Instant::now()) {
            batches.push(batch.len());
        }
        assert_eq!(batches, [1, 1, 1, 1]);
    }
}
