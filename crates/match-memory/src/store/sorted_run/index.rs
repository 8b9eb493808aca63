//! The index of a run: which pages a fingerprint may be on.

use std::ops::Range;

/// Keys of a piece. Pieces of the same size as other things that come and go leave no gaps in memory; the index of ten million
/// ids in one piece would.
const PIECE: usize = 1024;
/// How far from its first guess a search looks first: as many keys as the processor fetches at once.
const FIRST_STEP: usize = 16;

/// For each page the upper quarter of the first fingerprint of the block that it belongs to, in ascending order.
#[derive(Default)]
pub(super) struct Index {
    pieces: Vec<Vec<u32>>,
    len: usize,
}

impl Index {
    /// Adds the key of the next page.
    pub(super) fn push(&mut self, key: u32) {
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < PIECE => piece.push(key),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(key);
                self.pieces.push(piece);
            }
        }
        self.len += 1;
    }

    /// How many pages there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = u32> {
        self.pieces.iter().flatten().copied()
    }

    /// The pages on which a fingerprint with this upper quarter may be; the first is the beginning of a block.
    ///
    /// Fingerprints with the same upper quarter may stand on both sides of the border between two blocks.
    pub(super) fn candidates(&self, quarter: u32) -> Range<usize> {
        let mut first = self.first_not_below(quarter);
        let mut end = first;
        while self.key(end) == Some(quarter) {
            end += 1;
        }
        if let Some(before) = first.checked_sub(1).and_then(|page| self.key(page)) {
            // All pages of a block have its key.
            while first > 0 && self.key(first - 1) == Some(before) {
                first -= 1;
            }
        }
        first..end
    }

    fn key(&self, page: usize) -> Option<u32> {
        self.pieces.get(page / PIECE)?.get(page % PIECE).copied()
    }

    /// Fingerprints are evenly distributed, so the search begins where the key would be if they were perfectly so, and looks
    /// ever farther from there: half of all keys, each in memory that no other search has touched, would be waited for longer.
    fn first_not_below(&self, key: u32) -> usize {
        let is_below = |page: usize| self.key(page).is_some_and(|other| other < key);
        let share = (u64::from(key) * self.len as u64) >> 32;
        let guess = usize::try_from(share).unwrap_or(self.len);
        // What is before `from` is below the key, what is at `to` or behind is not.
        let (mut from, mut to) = (0, self.len);
        let mut step = FIRST_STEP;
        if is_below(guess) {
            from = guess + 1;
            while from + step < to {
                if !is_below(from + step) {
                    to = from + step;
                    break;
                }
                from += step + 1;
                step *= 2;
            }
        } else {
            to = guess;
            while let Some(probe) = to.checked_sub(step) {
                if is_below(probe) {
                    from = probe + 1;
                    break;
                }
                to = probe;
                step *= 2;
            }
        }
        while from < to {
            let middle = usize::midpoint(from, to);
            if is_below(middle) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Index, PIECE};

    proptest! {
        #[test]
        fn a_search_finds_what_looking_at_every_key_finds(
            mut keys in prop::collection::vec(prop_oneof![any::<u32>(), 0..300_u32], 0..3000),
            asked in prop::collection::vec(prop_oneof![any::<u32>(), 0..300_u32], 50),
        ) {
            keys.sort_unstable();
            let mut index = Index::default();
            for key in &keys {
                index.push(*key);
            }
            for key in asked.iter().chain(keys.iter().take(50)) {
                let expected = keys.partition_point(|other| other < key);
                prop_assert_eq!(index.first_not_below(*key), expected);
            }
        }
    }

    #[test]
    fn candidates_are_the_block_before_and_all_of_the_key() {
        let mut index = Index::default();
        assert_eq!(index.candidates(7), 0..0);
        for key in [10, 20, 20, 20, 30, 40, 40] {
            index.push(key);
        }
        for (quarter, pages) in [
            (5, 0..0),
            (10, 0..1),
            (15, 0..1),
            (20, 0..4),
            (25, 1..4),
            (30, 1..5),
            (35, 4..5),
            (40, 4..7),
            (u32::MAX, 5..7),
        ] {
            assert_eq!(index.candidates(quarter), pages, "{quarter}");
        }
    }

    #[test]
    fn many_pieces_are_searched_as_one() {
        let mut index = Index::default();
        let count = 3 * PIECE + 5;
        for page in 0..count {
            index.push(u32::try_from(page * 10).expect("a key"));
        }
        assert_eq!(index.len(), count);
        assert_eq!(index.keys().count(), count);
        for page in 1..count {
            let key = u32::try_from(page * 10).expect("a key");
            assert_eq!(index.candidates(key + 3), page..page + 1);
            assert_eq!(index.candidates(key), page - 1..page + 1);
        }
    }
}
