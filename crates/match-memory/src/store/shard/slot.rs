//! The record of an id in memory, and where else it is.

use super::record_pool::{Place, RecordPool};
use crate::record::{Tags, merge, update_in_place};

/// Bytes that a slot takes beside its record: key and slot, the map's room to spare, the pool's gaps.
pub(super) const ENTRY_BYTES: usize = 88;

pub(super) struct Slot {
    /// Where the record is.
    pub(super) place: Place,
    pub(super) kept: Kept,
    /// Whether the record holds everything that is known of the id, in whatever run.
    pub(super) is_whole: bool,
    /// What has changed since the last run: the only part of the record that log and next run need.
    pub(super) unflushed: Tags,
    /// Whether the log has that part as it is.
    pub(super) is_logged: bool,
    /// When it was last asked for.
    pub(super) generation: u8,
}

/// Where a record is, beside memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// In no run.
    InMemory,
    /// In the run that is being written.
    Flushing,
    /// In an older form in the run that is being written.
    ChangedSince,
    /// In runs.
    InRun,
}

impl Kept {
    /// Whether the next run must have the record.
    pub(super) fn is_in_memtable(self) -> bool {
        matches!(self, Self::InMemory | Self::ChangedSince)
    }

    /// The record has changed. Says whether it belongs to the memtable only since then.
    pub(super) fn changes(&mut self) -> bool {
        let changed = match self {
            Self::Flushing | Self::ChangedSince => Self::ChangedSince,
            Self::InRun | Self::InMemory => Self::InMemory,
        };
        let has_changed = *self != changed;
        if has_changed {
            *self = changed;
        }
        has_changed
    }
}

impl Slot {
    pub(super) fn bytes(&self) -> usize {
        ENTRY_BYTES + self.place.len()
    }

    /// Merges what was learned into the record, and returns by how many bytes it has grown.
    pub(super) fn merge_newer(
        &mut self,
        learned: &[u8],
        records: &mut RecordPool,
        scratch: &mut Vec<u8>,
    ) -> usize {
        records.fetch(self.place);
        self.note_change(Tags::of(learned));
        if update_in_place(records.get_mut(self.place), learned) {
            return 0;
        }
        merge(learned, records.get(self.place), scratch);
        self.replace(scratch, records)
    }

    /// Most messages tell of the same fields as the one before. Then nothing is written, so that other processors keep the slot.
    fn note_change(&mut self, changed: Tags) {
        let unflushed = self.unflushed.union(changed);
        if unflushed != self.unflushed {
            self.unflushed = unflushed;
        }
        if self.is_logged {
            self.is_logged = false;
        }
    }

    /// Merges what runs have behind the record, and returns by how many bytes it has grown.
    pub(super) fn merge_older(
        &mut self,
        older: &[u8],
        records: &mut RecordPool,
        scratch: &mut Vec<u8>,
    ) -> usize {
        if older.is_empty() {
            return 0;
        }
        merge(records.get(self.place), older, scratch);
        self.replace(scratch, records)
    }

    fn replace(&mut self, merged: &[u8], records: &mut RecordPool) -> usize {
        let grown = merged.len().saturating_sub(self.place.len());
        self.place = records.replace(self.place, merged);
        grown
    }
}
