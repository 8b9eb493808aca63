//! The `properties` of a message.

mod sorted;

use self::sorted::Sorted;
use crate::raw::{Member, Raw};
use crate::read::{Broken, Found, Place, Read, Scanner, Text};

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
}

impl<'a> Read<'a> for Properties<'a> {
    fn read(&mut self, text: Text<'a, '_>, from: Place) -> Result<Place, Broken> {
        *self = Self::default();
        let mut scanner = Scanner::new(text, from);
        let mut has_more = match scanner.enter_object()? {
            Found::Members => true,
            Found::Nothing => false,
            Found::Other => {
                self.wrong_type = true;
                false
            }
        };
        let mut sorted = Sorted::default();
        while has_more {
            let key = scanner.key()?.into_text();
            let value = Raw::new(scanner.value()?);
            sorted.take(Property { key, value });
            has_more = scanner.has_more(b'}')?;
        }
        self.list = sorted.into_list();
        Ok(scanner.place())
    }
}
