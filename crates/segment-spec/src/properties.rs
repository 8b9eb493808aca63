//! The `properties` of a message.

use crate::raw::{Member, Raw};
use crate::read::{Broken, Key, Object, Value};

/// One property: a member of `properties`.
pub type Property<'a> = Member<'a>;

/// The [properties](https://segment.com/docs/connections/spec/track/#properties) of a message, sorted by key, each key
/// once: of repeated keys the last wins.
#[derive(Debug, Clone, Default)]
pub struct Properties<'a> {
    list: Vec<Property<'a>>,
    wrong_type: bool,
}

impl<'a> Properties<'a> {
    /// The properties in the order of their keys.
    #[must_use]
    pub fn as_slice(&self) -> &[Property<'a>] {
        &self.list
    }

    /// The value of a property by its key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Raw<'a>> {
        let index = self
            .list
            .binary_search_by(|property| property.key.as_ref().cmp(key))
            .ok()?;
        self.list.get(index).map(|property| property.value)
    }

    /// Whether something stands in the place of `properties` that is neither an object nor `null`.
    #[must_use]
    pub fn is_wrong_type(&self) -> bool {
        self.wrong_type
    }

    pub(crate) fn sort(&mut self) {
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

impl<'a> Object<'a> for Properties<'a> {
    fn member(&mut self, key: Key<'a>, value: Value<'_, '_, 'a>) -> Result<(), Broken> {
        let value = value.raw()?;
        let key = key.into_text();
        if self.list.is_empty() {
            self.list.reserve(16);
        }
        self.list.push(Property { key, value });
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}

/// The first bytes of a key, which most often decide the order.
#[inline]
fn beginning(key: &str) -> u64 {
    match key.as_bytes().first_chunk() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => key
            .bytes()
            .zip((0..8).rev())
            .fold(0, |sum, (byte, place)| sum | u64::from(byte) << (place * 8)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::beginning;

    proptest! {
        #[test]
        fn beginnings_never_contradict_the_order(a in "[\\u{0}a-c\u{e9}]{0,10}", b in "[\\u{0}a-c\u{e9}]{0,10}") {
            let order = beginning(&a).cmp(&beginning(&b));
            prop_assert!(order.is_eq() || order == a.cmp(&b));
        }
    }
}
