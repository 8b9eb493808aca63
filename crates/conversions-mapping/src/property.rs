//! The properties that the mapping knows by name.

use segment_spec::Properties;

/// Declares the known properties and how a key is recognised.
macro_rules! known {
    ($( $variant:ident = $key:literal, )*) => {
        /// A property that the mapping knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Known { $( $variant, )* }

        impl Known {
            const COUNT: usize = [$($key),*].len();

            /// Recognises a key.
            pub(crate) fn of(key: &str) -> Option<Self> {
                match key { $( $key => Some(Self::$variant), )* _ => None }
            }
        }
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

/// Where in the list of properties each known one stands.
#[derive(Debug)]
pub(crate) struct Index {
    at: [Option<u32>; Known::COUNT],
    /// One bit for each of the first properties that is not known.
    unknown: u64,
}

impl Index {
    pub(crate) fn of(properties: &Properties<'_>) -> Self {
        let mut index = Self {
            at: [None; Known::COUNT],
            unknown: 0,
        };
        for (at, property) in (0u32..).zip(properties.as_slice()) {
            let known = Known::of(&property.key);
            if let Some(slot) = known.and_then(|known| index.at.get_mut(known as usize)) {
                *slot = Some(at);
            }
            if at < u64::BITS && known.is_none() {
                index.unknown |= 1 << at;
            }
        }
        index
    }

    /// The property of a key that stands at a place in the list, if it is known.
    pub(crate) fn known(&self, place: usize, key: &str) -> Option<Known> {
        let bit = u32::try_from(place).ok().filter(|place| *place < u64::BITS);
        let is_unknown = bit.is_some_and(|bit| self.unknown >> bit & 1 == 1);
        if is_unknown { None } else { Known::of(key) }
    }

    pub(crate) fn at(&self, known: Known) -> Option<usize> {
        self.at
            .get(known as usize)
            .copied()
            .flatten()
            .and_then(|at| usize::try_from(at).ok())
    }
}
