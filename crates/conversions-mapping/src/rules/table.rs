//! The mapping, row by row.
//!
//! The rows of the [documentation](https://segment.com/docs/connections/destinations/catalog/facebook-conversions-api/#default-mappings-to-facebook-properties)
//! and those of Meta's own keys. Fields that depend on more than one source are in `computed`.

use facebook_conversions::ServerEvent;

use crate::context::RuleContext;
use crate::rules::field::{custom_data as custom, event, user_data as user};
use crate::rules::known::Known;
use crate::rules::row::{Rule, RuleDescription, row};
use crate::rules::source::{SourcePath, context, message, property, props, traits};
use crate::transforms as via;

/// Declares a table: a list of its rows for documentation, and a function that applies them in order. The function
/// names each row as a constant instead of walking the list, so that the compiler inlines sources and transforms.
macro_rules! table {
    ($(#[$doc:meta])* $list:ident, $apply:ident: $($row:expr,)*) => {
        $(#[$doc])*
        const $list: &[&dyn Rule] = &[$(&$row),*];

        $(#[$doc])*
        pub(crate) fn $apply<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
            $((const { &$row }).apply(event, cx);)*
        }
    };
}

table! {
    /// The event itself.
    EVENT, apply_event_rows:
    //   destination               sources, first present wins                                               via
    row(&event::EVENT_ID,          [message::MESSAGE_ID],                                                    via::ID),
    row(&event::EVENT_SOURCE_URL,  [context::PAGE_URL],                                                      via::HTTP_URL),
    row(&event::REFERRER_URL,      [context::PAGE_REFERRER],                                                 via::HTTP_URL),
    row(&event::MESSAGING_CHANNEL, [props::MESSAGING_CHANNEL],                                               via::CHANNEL),
}

table! {
    /// The customer, by the traits.
    TRAITS, apply_traits:
    row(&user::EM,                 [traits::EMAIL],                                                          via::EM),
    row(&user::PH,                 [traits::PHONE],                                                          via::PH),
    row(&user::FN,                 [traits::FIRST_NAME, traits::FIRST_NAME_SNAKE, traits::FIRST_NAME_LOWER], via::FIRST_NAME),
    row(&user::LN,                 [traits::LAST_NAME, traits::LAST_NAME_SNAKE, traits::LAST_NAME_LOWER],    via::LAST_NAME),
    row(&user::DB,                 [traits::BIRTHDAY],                                                       via::DB),
    row(&user::GE,                 [traits::GENDER],                                                         via::GE),
    row(&user::CT,                 [traits::CITY, traits::CITY_AT_TOP],                                                           via::CT),
    row(&user::ST,                 [traits::STATE, traits::STATE_AT_TOP],                                                          via::ST),
    row(&user::ZP,                 traits::POSTAL_CODES,                                                     via::ZP),
    row(&user::COUNTRY,            [traits::COUNTRY, traits::COUNTRY_AT_TOP],                                                        via::COUNTRY),
}

table! {
    /// The browser or app of the customer.
    CLIENT, apply_client:
    row(&user::CLIENT_IP_ADDRESS,  [context::IP],                                                            via::IP_ADDRESS),
    row(&user::CLIENT_USER_AGENT,  [context::USER_AGENT],                                                    via::TEXT_AS_IS),
    row(&user::FBC,                [property(Known::Fbc), property(Known::FbcCookie), message::ENTRY_FBC, context::FBC],                 via::FBC),
    row(&user::FBP,                [property(Known::Fbp), property(Known::FbpCookie), message::ENTRY_FBP, context::FBP],                 via::FBP),
}

/// Applies the rows of event, customer and client. Many messages have no traits, and their rows have most sources.
pub(crate) fn apply_event<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    apply_event_rows(event, cx);
    if !cx.message.context.traits.is_empty() {
        apply_traits(event, cx);
    }
    apply_client(event, cx);
}

table! {
    /// `external_id`, unless a setting names another field for it.
    EXTERNAL_ID, apply_external_id:
    row(&user::EXTERNAL_ID, [message::USER_ID, message::ANONYMOUS_ID], via::EXTERNAL_ID),
}

/// When a row of `value` applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// `Product Viewed` and `Product Added`, whichever standard event they become.
    Product,
    /// Events that are sent as `Purchase`.
    Purchase,
    /// All others.
    Otherwise,
}

impl When {
    /// All, in the order of the table.
    pub(crate) const ALL: [Self; 3] = [Self::Product, Self::Purchase, Self::Otherwise];

    fn meaning(self) -> &'static str {
        match self {
            Self::Product => "Product Viewed and Product Added",
            Self::Purchase => "events sent as Purchase",
            Self::Otherwise => "all other events",
        }
    }
}

/// Declares the table of `value`, each row of which applies to some events only.
macro_rules! table_of_value {
    ($(#[$doc:meta])* $list:ident, $apply:ident: $(($when:ident, $row:expr),)*) => {
        $(#[$doc])*
        const $list: &[(When, &dyn Rule)] = &[$((When::$when, &$row)),*];

        /// Applies the row of one kind of events; returns the source that it used.
        pub(crate) fn $apply<'a>(when: When, event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) -> Option<SourcePath<'static>> {
            match when { $(When::$when => (const { &$row }).apply(event, cx),)* }
        }
    };
}

table_of_value! {
    /// `value`: the first applicable row that finds one wins.
    VALUE, apply_value:
    (Product,   row(&custom::VALUE, [props::VALUE_IDENTIFIER],                   via::MONEY)),
    (Purchase,  row(&custom::VALUE, [property(Known::Revenue), property(Known::Total), props::VALUE], via::MONEY)),
    (Otherwise, row(&custom::VALUE, [property(Known::Revenue)],                            via::MONEY)),
}

table! {
    /// `custom_data` of any event. Of two rows with the same field the upper one wins.
    CUSTOM_DATA, apply_custom_data:
    row(&custom::CURRENCY,          [property(Known::Currency)],         via::ISO_4217),
    row(&custom::SEARCH_STRING,     [property(Known::Query)],            via::TEXT),
    row(&custom::NUM_ITEMS,         [props::PRODUCTS_LENGTH],            via::LIST_LENGTH),
    row(&custom::CONTENTS,          [property(Known::Products)],         via::CONTENTS),
    row(&custom::STATUS,            [property(Known::Status)],           via::JSON),
    // Meta's own keys among the properties
    row(&custom::VALUE,             [props::VALUE],                      via::MONEY),
    row(&custom::PREDICTED_LTV,     [property(Known::PredictedLtv)],     via::MONEY),
    row(&custom::NET_REVENUE,       [property(Known::NetRevenue)],       via::MONEY),
    row(&custom::NUM_ITEMS,         [property(Known::NumItems)],         via::INTEGER),
    row(&custom::CONTENTS,          [property(Known::Contents)],         via::EXPLICIT_CONTENTS),
    row(&custom::CONTENT_IDS,       [property(Known::ContentIds)],       via::TEXT_LIST),
    row(&custom::CONTENT_TYPE,      [property(Known::ContentType)],      via::CONTENT_TYPE),
    row(&custom::ORDER_ID,          [property(Known::OrderId)],          via::TEXT),
    row(&custom::SEARCH_STRING,     [property(Known::SearchString)],     via::TEXT),
    row(&custom::DELIVERY_CATEGORY, [property(Known::DeliveryCategory)], via::DELIVERY_CATEGORY),
}

/// Fields that depend on more than one source; each is computed in a file of `computed`.
#[rustfmt::skip]
const COMPUTED: &[(&str, &[&str], &str)] = &[
    ("event_name",                      &["event"],                                                          "standard event by the settings and the table of names, else the name as it is"),
    ("event_time",                      &["timestamp", "receivedAt", "originalTimestamp", "sentAt"],         "Unix seconds; without timestamp: receivedAt − (sentAt − originalTimestamp)"),
    ("action_source",                   &["properties.action_source", "properties.actionSource"],            "one of Meta's values, else website"),
    ("data_processing_options",         &["integrations.<destination>.dataProcessingOptions"],               "while limited_data_use is on; else the settings'"),
    ("data_processing_options_country", &["integrations.<destination>.dataProcessingOptions"],               "the same"),
    ("data_processing_options_state",   &["integrations.<destination>.dataProcessingOptions"],               "the same"),
    ("app_data.advertiser_tracking_enabled",  &["context.device.adTrackingEnabled"],                         "of app events; 1 or 0, 0 if the message does not say"),
    ("app_data.application_tracking_enabled", &["context.device.adTrackingEnabled"],                         "of app events; 1 or 0, 0 if the message does not say"),
    ("app_data.extinfo",                &["context.os", "context.device", "context.app", "context.screen", "context.locale", "context.timezone", "context.network"], "of app events; sixteen positions"),
    ("user_data.madid",                 &["context.device.advertisingId"],                                   "of app events; text, as it is"),
    ("user_data.fn",                    &["context.traits.name"],                                            "with split_name: first of exactly two words"),
    ("user_data.ln",                    &["context.traits.name"],                                            "with split_name: second of exactly two words"),
    ("user_data.fbc",                   &["context.page.url", "context.page.search", "context.page.referrer"], "with derive_fbc: fb.1.<milliseconds>.<fbclid>"),
    ("custom_data.contents",            &["properties.product_id", "properties.sku", "properties.id"],                        "with derive_contents: the product of a single-product event"),
    ("custom_data.content_ids",         &["custom_data.contents", "properties.category"],                    "with derive_contents: ids of contents; the category of a list"),
    ("custom_data.content_type",        &["custom_data.contents", "properties.category"],                    "with derive_contents: by the setting content_types, else product; product_group for a list"),
    ("custom_data.<same key>",          &["properties.<any other>"],                                         "any JSON, as it is, without personal data"),
];

/// Every row of the tables, for documentation and for tests.
pub fn rules() -> impl Iterator<Item = RuleDescription> {
    let always = EVENT
        .iter()
        .chain(TRAITS)
        .chain(CLIENT)
        .chain(EXTERNAL_ID)
        .chain(CUSTOM_DATA)
        .map(|rule| rule.description(None));
    let value = VALUE
        .iter()
        .map(|(when, rule)| rule.description(Some(when.meaning())));
    value.chain(always)
}

/// The fields that are computed instead of written by a row, for documentation.
pub fn computed_fields() -> impl Iterator<Item = RuleDescription> {
    COMPUTED
        .iter()
        .map(|(field, sources, via)| RuleDescription {
            field,
            sources: sources.to_vec(),
            via,
            when: None,
        })
}
