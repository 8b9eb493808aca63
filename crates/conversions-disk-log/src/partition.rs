//! The state of one destination in memory: its leased events, and those that only the journal holds.

use std::ops::Range;

use conversions_delivery::{Backlog, KeySet, UnixMillis};

use crate::leased_frames::{LeasedFrames, Place};
use crate::tables::TableNames;
use crate::unflushed::Unflushed;

/// One destination.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) names: TableNames,
    /// Counts and bytes of everything that is on disk.
    pub(crate) backlog: Backlog,
    /// Where the next lease goes on in the table: every waiting event below this key is leased, released or gone.
    pub(crate) cursor: u64,
    /// Leased once and released.
    pub(crate) released: KeySet,
    pub(crate) leased: LeasedFrames,
    /// Frames with unsettled events that are in the journal only.
    pub(crate) unflushed: Unflushed,
    /// Where the next lease goes on among the unflushed: every one below this key is leased, released or gone.
    pub(crate) unflushed_cursor: u64,
}

impl Partition {
    pub(crate) fn new(destination: &str) -> Self {
        Self {
            names: TableNames::of(destination),
            backlog: Backlog::default(),
            cursor: 0,
            released: KeySet::default(),
            leased: LeasedFrames::default(),
            unflushed: Unflushed::default(),
            unflushed_cursor: 0,
        }
    }

    /// Of these events of a table, those that are neither leased, released nor unflushed. After a failed checkpoint an
    /// unflushed event may be in the table already.
    pub(crate) fn unknown(&self, keys: Range<u64>) -> KeySet {
        let mut unknown = self.free(keys.clone());
        for frame in self.unflushed.overlapping(&keys) {
            unknown.remove(frame.keys().into());
        }
        unknown
    }

    /// Of these events, those that are neither leased nor released.
    pub(crate) fn free(&self, keys: Range<u64>) -> KeySet {
        let mut free = self.not_leased(keys.clone());
        let released = self
            .released
            .ranges()
            .map(conversions_delivery::KeyRange::range);
        for released in
            released.filter(|released| released.start < keys.end && released.end > keys.start)
        {
            free.remove(released.into());
        }
        free
    }

    /// Of these events, those that are not leased.
    pub(crate) fn not_leased(&self, keys: Range<u64>) -> KeySet {
        let mut free = KeySet::default();
        free.insert(keys.clone().into());
        for leased in self.leased.overlapping(&keys) {
            free.remove(leased.keys.clone().into());
        }
        free
    }

    /// A checkpoint has written all unflushed events into the tables.
    pub(crate) fn finish_checkpoint(&mut self) {
        // The table has gained rows below the cursor. Those that are neither leased nor released must be found again.
        let firsts = self.unflushed.frames_from(0).filter_map(|frame| {
            let mut left = frame.unsettled();
            for leased in self.leased.overlapping(&frame.keys()) {
                left.remove(leased.keys.clone().into());
            }
            left.first()
        });
        if let Some(first) = firsts.map(|range| range.first.0).min() {
            self.cursor = self.cursor.min(first);
        }
        self.leased.finish_checkpoint();
        self.unflushed.clear();
    }

    /// Counts events that were committed.
    pub(crate) fn count_appended(&mut self, events: u64, bytes: u64, accepted_at: UnixMillis) {
        if events > 0 && self.backlog.events == 0 {
            self.backlog.oldest = Some(accepted_at);
        }
        self.backlog.events += events;
        self.backlog.bytes += bytes;
    }

    /// Forgets settled events. Returns how many bytes they had.
    pub(crate) fn forget_settled(&mut self, keys: &Range<u64>) -> u64 {
        let mut freed = 0;
        for slice in self.leased.remove(keys) {
            self.unflushed.settle(&slice.keys);
            if matches!(slice.place, Place::Later(_)) {
                self.backlog.later = self.backlog.later.saturating_sub(slice.events());
            }
            freed += self.count_removed(slice.events(), slice.bytes());
        }
        freed
    }

    /// Subtracts events that were removed. Returns how many bytes are free again.
    pub(crate) fn count_removed(&mut self, events: u64, bytes: u64) -> u64 {
        let backlog = &mut self.backlog;
        let before = backlog.bytes;
        backlog.events = backlog.events.saturating_sub(events);
        backlog.bytes = backlog.bytes.saturating_sub(bytes);
        if backlog.events == 0 {
            // Events that could not be read took their share with them.
            *backlog = Backlog::default();
        }
        before - backlog.bytes
    }

    /// Ends the lease of events that were deferred on disk.
    pub(crate) fn defer(&mut self, keys: &Range<u64>) {
        for slice in self.leased.remove(keys) {
            self.unflushed.settle(&slice.keys);
            if !matches!(slice.place, Place::Later(_)) {
                self.backlog.later += slice.events();
            }
        }
    }

    /// Ends the lease of events, which may be leased again.
    pub(crate) fn release(&mut self, keys: &Range<u64>) {
        for slice in self.leased.remove(keys) {
            // Deferred events that were due are found in their table again; the cursor of the others has passed them.
            if !matches!(slice.place, Place::Later(_)) {
                self.released.insert(slice.keys.into());
            }
        }
    }

    /// The time and the line of the oldest event that is in the journal only.
    pub(crate) fn oldest_unflushed(&self) -> Option<(UnixMillis, Option<u64>)> {
        let frame = self.unflushed.first()?;
        let first = frame.unsettled().first()?;
        let rest = frame
            .stored
            .as_ref()
            .map(|stored| stored.of_keys(first.range()));
        let line = rest.map_or(frame.place.line, |rest| rest.frame.event(0)?.line);
        Some((frame.place.accepted_at, line))
    }
}
