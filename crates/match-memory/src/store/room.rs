//! How much memory each part of the store may take: filters and indexes of the runs take what they need, and the rest is
//! shared out between what is learned and what was asked for.

/// Bytes for all of it. The allocator's own, the buffers of merges and the gaps that they leave come on top: about as much
/// again.
const ALL: usize = 22 << 20;
/// Bytes that are left for what is learned and for what was asked for, however many people there are.
const LEAST: usize = 10 << 20;

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
        self.rest / 5
    }

    /// Bytes of the memtable from which on nothing more is learned. As much may be on its way to a run.
    pub(super) fn memtable_limit(self) -> usize {
        self.flush_at() * 3 / 2
    }

    /// Bytes of the cache of records that were asked for. It may take half as much more.
    pub(super) fn cache(self) -> usize {
        self.rest * 3 / 10
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, LEAST, Room};

    #[test]
    fn few_people_leave_room_and_many_do_not_take_all_of_it() {
        for (runs, rest) in [(0, ALL), (4 << 20, 18 << 20), (1 << 30, LEAST)] {
            let room = Room::beside(runs);
            let all = 2 * room.memtable_limit() + room.cache() * 3 / 2;
            assert!(all > rest && all < rest * 11 / 10, "{all} of {rest}");
            assert!(room.flush_at() < room.memtable_limit());
        }
    }
}
