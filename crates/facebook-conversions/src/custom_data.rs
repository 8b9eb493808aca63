//! `custom_data`: what it was about.

use crate::currency::Currency;
use crate::json::{Number, RawJson, WriteJson};
use crate::names::names;
use crate::object::json_object;
use crate::text::Text;

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
        "content_ids" content_ids: Vec<Text<'a>>,
        /// The products.
        "contents" contents: Vec<Content<'a>>,
        /// `product`, `product_group` or a type of a catalogue.
        "content_type" content_type: Option<Text<'a>>,
        /// Name of the page or product.
        "content_name" content_name: Option<Text<'a>>,
        /// Category of the page or product.
        "content_category" content_category: Option<Text<'a>>,
        /// Id of the transaction.
        "order_id" order_id: Option<Text<'a>>,
        /// What the user is expected to be worth over their lifetime.
        "predicted_ltv" predicted_ltv: Option<Number<'a>>,
        /// Number of items in the order.
        "num_items" num_items: Option<u64>,
        /// What was searched for.
        "search_string" search_string: Option<Text<'a>>,
        /// State of a registration or of the event.
        "status" status: Option<RawJson<'a>>,
        /// Tells the events of one order apart.
        "item_number" item_number: Option<Text<'a>>,
        /// How the order reaches the customer.
        "delivery_category" delivery_category: Option<DeliveryCategory>,
        /// The margin.
        "net_revenue" net_revenue: Option<Number<'a>>,
        /// Where a lead event comes from: `crm` for the stages of a lead in a customer database.
        "event_source" event_source: Option<Text<'a>>,
        /// Name of the customer database that reports the lead.
        "lead_event_source" lead_event_source: Option<Text<'a>>,
    } flattened {
        /// Everything else. The keys are none of the above.
        custom_properties: CustomProperties<'a>,
    }
}

json_object! {
    /// One item of `contents`.
    pub struct Content<'a> {
        /// Id of the product.
        "id" id: Text<'a>,
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
    pub fn new(id: impl Into<Text<'a>>) -> Self {
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
pub struct CustomProperties<'a>(Vec<(Text<'a>, RawJson<'a>)>);

impl<'a> CustomProperties<'a> {
    /// Adds a property. Keys are not checked: a key that is added twice is written twice.
    pub fn push(&mut self, key: impl Into<Text<'a>>, value: RawJson<'a>) {
        self.0.push((key.into(), value));
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

    /// Reserves capacity for more properties.
    pub fn reserve(&mut self, additional: usize) {
        if self.0.capacity() == 0 {
            // Cheaper than growing an empty list.
            self.0 = Vec::with_capacity(additional);
        } else {
            self.0.reserve(additional);
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn write_members(&self, out: &mut String) {
        for (key, value) in &self.0 {
            out.push('"');
            key.write_inside_quotes(out);
            out.push_str("\":");
            value.write_json(out);
            out.push(',');
        }
    }
}
