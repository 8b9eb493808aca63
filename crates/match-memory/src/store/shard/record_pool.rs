//! The records of a shard, in pieces of memory that hold nothing else.
//!
//! A record stays for seconds or hours, while what a request needs is gone in a millisecond. Where the allocator mixes both,
//! each leaves gaps in the memory of the other, and a small allocation of a request finds its room far away, in memory that is
//! in no cache of the processor.

/// Bytes of a piece. A longer record has one of its own. Larger pieces would leave gaps in memory that nothing else fits into.
const PIECE: usize = 16 << 10;

/// What a processor reads from memory at once, in bytes; if it is more, nothing is lost.
const CACHE_LINE: usize = 64;
/// Gaps that nobody minds, in bytes.
const SMALL: usize = 8 << 10;

/// Room for records that come, grow and go.
#[derive(Default)]
pub(super) struct RecordPool {
    /// None grows beyond what it was made for.
    pieces: Vec<Vec<u8>>,
    /// Bytes of all records that were put into the pieces.
    used: usize,
    /// Bytes of those that are gone.
    gone: usize,
}

/// Where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    piece: u16,
    at: u16,
    len: u16,
}

impl Place {
    pub(super) fn len(self) -> usize {
        usize::from(self.len)
    }
}

impl RecordPool {
    /// Adds a record. One of more than 64 KB, which the files could not hold either, would be cut.
    pub(super) fn add(&mut self, record: &[u8]) -> Place {
        let len = u16::try_from(record.len()).unwrap_or(u16::MAX);
        let record = record.get(..usize::from(len)).unwrap_or_default();
        let has_room = |piece: &Vec<u8>| piece.capacity() - piece.len() >= record.len();
        if !self.pieces.last().is_some_and(has_room) {
            self.pieces
                .push(Vec::with_capacity(PIECE.max(record.len())));
        }
        let last = self.pieces.len() - 1;
        let at = self.pieces.last().map_or(0, Vec::len);
        if let Some(piece) = self.pieces.last_mut() {
            piece.extend_from_slice(record);
        }
        self.used += record.len();
        // A shard has some dozens of pieces, none larger than 64 KB.
        let small = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        Place {
            piece: small(last),
            at: small(at),
            len,
        }
    }

    /// The record, of which every line of the processor's cache has been asked for.
    ///
    /// Going from entry to entry would wait for one line after the other; here none waits for another.
    pub(super) fn fetch(&self, place: Place) -> &[u8] {
        let record = self.get(place);
        let bytes = record.iter().step_by(CACHE_LINE);
        std::hint::black_box(bytes.fold(0, |bits, byte| bits ^ byte));
        record
    }

    pub(super) fn get(&self, place: Place) -> &[u8] {
        let piece = self.pieces.get(usize::from(place.piece));
        let at = usize::from(place.at);
        piece
            .and_then(|piece| piece.get(at..at + place.len()))
            .unwrap_or_default()
    }

    pub(super) fn get_mut(&mut self, place: Place) -> &mut [u8] {
        let piece = self.pieces.get_mut(usize::from(place.piece));
        let at = usize::from(place.at);
        piece
            .and_then(|piece| piece.get_mut(at..at + place.len()))
            .unwrap_or_default()
    }

    /// Replaces a record, and says where it is now.
    pub(super) fn replace(&mut self, place: Place, record: &[u8]) -> Place {
        if record.len() != place.len() {
            self.remove(place);
            return self.add(record);
        }
        self.get_mut(place).copy_from_slice(record);
        place
    }

    pub(super) fn remove(&mut self, place: Place) {
        self.gone += place.len();
    }

    /// Bytes of the records that are there.
    pub(super) fn bytes(&self) -> usize {
        self.used - self.gone
    }

    /// Whether so much is gone that what is left should move together.
    pub(super) fn has_gaps(&self) -> bool {
        self.gone > SMALL && self.gone > self.used / 4
    }

    /// Moves the records together that are left, whose places these are.
    pub(super) fn close_gaps<'p>(&mut self, places: impl IntoIterator<Item = &'p mut Place>) {
        let old = std::mem::take(self);
        for place in places {
            *place = self.add(old.get(*place));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Place, RecordPool, SMALL};

    proptest! {
        #[test]
        fn every_record_stays_what_it_is_while_others_come_grow_and_go(
            steps in prop::collection::vec((0_u8..40, 0_usize..12_000, any::<u8>()), 1..300),
        ) {
            let mut pool = RecordPool::default();
            let mut places: BTreeMap<u8, Place> = BTreeMap::new();
            let mut expected: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
            for (id, length, byte) in steps {
                let record = vec![byte; length];
                match places.get(&id).copied() {
                    Some(place) if length % 5 == 0 => {
                        pool.remove(place);
                        places.remove(&id);
                        expected.remove(&id);
                    }
                    Some(place) => {
                        places.insert(id, pool.replace(place, &record));
                        expected.insert(id, record);
                    }
                    None => {
                        places.insert(id, pool.add(&record));
                        expected.insert(id, record);
                    }
                }
                if pool.has_gaps() {
                    pool.close_gaps(places.values_mut());
                    prop_assert_eq!(pool.gone, 0);
                }
                let alive: usize = expected.values().map(Vec::len).sum();
                prop_assert_eq!(pool.used - pool.gone, alive);
                prop_assert!(pool.used <= alive + alive / 3 + SMALL + 1);
                for (id, place) in &places {
                    prop_assert_eq!(pool.get(*place), &expected[id][..]);
                }
            }
        }
    }

    #[test]
    fn the_longest_records_fit() {
        let mut pool = RecordPool::default();
        let long = vec![7; usize::from(u16::MAX)];
        let places = [
            pool.add(b"short"),
            pool.add(&long),
            pool.add(b""),
            pool.add(&vec![8; 70_000]),
        ];
        let lengths = places.map(|place| pool.get(place).len());
        assert_eq!(lengths, [5, 65_535, 0, 65_535]);
        assert_eq!(pool.get(places[1]), long);
    }
}
