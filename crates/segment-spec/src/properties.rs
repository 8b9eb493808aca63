//! The `properties` of a message.

mod sorted;

use self::sorted::Sorted;
use crate::product::{self, Product};
use skim_json::{IndexedText, NotJson, ObjectStart, ReadValue, Scanner};
use skim_json::{Member, Raw};

/// One property: a member of `properties`.
pub type Property<'a> = Member<'a>;

/// The [properties](https://segment.com/docs/connections/spec/track/#properties) of a message, sorted by key, each key
/// once: of repeated keys the last wins.
#[derive(Debug, Clone, Default)]
pub struct Properties<'a> {
    list: Vec<Property<'a>>,
    products: Option<Vec<Product<'a>>>,
    sent: usize,
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

    /// The property `products`, if it is a list: one product for each item. An item that is not an object is a product
    /// without members.
    #[must_use]
    pub fn products(&self) -> Option<&[Product<'a>]> {
        self.products.as_deref()
    }

    /// How many members were sent, those with repeated keys included.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.sent
    }

    /// Whether something stands in the place of `properties` that is neither an object nor `null`.
    #[must_use]
    pub fn is_wrong_type(&self) -> bool {
        self.wrong_type
    }
}

impl<'a> Properties<'a> {
    fn read_products(&mut self, scanner: &mut Scanner<'a, '_>) -> Result<Raw<'a>, NotJson> {
        if scanner.token()? != b'[' {
            self.products = None;
            return scanner.value();
        }
        let products = self.products.get_or_insert_default();
        scanner.value_with(|text, from| product::read(products, text, from))
    }
}

impl<'a> ReadValue<'a> for Properties<'a> {
    fn read_value(&mut self, text: IndexedText<'a, '_>, from: usize) -> Result<usize, NotJson> {
        *self = Self::default();
        let mut scanner = Scanner::new(text, from);
        let mut has_more = match scanner.enter_object()? {
            ObjectStart::Members => true,
            ObjectStart::Empty | ObjectStart::Null => false,
            ObjectStart::NotAnObject => {
                self.wrong_type = true;
                false
            }
        };
        if !has_more {
            return Ok(scanner.position());
        }
        let mut sorted = Sorted::with_room();
        while has_more {
            let key = scanner.key()?.into_text();
            let value = if key == "products" {
                self.read_products(&mut scanner)?
            } else {
                scanner.value()?
            };
            sorted.take(Property { key, value });
            self.sent += 1;
            has_more = scanner.has_more(b'}')?;
        }
        self.list = sorted.take_list();
        Ok(scanner.position())
    }
}
