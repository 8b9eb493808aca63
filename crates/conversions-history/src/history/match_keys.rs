//! Which match keys events have.

use facebook_conversions::UserData;

/// Members of `user_data`, one bit each, in the order of [`UserData::MEMBERS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatchKeySet(u64);

impl MatchKeySet {
    /// The members that customer information has.
    #[must_use]
    pub fn of(user_data: &UserData<'_>) -> Self {
        Self(user_data.present_bits())
    }

    /// The places of the bits, lowest first.
    fn bits(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let lowest = rest.trailing_zeros() as usize;
            let is_there = rest != 0;
            rest &= rest.wrapping_sub(1);
            is_there.then_some(lowest)
        })
    }
}

/// How many events there were, and how many of them had each key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyCounts {
    pub(super) events: u64,
    /// By index in [`UserData::MEMBERS`].
    pub(super) keys: Vec<u64>,
}

impl KeyCounts {
    pub(super) fn add(&mut self, keys: MatchKeySet) {
        self.events += 1;
        if self.keys.len() < UserData::MEMBERS.len() {
            self.keys.resize(UserData::MEMBERS.len(), 0);
        }
        for index in keys.bits() {
            if let Some(count) = self.keys.get_mut(index) {
                *count += 1;
            }
        }
    }

    pub(super) fn add_key(&mut self, index: usize, count: u64) {
        if self.keys.len() <= index {
            self.keys.resize(index + 1, 0);
        }
        if let Some(value) = self.keys.get_mut(index) {
            *value = value.saturating_add(count);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.events = self.events.saturating_add(other.events);
        for (index, count) in other.keys.iter().enumerate() {
            self.add_key(index, *count);
        }
    }

    /// Each key that some event had, with how many had it.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let keys = UserData::MEMBERS.iter().zip(&self.keys);
        keys.filter(|(_, count)| **count > 0)
            .map(|(name, count)| (*name, *count))
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
        counts.add(MatchKeySet::of(&user_data));
        counts.add(MatchKeySet::default());
        let mut named: Vec<_> = counts.named().collect();
        named.sort_unstable();
        assert_eq!(named, [("client_user_agent", 1), ("fbc", 1)]);
        assert_eq!(counts.events, 2);
    }

    #[test]
    fn there_are_bits_for_all_members() {
        assert!(UserData::MEMBERS.len() <= 64);
    }
}
