//! How far a partition is settled without a gap.

use std::collections::VecDeque;

/// Which records of one partition are handed out and not settled, and from where to read on after a restart.
///
/// Records may be settled in any order. The [position](Self::position) moves only over records that are settled, and stops
/// before the first that is not. Offsets may have gaps, as in compacted topics.
///
/// ```
/// use conversions_input::Watermark;
///
/// let mut watermark = Watermark::new();
/// for offset in [5, 6, 9] {
///     watermark.hand_out(offset);
/// }
/// watermark.settle(6);
/// assert_eq!(watermark.position(), None);
/// watermark.settle(5);
/// assert_eq!(watermark.position(), Some(7));
/// watermark.settle(9);
/// assert_eq!(watermark.position(), Some(10));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Watermark {
    /// What was handed out, in the order of offsets; the first is not settled.
    entries: VecDeque<Entry>,
    newest: Option<u64>,
    position: Option<u64>,
    unsettled: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    offset: u64,
    is_settled: bool,
}

impl Watermark {
    /// A watermark of a partition of which nothing was handed out.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A record was handed out. Returns false, and changes nothing, when it or a later one had been handed out before.
    pub fn hand_out(&mut self, offset: u64) -> bool {
        if self.newest.is_some_and(|newest| offset <= newest) {
            return false;
        }
        self.newest = Some(offset);
        self.entries.push_back(Entry {
            offset,
            is_settled: false,
        });
        self.unsettled += 1;
        true
    }

    /// A record is settled. Returns false, and changes nothing, when it is not handed out or was settled before.
    pub fn settle(&mut self, offset: u64) -> bool {
        let found = self
            .entries
            .binary_search_by_key(&offset, |entry| entry.offset);
        let Some(entry) = found.ok().and_then(|index| self.entries.get_mut(index)) else {
            return false;
        };
        if entry.is_settled {
            return false;
        }
        entry.is_settled = true;
        self.unsettled -= 1;
        while let Some(first) = self.entries.front().filter(|entry| entry.is_settled) {
            self.position = Some(first.offset.saturating_add(1));
            self.entries.pop_front();
        }
        true
    }

    /// The offset from which to read on: every record before it is settled. `None` until the first record that was handed
    /// out is settled.
    #[must_use]
    pub fn position(&self) -> Option<u64> {
        self.position
    }

    /// Number of records that are handed out and not settled.
    #[must_use]
    pub fn unsettled(&self) -> usize {
        self.unsettled
    }

    /// Number of records between the first that is not settled and the last that was handed out, both counted.
    #[must_use]
    pub fn span(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_record_that_was_not_handed_out_cannot_be_settled() {
        let mut watermark = Watermark::new();
        assert!(!watermark.settle(1));
        assert!(watermark.hand_out(3));
        assert!(!watermark.settle(2));
        assert!(watermark.settle(3));
        assert!(!watermark.settle(3));
        assert_eq!(watermark.position(), Some(4));
    }

    #[test]
    fn an_offset_that_came_before_is_not_handed_out_again() {
        let mut watermark = Watermark::new();
        assert!(watermark.hand_out(3));
        assert!(!watermark.hand_out(3));
        assert!(!watermark.hand_out(2));
        assert_eq!(watermark.unsettled(), 1);
    }

    #[test]
    fn the_last_offset_of_all_does_not_overflow() {
        let mut watermark = Watermark::new();
        watermark.hand_out(u64::MAX);
        watermark.settle(u64::MAX);
        assert_eq!(watermark.position(), Some(u64::MAX));
    }

    /// What a test does: hand out the record that lies this far ahead, or settle one of those handed out.
    #[derive(Clone, Debug)]
    enum Step {
        HandOut(u64),
        Settle(prop::sample::Index),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (1_u64..5).prop_map(Step::HandOut),
            any::<prop::sample::Index>().prop_map(Step::Settle),
        ];
        prop::collection::vec(step, 0..200)
    }

    proptest! {
        /// Against a model that keeps all offsets in sets.
        #[test]
        fn the_position_never_passes_an_unsettled_record(steps in steps()) {
            let mut watermark = Watermark::new();
            let (mut all, mut open) = (Vec::new(), BTreeSet::new());
            let mut next = 0;
            for step in steps {
                match step {
                    Step::HandOut(ahead) => {
                        next += ahead;
                        all.push(next);
                        open.insert(next);
                        prop_assert!(watermark.hand_out(next));
                    }
                    Step::Settle(index) if !all.is_empty() => {
                        let offset = all[index.index(all.len())];
                        prop_assert_eq!(watermark.settle(offset), open.remove(&offset));
                    }
                    Step::Settle(_) => {}
                }
                let settled = all.iter().take_while(|offset| !open.contains(offset));
                prop_assert_eq!(watermark.position(), settled.last().map(|offset| offset + 1));
                prop_assert_eq!(watermark.unsettled(), open.len());
                let first = open.first().copied();
                let span = first.map_or(0, |first| all.iter().filter(|offset| **offset >= first).count());
                prop_assert_eq!(watermark.span(), span);
            }
        }

        /// However records are settled, all of them settled is one past the last.
        #[test]
        fn all_settled_in_any_order_is_one_past_the_last(
            order in Just((10_u64..60).collect::<Vec<_>>()).prop_shuffle()
        ) {
            let mut watermark = Watermark::new();
            for offset in 10..60 {
                watermark.hand_out(offset);
            }
            for offset in order {
                watermark.settle(offset);
            }
            prop_assert_eq!(watermark.position(), Some(60));
            prop_assert_eq!((watermark.unsettled(), watermark.span()), (0, 0));
        }
    }
}
