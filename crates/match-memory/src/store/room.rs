//! How much memory each part of the store may take: filters and indexes of the runs take what they need, and the rest is
//! shared out between what is learned and what was asked for.

/// Bytes for all of it. The allocator's own, the buffers of merges and the gaps that they leave come on top: about as much
/// again.
const ALL: usize = 22 << 20;
/// Bytes that are left for what is learned and for what was asked for, however many people there are.
const LEAST: usize = 10 << 20;

/// Bytes of the memtable from which on a run is written, however much room there is: what a first flood of people has taken
/// from the system is not given back when filters and indexes need it.
const LARGEST_RUN: usize = 5 << 19;

/// How the rest is shared out.
#[derive(Clone, Copy)]
pub(super) struct Room {
    rest: usize,
}

impl Room {
    /// What there is beside filters and indexes of so many bytes.
    pub(super) fn beside(runs: usize) -> Self {
        let rest = ALL.saturating_sub(runs).max(LEAST);
        Self { rest }
    }

    /// Bytes of the memtable from which on a run is written.
    pub(super) fn flush_at(self) -> usize {
        (self.rest / 5).min(LARGEST_RUN)
    }

    /// Bytes of the memtable from which on nothing more is learned. As much may be on its way to a run.
    pub(super) fn memtable_limit(self) -> usize {
        self.flush_at() * 3 / 2
    }

    /// Bytes of all records in memory from which on those go that are in runs and were not asked for lately.
    pub(super) fn records(self) -> usize {
        self.rest / 4 * 3
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, LEAST, Room};

    #[test]
    fn few_people_leave_room_and_many_do_not_take_all_of_it() {
        for (runs, rest) in [(0, ALL), (4 << 20, 18 << 20), (1 << 30, LEAST)] {
            let room = Room::beside(runs);
            // What is on its way to a run is there twice.
            let all = room.records() + room.memtable_limit();
            assert!(all > rest / 2 && all < rest * 11 / 10, "{all} of {rest}");
            assert!(room.flush_at() < room.memtable_limit());
            assert!(2 * room.memtable_limit() < room.records());
        }
    }
}
