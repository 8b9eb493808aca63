//! The properties that rows name, and where they are in a message.

use segment_spec::Properties;

/// What becomes of a known property when the rows are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterRows {
    /// It is passed on under its own key, like any other property.
    Stays,
    /// A row writes `custom_data.<same key>`, so the property itself is not passed on.
    Replaced,
    /// A row sends its value as another field, so the property itself is not passed on.
    Moves,
}

/// Declares the known properties: name, key, what becomes of them.
macro_rules! known {
    ($( $variant:ident = $key:literal $after:ident; )*) => {
        /// A property that rows name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Known { $( $variant, )* }

        const KEYS: [&str; [$($key),*].len()] = [$($key),*];
        const ALL: [Known; KEYS.len()] = [$(Known::$variant),*];

        impl Known {
            /// The key among the properties.
            pub(crate) const fn key(self) -> &'static str {
                match self { $( Self::$variant => $key, )* }
            }

            /// The path in the message.
            pub(crate) const fn path(self) -> &'static str {
                match self { $( Self::$variant => concat!("properties.", $key), )* }
            }

            /// What becomes of the property when the rows are done.
            pub(crate) const fn after_rows(self) -> AfterRows {
                match self { $( Self::$variant => AfterRows::$after, )* }
            }
        }
    };
}

#[rustfmt::skip]
known! {
    // name             key                     after the rows
    ActionSource      = "action_source"       Moves;
    ActionSourceCamel = "actionSource"        Moves;
    Category          = "category"            Stays;
    ContentIds        = "content_ids"         Replaced;
    ContentType       = "content_type"        Replaced;
    Contents          = "contents"            Replaced;
    Currency          = "currency"            Replaced;
    DeliveryCategory  = "delivery_category"   Replaced;
    Fbc               = "fbc"                 Moves;
    FbcCookie         = "_fbc"                Moves;
    Fbp               = "fbp"                 Moves;
    FbpCookie         = "_fbp"                Moves;
    Id                = "id"                  Stays;
    MessagingChannel  = "messaging_channel"   Moves;
    NetRevenue        = "net_revenue"         Replaced;
    NumItems          = "num_items"           Replaced;
    OrderId           = "order_id"            Replaced;
    PredictedLtv      = "predicted_ltv"       Replaced;
    Price             = "price"               Stays;
    ProductId         = "product_id"          Stays;
    Products          = "products"            Moves;
    Quantity          = "quantity"            Stays;
    Query             = "query"               Moves;
    Revenue           = "revenue"             Moves;
    SearchString      = "search_string"       Replaced;
    Sku               = "sku"                 Stays;
    Status            = "status"              Replaced;
    Total             = "total"               Stays;
    Value             = "value"               Replaced;
}

impl Known {
    /// The known property of a key: one look into a perfect hash table, one comparison.
    #[inline]
    pub(crate) fn of(key: &str) -> Option<Self> {
        let known = SLOTS
            .get(slot(key.as_bytes(), FACTORS))
            .copied()
            .flatten()?;
        let is_same = KEYS.get(known as usize).is_some_and(|same| *same == key);
        is_same.then_some(known)
    }
}

/// The hash table: each known property in the slot of its key.
const SLOTS: [Option<Known>; SLOT_COUNT] = {
    let mut slots = [None; SLOT_COUNT];
    let mut index = 0;
    while index < KEYS.len() {
        slots[slot(KEYS[index].as_bytes(), FACTORS)] = Some(ALL[index]);
        index += 1;
    }
    slots
};

/// The bits of the mask in which the search for factors marks slots.
const SLOT_COUNT: usize = u128::BITS as usize;

/// The factors of first and last byte, found when the crate is compiled: the first for which no two keys share a slot.
const FACTORS: [usize; 2] = {
    let mut found = None;
    let mut attempt = 0;
    while found.is_none() {
        assert!(
            attempt < 32 * 32,
            "no factors keep the keys apart: hash more of each key in `slot`"
        );
        let factors = [attempt / 32 + 1, attempt % 32 + 1];
        let (mut taken, mut index) = (0u128, 0);
        while index < KEYS.len() {
            taken |= 1 << slot(KEYS[index].as_bytes(), factors);
            index += 1;
        }
        if taken.count_ones() as usize == KEYS.len() {
            found = Some(factors);
        }
        attempt += 1;
    }
    match found {
        Some(factors) => factors,
        None => [1, 1],
    }
};

/// A hash that differs for all known keys. It looks at length, first, middle and last byte only, because that is enough
/// to tell them apart and costs less than reading the key.
#[inline]
const fn slot(key: &[u8], factors: [usize; 2]) -> usize {
    let [first, ..] = key else { return 0 };
    let (middle, last) = (key[key.len() / 2], key[key.len() - 1]);
    (key.len() + *first as usize * factors[0] + last as usize * factors[1] + middle as usize)
        % SLOT_COUNT
}

/// Where the known properties are in the list of properties of one message.
#[derive(Debug)]
pub(crate) struct Index {
    /// For each known property, its place in the list.
    places: [u32; KEYS.len()],
    /// For each of the first places, which known property is there.
    first: [Option<Known>; FIRST],
}

/// Most messages have fewer properties; further ones are looked up by their key again.
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

    /// The known property at a place in the list, if there is one; `key` is the key at that place.
    #[inline]
    pub(crate) fn known(&self, place: usize, key: &str) -> Option<Known> {
        match self.first.get(place) {
            Some(known) => *known,
            None => Known::of(key),
        }
    }

    /// Makes a property unknown, so that no row finds it.
    pub(crate) fn forget(&mut self, known: Known) {
        if let Some(place) = self.places.get_mut(known as usize) {
            *place = NOWHERE;
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
