//! What a commit writes of one destination.

use std::ops::Range;
use std::sync::Arc;

use conversions_delivery::frame_codec::StoredFrame;
use conversions_delivery::{EventKey, InputId, KeyRange, UnixMillis, due_at};
use conversions_transport::Frame;
use redb::WriteTransaction;

use crate::frame_joiner::FrameJoiner;
use crate::leased_frames::bytes_of;
use crate::rows;
use crate::tables::{Size, TableNames};

/// A frame that a caller appends. It gets its keys when all frames of the commit are known.
pub(crate) struct NewFrame {
    pub(crate) frame: Frame,
    /// Which of its events are duplicates: their places, in order.
    pub(crate) duplicates: Vec<usize>,
    pub(crate) input: Option<InputId>,
    pub(crate) accepted_at: UnixMillis,
    /// Its place among all new frames of the commit.
    pub(crate) number: usize,
}

/// What is to be written of one destination.
#[derive(Default)]
pub(crate) struct PendingWrites {
    pub(crate) new_frames: Vec<NewFrame>,
    /// Frames of events that may be sent.
    pub(crate) waiting: Vec<StoredFrame>,
    /// Frames of events that are due later, and when (Unix milliseconds).
    pub(crate) later: Vec<(i64, StoredFrame)>,
    /// Events of the journal that were delivered.
    pub(crate) delivered: Vec<KeyRange>,
    pub(crate) removed: Removed,
    /// Events of the journal that this commit writes into the tables, and their bytes.
    pub(crate) flushed: (u64, u64),
}

/// Events that are gone from the tables.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Removed {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    /// How many of them were deferred, less those that have become so.
    pub(crate) later: i64,
}

impl PendingWrites {
    /// Gives the new frames their keys, from `next_key` on, and tells them by number. What can be one frame becomes
    /// one.
    pub(crate) fn assign_keys(&mut self, next_key: &mut u64, mut assigned: impl FnMut(usize, u64)) {
        let mut new_frames = std::mem::take(&mut self.new_frames);
        // Stable: the events of a sender keep their order.
        new_frames.sort_by(|a, b| order_of(a).cmp(&order_of(b)));
        let mut joiner = FrameJoiner::default();
        for new in new_frames {
            let first_key = *next_key;
            *next_key += u64::try_from(new.frame.len()).unwrap_or(u64::MAX);
            assigned(new.number, first_key);
            for (places, due) in new.stored_places() {
                let skipped = u64::try_from(places.start).unwrap_or(u64::MAX);
                let stored = StoredFrame {
                    first_key: EventKey(first_key + skipped),
                    accepted_at: new.accepted_at,
                    input: new.input,
                    frame: new.frame.slice(places),
                };
                match due {
                    None => joiner.push(stored, &mut self.waiting),
                    Some(due) => self.later.push((due.0, stored)),
                }
            }
        }
        joiner.finish(&mut self.waiting);
    }

    /// Writes the frames into the tables.
    pub(crate) fn write(
        &self,
        transaction: &WriteTransaction,
        names: &TableNames,
    ) -> Result<(), redb::Error> {
        if !self.waiting.is_empty() {
            let mut waiting = transaction.open_table(names.waiting())?;
            for stored in &self.waiting {
                rows::insert(&mut waiting, 0, stored)?;
            }
        }
        if !self.later.is_empty() {
            let mut later = transaction.open_table(names.later())?;
            for (due, stored) in &self.later {
                rows::insert(&mut later, *due, stored)?;
            }
        }
        Ok(())
    }

    /// The size of the destination after this commit.
    pub(crate) fn size_after(&self, (events, later, bytes): Size) -> Size {
        let (flushed_events, flushed_bytes) = self.flushed;
        let mut added = (flushed_events, flushed_bytes);
        let new = self
            .waiting
            .iter()
            .chain(self.later.iter().map(|(_, stored)| stored));
        for stored in new {
            added.0 += stored.keys().count;
            added.1 += bytes_of(stored);
        }
        let deferred: u64 = self
            .later
            .iter()
            .map(|(_, stored)| stored.keys().count)
            .sum();
        let events = (events + added.0).saturating_sub(self.removed.events);
        let later = (later + deferred).saturating_add_signed(-self.removed.later);
        let bytes = (bytes + added.1).saturating_sub(self.removed.bytes);
        if events == 0 {
            (0, 0, 0)
        } else {
            (events, later, bytes)
        }
    }
}

impl NewFrame {
    /// Successive events that are stored and due at the same time.
    fn stored_places(&self) -> Vec<(Range<usize>, Option<UnixMillis>)> {
        let mut runs: Vec<(Range<usize>, Option<UnixMillis>)> = Vec::with_capacity(1);
        let mut duplicates = self.duplicates.iter().copied().peekable();
        for (place, event) in self.frame.events().enumerate() {
            if duplicates.next_if_eq(&place).is_some() {
                continue;
            }
            let due = due_at(event.event_time, self.accepted_at);
            match runs.last_mut() {
                Some((run, same)) if run.end == place && *same == due => run.end = place + 1,
                _ => runs.push((place..place + 1, due)),
            }
        }
        runs
    }
}

/// Frames that can be joined stand next to each other in this order.
fn order_of(new: &NewFrame) -> (Option<&Arc<str>>, Option<&Arc<str>>, Option<InputId>) {
    (new.frame.source(), new.frame.test_event_code(), new.input)
}
