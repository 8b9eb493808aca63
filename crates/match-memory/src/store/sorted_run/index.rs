//! The index of a run: which pages a fingerprint may be on.

use std::ops::Range;

/// Keys of a piece. Pieces of the same size as other things that come and go leave no gaps in memory; the index of ten million
/// ids in one piece would.
const PIECE: usize = 1024;

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

    fn first_not_below(&self, key: u32) -> usize {
        let piece = self
            .pieces
            .partition_point(|piece| piece.last().is_some_and(|last| *last < key));
        let Some(within) = self.pieces.get(piece) else {
            return self.len;
        };
        piece * PIECE + within.partition_point(|other| *other < key)
    }
}

#[cfg(test)]
mod tests {
    use super::{Index, PIECE};

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
