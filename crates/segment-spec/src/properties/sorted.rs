//! Members in the order of their keys, each key once, sorted as they come in.

use skim_json::Member;

/// How many members are put into their places one by one. Beyond that it is faster to sort all of them in the end.
const FEW: usize = 32;

/// Members sorted by key; of repeated keys the last wins.
pub(super) struct Sorted<'a> {
    /// In order, as long as there are few.
    list: Vec<Member<'a>>,
    /// The beginnings of their keys, and behind them what no key begins with.
    beginnings: [u64; FEW],
}

impl<'a> Sorted<'a> {
    /// An empty list with capacity for most messages.
    #[inline]
    pub(super) fn with_room() -> Self {
        Self {
            list: Vec::with_capacity(FEW / 2),
            beginnings: [u64::MAX; FEW],
        }
    }

    /// Takes a member, in the place of an earlier one with its key.
    #[inline]
    pub(super) fn take(&mut self, member: Member<'a>) {
        let beginning = beginning(&member.key);
        let mut index = 0;
        // Four at a time: how many there are left over is hard to foresee.
        for others in self
            .beginnings
            .as_chunks::<4>()
            .0
            .iter()
            .take(self.list.len() / 4 + 1)
        {
            index += others
                .iter()
                .map(|other| usize::from(*other < beginning))
                .sum::<usize>();
        }
        let Some(beginnings) = self.beginnings.get_mut(..=self.list.len()) else {
            self.list.push(member);
            return;
        };
        // Rarely does another key begin with the same bytes.
        while beginnings.get(index) == Some(&beginning) {
            match self.list.get_mut(index) {
                Some(other) if other.key == member.key => {
                    other.value = member.value;
                    return;
                }
                Some(other) if other.key < member.key => index += 1,
                _ => break,
            }
        }
        let mut moved = beginning;
        for place in beginnings.iter_mut().skip(index) {
            std::mem::swap(place, &mut moved);
        }
        self.list.insert(index, member);
    }

    /// All of them.
    #[inline]
    pub(super) fn take_list(&mut self) -> Vec<Member<'a>> {
        if self.list.len() > FEW {
            self.sort();
        }
        std::mem::take(&mut self.list)
    }

    #[cold]
    fn sort(&mut self) {
        self.list.sort_by(|a, b| {
            beginning(&a.key)
                .cmp(&beginning(&b.key))
                .then_with(|| a.key.cmp(&b.key))
        });
        // The sort is stable: of equal keys the last one sent comes last, and takes the place of those before it.
        self.list.dedup_by(|later, earlier| {
            let repeated = later.key == earlier.key;
            if repeated {
                earlier.value = later.value;
            }
            repeated
        });
    }
}

/// The first bytes of a key, which most often decide the order.
#[inline]
fn beginning(key: &str) -> u64 {
    let key = key.as_bytes();
    if let Some(bytes) = key.first_chunk() {
        u64::from_be_bytes(*bytes)
    } else if let (Some(first), Some(last)) = (key.first_chunk(), key.last_chunk()) {
        // They overlap where they are the same.
        let (first, last) = (u32::from_be_bytes(*first), u32::from_be_bytes(*last));
        u64::from(first) << 32 | u64::from(last) << (8 * (8 - key.len()))
    } else {
        let bytes = key.iter().zip([56, 48, 40]);
        bytes.fold(0, |sum, (byte, place)| sum | u64::from(*byte) << place)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{FEW, Sorted, beginning};
    use skim_json::{Member, Raw};

    proptest! {
        #[test]
        fn order_of_beginnings_agrees_with_order_of_keys(a in "[\\u{0}a-c\u{e9}]{0,10}", b in "[\\u{0}a-c\u{e9}]{0,10}") {
            let order = beginning(&a).cmp(&beginning(&b));
            prop_assert!(order.is_eq() || order == a.cmp(&b));
        }

        #[test]
        fn members_are_sorted_as_in_a_map(
            keys in proptest::collection::vec("[a-b]{0,2}(product_)?[a-c\u{0}é]{0,2}", 0..2 * FEW),
            values in Just(["0", "1", "2", "3", "4", "5", "6", "7"]),
        ) {
            let (mut sorted, mut map) = (Sorted::with_room(), BTreeMap::new());
            for (key, value) in keys.iter().zip(values.iter().cycle()) {
                sorted.take(Member { key: Cow::Borrowed(key), value: Raw::trusted(value) });
                map.insert(key.as_str(), *value);
            }
            let list = sorted.take_list();
            let list: Vec<_> = list.iter().map(|member| (&*member.key, member.value.text())).collect();
            prop_assert_eq!(list, map.into_iter().collect::<Vec<_>>());
        }
    }
}
