//! The mapping, row by row.
//!
//! The rows of the [documentation](https://segment.com/docs/connections/destinations/catalog/facebook-conversions-api/#default-mappings-to-facebook-properties)
//! and those of Meta's own keys. What depends on more than one source has its own place: `event_name` and `event_time`,
//! which decide whether there is an event at all, and what is derived.

use crate::field::{custom_data as custom, event, user_data as user};
use crate::row::{Rule, RuleDescription, row};
use crate::source::{context, message, props, traits};
use crate::transform as via;

/// The event and its customer.
#[rustfmt::skip]
pub(crate) const EVENT: &[&dyn Rule] = &[
    //   destination               sources, first present wins                                                              via
    &row(&event::EVENT_ID,          &[message::MESSAGE_ID],                                                                  via::ID),
    &row(&event::EVENT_SOURCE_URL,  &[context::PAGE_URL],                                                                    via::HTTP_URL),
    &row(&event::REFERRER_URL,      &[context::PAGE_REFERRER],                                                               via::HTTP_URL),
    &row(&event::MESSAGING_CHANNEL, &[props::MESSAGING_CHANNEL],                                                             via::CHANNEL),
    &row(&user::EM,                 &[traits::EMAIL],                                                                        via::EM),
    &row(&user::PH,                 &[traits::PHONE],                                                                        via::PH),
    &row(&user::FN,                 &[traits::FIRST_NAME, traits::FIRST_NAME_SNAKE, traits::FIRST_NAME_LOWER],               via::FIRST_NAME),
    &row(&user::LN,                 &[traits::LAST_NAME, traits::LAST_NAME_SNAKE, traits::LAST_NAME_LOWER],                  via::LAST_NAME),
    &row(&user::DB,                 &[traits::BIRTHDAY],                                                                     via::DB),
    &row(&user::GE,                 &[traits::GENDER],                                                                       via::GE),
    &row(&user::CT,                 &[traits::CITY],                                                                         via::CT),
    &row(&user::ST,                 &[traits::STATE],                                                                        via::ST),
    &row(&user::ZP,                 &[traits::POSTAL_CODE, traits::POSTAL_CODE_SNAKE, traits::POSTAL_CODE_LOWER, traits::ZIP], via::ZP),
    &row(&user::COUNTRY,            &[traits::COUNTRY],                                                                      via::COUNTRY),
    &row(&user::CLIENT_IP_ADDRESS,  &[context::IP],                                                                          via::IP_ADDRESS),
    &row(&user::CLIENT_USER_AGENT,  &[context::USER_AGENT],                                                                  via::TEXT_AS_IS),
    &row(&user::FBC,                &[props::FBC, message::ENTRY_FBC, context::FBC],                                   via::FBC),
    &row(&user::FBP,                &[props::FBP, message::ENTRY_FBP, context::FBP],                                   via::FBP),
];

/// `external_id`, unless a setting names another field for it.
#[rustfmt::skip]
pub(crate) const EXTERNAL_ID: &[&dyn Rule] = &[
    &row(&user::EXTERNAL_ID,        &[message::USER_ID, message::ANONYMOUS_ID],                                              via::EXTERNAL_ID),
];

/// When a row of `value` applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// `Product Viewed` and `Product Added`, whatever they are sent as.
    Product,
    /// Events that are sent as `Purchase`.
    Purchase,
    /// All others.
    Otherwise,
}

/// `value`: of the rows that apply, the first that finds one.
#[rustfmt::skip]
pub(crate) const VALUE: &[(When, &dyn Rule)] = &[
    (When::Product,   &row(&custom::VALUE, &[props::VALUE_IDENTIFIER],                   via::MONEY)),
    (When::Purchase,  &row(&custom::VALUE, &[props::REVENUE, props::TOTAL, props::VALUE], via::MONEY)),
    (When::Otherwise, &row(&custom::VALUE, &[props::REVENUE],                            via::MONEY)),
];

/// `custom_data` of any event. Rows further down lose against rows further up.
#[rustfmt::skip]
pub(crate) const CUSTOM_DATA: &[&dyn Rule] = &[
    &row(&custom::CURRENCY,          &[props::CURRENCY],          via::ISO_4217),
    &row(&custom::SEARCH_STRING,     &[props::QUERY],             via::TEXT),
    &row(&custom::NUM_ITEMS,         &[props::PRODUCTS_LENGTH],   via::LIST_LENGTH),
    &row(&custom::CONTENTS,          &[props::PRODUCTS],          via::CONTENTS),
    &row(&custom::STATUS,            &[props::STATUS],            via::JSON),
    // Meta's own keys among the properties
    &row(&custom::VALUE,             &[props::VALUE],             via::MONEY),
    &row(&custom::PREDICTED_LTV,     &[props::PREDICTED_LTV],     via::MONEY),
    &row(&custom::NET_REVENUE,       &[props::NET_REVENUE],       via::MONEY),
    &row(&custom::NUM_ITEMS,         &[props::NUM_ITEMS],         via::INTEGER),
    &row(&custom::CONTENTS,          &[props::CONTENTS],          via::EXPLICIT_CONTENTS),
    &row(&custom::CONTENT_IDS,       &[props::CONTENT_IDS],       via::TEXT_LIST),
    &row(&custom::CONTENT_TYPE,      &[props::CONTENT_TYPE],      via::CONTENT_TYPE),
    &row(&custom::ORDER_ID,          &[props::ORDER_ID],          via::TEXT),
    &row(&custom::SEARCH_STRING,     &[props::SEARCH_STRING],     via::TEXT),
    &row(&custom::DELIVERY_CATEGORY, &[props::DELIVERY_CATEGORY], via::DELIVERY_CATEGORY),
];

/// Every row, for documentation and for tests of the table's laws.
pub fn rules() -> impl Iterator<Item = RuleDescription> {
    let value = VALUE.iter().map(|(_, rule)| *rule);
    EVENT
        .iter()
        .copied()
        .chain(EXTERNAL_ID.iter().copied())
        .chain(value)
        .chain(CUSTOM_DATA.iter().copied())
        .map(Rule::description)
}
