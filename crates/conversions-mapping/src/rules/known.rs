//! The properties that the mapping knows by name.

use segment_spec::Properties;

/// Declares the known properties and how a key is recognised.
macro_rules! known {
    ($( $variant:ident = $key:literal, )*) => {
        /// A property that the mapping knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Known { $( $variant, )* }

        const KEYS: [&str; [$($key),*].len()] = [$($key),*];
        const ALL: [Known; KEYS.len()] = [$(Known::$variant),*];
    };
}

known! {
    ActionSource = "action_source",
    ActionSourceCamel = "actionSource",
    Category = "category",
    ContentIds = "content_ids",
    ContentType = "content_type",
    Contents = "contents",
    Currency = "currency",
    DeliveryCategory = "delivery_category",
    Fbc = "fbc",
    Fbp = "fbp",
    MessagingChannel = "messaging_channel",
    NetRevenue = "net_revenue",
    NumItems = "num_items",
    OrderId = "order_id",
    PredictedLtv = "predicted_ltv",
    Price = "price",
    ProductId = "product_id",
    Products = "products",
    Quantity = "quantity",
    Query = "query",
    Revenue = "revenue",
    SearchString = "search_string",
    Sku = "sku",
    Status = "status",
    Total = "total",
    Value = "value",
}

impl Known {
    /// Recognises a key.
    #[inline]
    pub(crate) fn of(key: &str) -> Option<Self> {
        let known = SLOTS.get(slot(key.as_bytes())).copied().flatten()?;
        let is_same = KEYS.get(known as usize).is_some_and(|same| *same == key);
        is_same.then_some(known)
    }
}

/// Each known property at the slot of its key.
const SLOTS: [Option<Known>; SLOT_COUNT] = {
    let mut slots = [None; SLOT_COUNT];
    let mut index = 0;
    while index < KEYS.len() {
        let slot = slot(KEYS[index].as_bytes());
        assert!(
            slots[slot].is_none(),
            "two keys share a slot: choose other factors"
        );
        slots[slot] = Some(ALL[index]);
        index += 1;
    }
    slots
};

const SLOT_COUNT: usize = 64;

/// A number that is another for each known key.
#[inline]
const fn slot(key: &[u8]) -> usize {
    let [first, ..] = key else { return 0 };
    let (middle, last) = (key[key.len() / 2], key[key.len() - 1]);
    (key.len() + *first as usize * 12 + last as usize * 8 + middle as usize) % SLOT_COUNT
}

/// Where in the list of properties each known one stands.
#[derive(Debug)]
pub(crate) struct Index {
    /// Its place in the list.
    places: [u32; KEYS.len()],
    /// What stands at the first places.
    first: [Option<Known>; FIRST],
}

/// How many properties most messages have at most.
const FIRST: usize = 32;

const NOWHERE: u32 = u32::MAX;

impl Index {
    pub(crate) fn of(properties: &Properties<'_>) -> Self {
        let mut index = Self {
            places: [NOWHERE; KEYS.len()],
            first: [None; FIRST],
        };
        for (place, property) in (0u32..).zip(properties.as_slice()) {
            let Some(known) = Known::of(&property.key) else {
                continue;
            };
            if let Some(slot) = index.places.get_mut(known as usize) {
                *slot = place;
            }
            if let Some(slot) = index.first.get_mut(place as usize) {
                *slot = Some(known);
            }
        }
        index
    }

    /// The property of a key that stands at a place in the list, if it is known.
    #[inline]
    pub(crate) fn known(&self, place: usize, key: &str) -> Option<Known> {
        match self.first.get(place) {
            Some(known) => *known,
            None => Known::of(key),
        }
    }

    #[inline]
    pub(crate) fn at(&self, known: Known) -> Option<usize> {
        let place = self.places.get(known as usize).copied()?;
        (place != NOWHERE).then_some(place as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, KEYS, Known};

    #[test]
    fn known_keys_are_recognised_and_others_are_not() {
        for (key, known) in KEYS.iter().zip(ALL) {
            assert_eq!(Known::of(key), Some(known));
            assert_eq!(Known::of(&format!("{key}s")), None);
            assert_eq!(Known::of(&key.to_uppercase()), None);
        }
        assert_eq!(Known::of(""), None);
    }
}
