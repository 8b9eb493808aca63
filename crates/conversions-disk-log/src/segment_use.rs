//! How many rows have their frames in each segment of the journal: a segment is removed when none has.

use std::collections::BTreeMap;

/// How many rows there are more of each segment, or fewer.
#[derive(Clone, Debug, Default)]
pub(crate) struct SegmentChanges(BTreeMap<u64, i64>);

impl SegmentChanges {
    pub(crate) fn add(&mut self, segment: u64, rows: i64) {
        *self.0.entry(segment).or_default() += rows;
    }
}

/// How many rows there are of each segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct SegmentUse {
    rows: BTreeMap<u64, i64>,
    /// A commit failed, and it is unknown whether it is in the tables.
    is_unknown: bool,
}

impl SegmentUse {
    /// The use of these rows.
    pub(crate) fn of_rows(changes: SegmentChanges) -> Self {
        let mut segment_use = Self::default();
        segment_use.apply(changes);
        segment_use
    }

    pub(crate) fn apply(&mut self, changes: SegmentChanges) {
        for (segment, rows) in changes.0 {
            let count = self.rows.entry(segment).or_default();
            *count += rows;
            if *count <= 0 {
                self.rows.remove(&segment);
            }
        }
    }

    /// It is unknown from now on which segments are in use.
    pub(crate) fn forget(&mut self) {
        self.is_unknown = true;
    }

    pub(crate) fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    pub(crate) fn contains(&self, segment: u64) -> bool {
        self.is_unknown || self.rows.contains_key(&segment)
    }

    /// The segments that are in use, oldest first.
    pub(crate) fn segments(&self) -> impl Iterator<Item = u64> {
        self.rows.keys().copied()
    }
}
