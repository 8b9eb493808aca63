//! `custom_data`: what it was about.

use std::borrow::Cow;

use crate::currency::Currency;
use crate::json::{Number, RawJson, WriteJson, needs_escapes, write_str};
use crate::names::names;
use crate::object::json_object;

json_object! {
    /// [Custom data parameters](https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/custom-data):
    /// Meta's own keys, then everything else as custom properties.
    ///
    /// ```
    /// use facebook_conversions::{Currency, CustomData, Number, ServerEvent};
    ///
    /// let mut event = ServerEvent::new("Purchase", 1_790_000_000);
    /// event.custom_data.value = Number::parse("19.90");
    /// event.custom_data.currency = Currency::parse("eur");
    /// assert!(event.to_json().contains(r#""custom_data":{"currency":"EUR","value":19.90}"#));
    /// ```
    #[derive(Default)]
    pub struct CustomData<'a> {
        /// Currency of `value`. Required for `Purchase`.
        "currency" currency: Option<Currency>,
        /// What the event is worth, in `currency`. Required for `Purchase`.
        "value" value: Option<Number<'a>>,
        /// Ids of the products.
        "content_ids" content_ids: Vec<Cow<'a, str>>,
        /// The products.
        "contents" contents: Vec<Content<'a>>,
        /// `product`, `product_group` or a type of a catalogue.
        "content_type" content_type: Option<Cow<'a, str>>,
        /// Name of the page or product.
        "content_name" content_name: Option<Cow<'a, str>>,
        /// Category of the page or product.
        "content_category" content_category: Option<Cow<'a, str>>,
        /// Id of the transaction.
        "order_id" order_id: Option<Cow<'a, str>>,
        /// What the user is expected to be worth over their lifetime.
        "predicted_ltv" predicted_ltv: Option<Number<'a>>,
        /// Number of items in the order.
        "num_items" num_items: Option<u64>,
        /// What was searched for.
        "search_string" search_string: Option<Cow<'a, str>>,
        /// State of a registration or of the event.
        "status" status: Option<RawJson<'a>>,
        /// Tells the events of one order apart.
        "item_number" item_number: Option<Cow<'a, str>>,
        /// How the order reaches the customer.
        "delivery_category" delivery_category: Option<DeliveryCategory>,
        /// The margin.
        "net_revenue" net_revenue: Option<Number<'a>>,
    } flattened {
        /// Everything else. The keys are none of the above.
        custom_properties: CustomProperties<'a>,
    }
}

json_object! {
    /// One item of `contents`.
    pub struct Content<'a> {
        /// Id of the product.
        "id" id: Cow<'a, str>,
        /// How many.
        "quantity" quantity: Option<u64>,
        /// Price of one.
        "item_price" item_price: Option<Number<'a>>,
        /// How it reaches the customer.
        "delivery_category" delivery_category: Option<DeliveryCategory>,
    } flattened {
        /// Everything else, such as `title` and `brand`.
        other: CustomProperties<'a>,
    }
}

impl<'a> Content<'a> {
    /// An item with an id and nothing else.
    #[must_use]
    pub fn new(id: impl Into<Cow<'a, str>>) -> Self {
        Self {
            id: id.into(),
            quantity: None,
            item_price: None,
            delivery_category: None,
            other: CustomProperties::default(),
        }
    }
}

names! {
    /// `delivery_category`: how a purchase reaches the customer.
    pub enum DeliveryCategory {
        /// The customer collects it inside.
        InStore = "in_store",
        /// The customer collects it outside.
        Curbside = "curbside",
        /// It is brought home.
        HomeDelivery = "home_delivery",
    }
}

/// Properties that are not Meta's own: any key, any JSON, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomProperties<'a>(Vec<(Key<'a>, RawJson<'a>)>);

#[derive(Debug, Clone)]
enum Key<'a> {
    /// Nothing in it is escaped in JSON.
    Plain(&'a str),
    Any(Cow<'a, str>),
}

impl<'a> CustomProperties<'a> {
    /// Adds a property. A key is added once; whoever adds it twice writes it twice.
    pub fn push(&mut self, key: impl Into<Cow<'a, str>>, value: RawJson<'a>) {
        self.0.push((Key::Any(key.into()), value));
    }

    /// [`push`](Self::push) of a key that is known to need no escapes in JSON, because a parser has just read it
    /// without any. Nothing is checked outside debug builds.
    pub fn push_plain(&mut self, key: &'a str, value: RawJson<'a>) {
        debug_assert!(!needs_escapes(key));
        self.0.push((Key::Plain(key), value));
    }

    /// The properties in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson<'a>)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The value of a property.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&RawJson<'a>> {
        self.iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// Makes room for more.
    pub fn reserve(&mut self, additional: usize) {
        self.0.reserve(additional);
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn write_members(&self, out: &mut String) {
        for (key, value) in &self.0 {
            match key {
                Key::Plain(key) => {
                    out.push('"');
                    out.push_str(key);
                    out.push_str("\":");
                }
                Key::Any(key) => {
                    write_str(key, out);
                    out.push(':');
                }
            }
            value.write_json(out);
            out.push(',');
        }
    }
}

impl Key<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Plain(key) => key,
            Self::Any(key) => key,
        }
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Key<'_> {}
