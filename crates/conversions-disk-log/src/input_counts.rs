//! What became of the events of an input, as counts.

use serde::{Deserialize, Serialize};

/// What became of the events of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InputCounts {
    pub(crate) appended: u64,
    pub(crate) duplicates: u64,
    pub(crate) delivered: u64,
    pub(crate) dead_lettered: u64,
}

impl InputCounts {
    /// Adds further counts.
    pub(crate) fn add(&mut self, more: Self) {
        self.appended += more.appended;
        self.duplicates += more.duplicates;
        self.delivered += more.delivered;
        self.dead_lettered += more.dead_lettered;
    }
}
