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
pub(crate) struct Index([Option<u32>; Known::COUNT]);

impl Index {
    pub(crate) fn of(properties: &Properties<'_>) -> Self {
        let mut index = Self([None; Known::COUNT]);
        for (at, property) in properties.as_slice().iter().enumerate() {
            let slot = Known::of(&property.key).and_then(|known| index.0.get_mut(known as usize));
            if let Some(slot) = slot {
                *slot = u32::try_from(at).ok();
            }
        }
        index
    }

    pub(crate) fn at(&self, known: Known) -> Option<usize> {
        self.0
            .get(known as usize)
            .copied()
            .flatten()
            .and_then(|at| usize::try_from(at).ok())
    }
}
