//! Which match keys events have.

use facebook_conversions::UserData;

/// Members of `user_data`, one bit each, in the order of [`UserData::MEMBERS`], and which of them a memory has filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatchKeySet {
    present: u64,
    remembered: u64,
}

impl MatchKeySet {
    /// The members that customer information has.
    #[must_use]
    pub fn of(user_data: &UserData<'_>) -> Self {
        Self {
            present: user_data.present_bits(),
            remembered: 0,
        }
    }

    /// Says which of them only a memory had, with bits as in [`UserData::present_bits`].
    #[must_use]
    pub fn with_remembered(self, bits: u64) -> Self {
        Self {
            remembered: self.present & bits,
            ..self
        }
    }
}

/// The places of the bits, lowest first.
fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = bits.trailing_zeros() as usize;
        let is_there = bits != 0;
        bits &= bits.wrapping_sub(1);
        is_there.then_some(lowest)
    })
}

/// How many events there were, and how many of them had each key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyCounts {
    pub(super) events: u64,
    pub(super) present: ByKey,
    /// Events that had a key from a memory only.
    pub(super) remembered: ByKey,
}

impl KeyCounts {
    pub(super) fn add(&mut self, keys: MatchKeySet) {
        self.events += 1;
        self.present.add(keys.present);
        if keys.remembered != 0 {
            self.remembered.add(keys.remembered);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.events = self.events.saturating_add(other.events);
        self.present.merge(&other.present);
        self.remembered.merge(&other.remembered);
    }
}

/// Counts by index in [`UserData::MEMBERS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ByKey(Vec<u64>);

impl ByKey {
    fn add(&mut self, bits: u64) {
        if self.0.len() < UserData::MEMBERS.len() {
            self.0.resize(UserData::MEMBERS.len(), 0);
        }
        for index in places(bits) {
            if let Some(count) = self.0.get_mut(index) {
                *count += 1;
            }
        }
    }

    pub(super) fn add_count(&mut self, index: usize, count: u64) {
        if self.0.len() <= index {
            self.0.resize(index + 1, 0);
        }
        if let Some(value) = self.0.get_mut(index) {
            *value = value.saturating_add(count);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (index, count) in other.counted() {
            self.add_count(index, count);
        }
    }

    /// Index and count of each key that some event had.
    pub(super) fn counted(&self) -> impl Iterator<Item = (usize, u64)> {
        let counts = self.0.iter().copied().enumerate();
        counts.filter(|(_, count)| *count > 0)
    }

    /// Name and count of each key that some event had.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let named = |(index, count)| Some((*UserData::MEMBERS.get(index)?, count));
        self.counted().filter_map(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_that_is_present_has_its_bit() {
        let user_data = UserData {
            fbc: Some("fb.1.1.x".into()),
            client_user_agent: Some("agent".into()),
            ..UserData::default()
        };
        let mut counts = KeyCounts::default();
        let present = MatchKeySet::of(&user_data);
        counts.add(present);
        counts.add(present.with_remembered(u64::MAX));
        counts.add(MatchKeySet::default().with_remembered(u64::MAX));
        let sorted = |counts: &ByKey| {
            let mut named: Vec<_> = counts.named().collect();
            named.sort_unstable();
            named
        };
        let both = |count| vec![("client_user_agent", count), ("fbc", count)];
        assert_eq!(sorted(&counts.present), both(2));
        assert_eq!(sorted(&counts.remembered), both(1));
        assert_eq!(counts.events, 3);
    }

    #[test]
    fn there_are_bits_for_all_members() {
        assert!(UserData::MEMBERS.len() <= 64);
    }
}
