//! The `properties` of a message.

use std::borrow::Cow;

use serde::de::MapAccess;

use crate::raw::{Member, Raw};
use crate::read::{Key, Members, Value};

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
        self.list.sort_by(|a, b| a.key.cmp(&b.key));
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

impl<'de> Members<'de> for Properties<'de> {
    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Key<'de>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        let Key(key): Key<'de> = key;
        let key: Cow<'de, str> = key;
        self.list.push(Property {
            key,
            value: value.raw()?,
        });
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}
