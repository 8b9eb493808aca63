//! Ranges of keys, and sets of them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::event::EventKey;

/// Consecutive keys, such as those of the events of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyRange {
    /// The first key.
    pub first: EventKey,
    /// Number of keys.
    pub count: u64,
}

impl KeyRange {
    /// The range from `first` on with `count` keys. It ends at the greatest key.
    #[must_use]
    pub fn new(first: EventKey, count: u64) -> Self {
        let count = count.min(u64::MAX - first.0);
        Self { first, count }
    }

    /// The range of one key.
    #[must_use]
    pub fn one(key: EventKey) -> Self {
        Self::new(key, 1)
    }

    /// The keys, in order.
    pub fn keys(self) -> impl DoubleEndedIterator<Item = EventKey> {
        self.range().map(EventKey)
    }

    /// The numbers of the keys.
    #[must_use]
    pub fn range(self) -> Range<u64> {
        self.first.0..self.first.0.saturating_add(self.count)
    }

    /// The ranges of keys that are in order. Neighbours share one.
    #[must_use]
    pub fn of_keys(keys: impl IntoIterator<Item = EventKey>) -> Vec<Self> {
        let mut ranges = Vec::new();
        for key in keys {
            Self::one(key).push_to(&mut ranges);
        }
        ranges
    }

    /// Appends the range to others, joined to the last one if it follows that.
    pub(crate) fn push_to(self, ranges: &mut Vec<Self>) {
        match ranges.last_mut() {
            Some(last) if last.range().end == self.first.0 => last.count += self.count,
            _ => ranges.push(self),
        }
    }
}

/// The range of these numbers.
impl From<Range<u64>> for KeyRange {
    fn from(range: Range<u64>) -> Self {
        Self::new(EventKey(range.start), range.end.saturating_sub(range.start))
    }
}

/// A set of keys, kept as ranges: as small as its keys are consecutive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet {
    /// Start and end of each range. They neither overlap nor touch.
    ranges: BTreeMap<u64, u64>,
    len: u64,
}

impl KeySet {
    /// Adds keys; those that are in the set already stay.
    pub fn insert(&mut self, keys: KeyRange) {
        let Range { mut start, mut end } = keys.range();
        if start == end {
            return;
        }
        // What touches the new range becomes a part of it.
        while let Some((&other_start, &other_end)) = self.ranges.range(..=end).next_back() {
            if other_end < start {
                break;
            }
            self.ranges.remove(&other_start);
            self.len -= other_end - other_start;
            start = start.min(other_start);
            end = end.max(other_end);
        }
        self.ranges.insert(start, end);
        self.len += end - start;
    }

    /// Removes keys. Returns those that were in the set, in order.
    pub fn remove(&mut self, keys: KeyRange) -> Vec<KeyRange> {
        let Range { start, end } = keys.range();
        let mut removed = Vec::new();
        if start == end {
            return removed;
        }
        while let Some((&other_start, &other_end)) = self.ranges.range(..end).next_back() {
            if other_end <= start {
                break;
            }
            self.ranges.remove(&other_start);
            if other_start < start {
                self.ranges.insert(other_start, start);
            }
            if other_end > end {
                self.ranges.insert(end, other_end);
            }
            let gone = other_start.max(start)..other_end.min(end);
            self.len -= gone.end - gone.start;
            removed.push(KeyRange::from(gone));
        }
        removed.reverse();
        removed
    }

    /// The first range of consecutive keys.
    #[must_use]
    pub fn first(&self) -> Option<KeyRange> {
        let (start, end) = self.ranges.first_key_value()?;
        Some(KeyRange::from(*start..*end))
    }

    /// The ranges, in order.
    #[must_use]
    pub fn ranges(&self) -> impl DoubleEndedIterator<Item = KeyRange> {
        self.ranges
            .iter()
            .map(|(start, end)| KeyRange::from(*start..*end))
    }

    /// Whether a key is in the set.
    #[must_use]
    pub fn contains(&self, key: EventKey) -> bool {
        let before = self.ranges.range(..=key.0).next_back();
        before.is_some_and(|(_, end)| key.0 < *end)
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Checks the set against one of single keys, after each of many random changes.
    #[test]
    fn a_set_of_ranges_does_what_a_set_of_keys_does() {
        let mut random = fastrand::Rng::with_seed(7);
        let (mut set, mut keys) = (KeySet::default(), BTreeSet::new());
        for step in 0..20_000 {
            let range = KeyRange::new(EventKey(random.u64(..64)), random.u64(..12));
            if random.bool() {
                set.insert(range);
                keys.extend(range.keys());
            } else {
                let removed: Vec<_> = set
                    .remove(range)
                    .into_iter()
                    .flat_map(KeyRange::keys)
                    .collect();
                let expected: Vec<_> = range.keys().filter(|key| keys.remove(key)).collect();
                assert_eq!(removed, expected, "step {step}: {range:?}");
            }
            assert!(
                set.ranges()
                    .flat_map(KeyRange::keys)
                    .eq(keys.iter().copied()),
                "step {step}"
            );
            assert_eq!(set.len(), keys.len() as u64);
            assert_eq!(set.first().map(|first| first.first), keys.first().copied());
            let probe = EventKey(random.u64(..80));
            assert_eq!(set.contains(probe), keys.contains(&probe));
            let touching = set.ranges().zip(set.ranges().skip(1));
            assert!(
                touching
                    .into_iter()
                    .all(|(one, next)| one.range().end < next.first.0)
            );
            assert_eq!(
                KeyRange::of_keys(keys.iter().copied()),
                set.ranges().collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn ranges_end_at_the_greatest_key() {
        let range = KeyRange::new(EventKey(u64::MAX - 1), 9);
        assert_eq!(range.count, 1);
        let (start, before) = (9, 3);
        assert_eq!(KeyRange::from(start..before).count, 0);
        let mut set = KeySet::default();
        set.insert(range);
        assert_eq!(set.remove(KeyRange::new(EventKey(0), u64::MAX)), [range]);
    }
}
