//! What Graph refuses in an event: one table, one row per fault.
//!
//! The rows are written from Meta's documentation and from observed replies, not from any validator, so that a
//! validator can be tested against them. Graph refuses a whole request for its first bad event and does not say
//! which one it was; neither does the sandbox.

mod app;
mod custom_data;
mod event;
mod messaging;
mod processing;
mod user_data;
mod values;

#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

/// How certain the code and the subcode of a [`Fault`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Meta's documentation states the rule; the code is the general one, 100,
    /// unless a subcode is given.
    Documented,
    /// The reply was observed, with its subcode.
    Observed,
    /// Others report the reply; Meta's documentation does not.
    Reported,
}

/// One reason why Graph refuses an event.
///
/// ```
/// use graph_sandbox::{FAULTS, first_fault};
/// use serde_json::json;
///
/// let now = 1_790_000_000;
/// let event = json!({
///     "event_name": "Purchase",
///     "event_time": now,
///     "user_data": {"external_id": "u-1"},
///     "custom_data": {"currency": "EUR"},
/// });
/// let fault = first_fault(&event, now).expect("a Purchase needs a value");
/// assert_eq!((fault.code, fault.subcode), (100, Some(2_804_009)));
/// assert!(FAULTS.iter().any(|row| row.name == fault.name));
/// ```
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct Fault {
    /// The sandbox's own name of the fault, `snake_case`, stable.
    pub name: &'static str,
    /// Graph's `code`.
    pub code: u32,
    /// Graph's `error_subcode`, where one is known.
    pub subcode: Option<u32>,
    /// How certain code and subcode are.
    pub confidence: Confidence,
    /// Graph's `error_user_title`, in the sandbox's words.
    pub title: &'static str,
    /// Graph's `error_user_msg`, in the sandbox's words; names members, never values.
    pub message: &'static str,
    /// Whether an event has the fault. The second argument is the clock in Unix seconds.
    #[serde(skip)]
    pub is_in: fn(&Value, i64) -> bool,
}

/// Graph's code for an invalid parameter.
const INVALID_PARAMETER: u32 = 100;

const NONE: Option<u32> = None;

const fn row(
    name: &'static str,
    is_in: fn(&Value, i64) -> bool,
    subcode: Option<u32>,
    confidence: Confidence,
    title: &'static str,
    message: &'static str,
) -> Fault {
    Fault {
        name,
        code: INVALID_PARAMETER,
        subcode,
        confidence,
        title,
        message,
        is_in,
    }
}

use Confidence::{Documented, Observed, Reported};

/// Every fault of an event, in the order in which they are checked.
///
/// Sources: the [server event], [customer information], [custom data] and
/// [data processing options] pages of the Conversions API, and the
/// [v13.0 changelog] for insufficient customer information.
///
/// [server event]: https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event
/// [customer information]: https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
/// [custom data]: https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/custom-data
/// [data processing options]: https://developers.facebook.com/docs/marketing-apis/data-processing-options
/// [v13.0 changelog]: https://developers.facebook.com/docs/graph-api/changelog/version13.0#conversions-api
#[rustfmt::skip]
pub const FAULTS: &[Fault] = &[
    //  name                              found by                                   subcode          confidence  title, message
    row("event_not_an_object",            event::not_an_object,                      NONE,            Documented, "Invalid event", "Every entry of data must be an object."),
    row("event_name_missing",             event::name_missing,                       NONE,            Documented, "Missing event_name", "event_name must be text that is not blank."),
    row("event_name_too_long",            event::name_too_long,                      NONE,            Documented, "Event name too long", "The name of a custom event must not exceed 50 characters."),
    row("event_time_missing",             event::time_missing,                       NONE,            Documented, "Missing event_time", "event_time is required."),
    row("event_time_not_seconds",         event::time_not_seconds,                   NONE,            Documented, "Invalid event_time", "event_time must be an integer, Unix time in seconds."),
    row("event_time_too_old",             event::time_too_old,                       Some(2_804_003), Observed,   "Event time too far in the past", "event_time must be within 7 days before the event is sent, within 62 days for physical_store."),
    row("event_time_in_future",           event::time_in_future,                     Some(2_804_004), Reported,   "Event time out of range", "event_time must not lie in the future."),
    row("event_id_not_text",              event::id_not_text,                        NONE,            Documented, "Invalid event_id", "event_id must be text."),
    row("event_source_url_not_http",      event::source_url_not_http,                NONE,            Documented, "Invalid event_source_url", "event_source_url must begin with http:// or https://."),
    row("opt_out_not_boolean",            event::opt_out_not_boolean,                NONE,            Documented, "Invalid opt_out", "opt_out must be true or false."),
    row("original_event_data_not_object", event::original_event_data_not_object,     NONE,            Documented, "Invalid original_event_data", "original_event_data must be an object."),
    row("original_event_data_wrong_type", event::original_event_data_wrong_type,     NONE,            Documented, "Invalid original_event_data", "original_event_data takes event_time in seconds, and event_name, event_id and order_id as text."),
    row("customer_segmentation_unknown",  event::customer_segmentation_unknown,      NONE,            Documented, "Unknown customer_segmentation", "customer_segmentation must be one of the nine documented values."),
    row("action_source_unknown",          event::action_source_unknown,              NONE,            Documented, "Unknown action_source", "action_source must be one of the nine documented values."),

    row("app_data_missing",               app::data_missing,                         NONE,            Documented, "Missing app_data", "An event whose action_source is app needs app_data."),
    row("app_tracking_flags_missing",     app::tracking_flags_missing,               NONE,            Documented, "Incomplete app_data", "app_data needs advertiser_tracking_enabled and application_tracking_enabled, each 0 or 1."),
    row("extinfo_not_sixteen",            app::extinfo_not_sixteen,                  NONE,            Documented, "Invalid extinfo", "app_data.extinfo must be a list of exactly 16 texts."),
    row("extinfo_version_unknown",        app::extinfo_version_unknown,              NONE,            Documented, "Invalid extinfo", "The first entry of app_data.extinfo must be a2 or i2."),
    row("extinfo_os_version_empty",       app::extinfo_os_version_empty,             Some(2_804_043), Reported,   "Invalid extinfo", "The fifth entry of app_data.extinfo, the OS version, must not be empty."),
    row("messaging_event_name",           messaging::event_name_not_allowed,         Some(2_804_066), Reported,   "Event name not supported", "The event name is not supported for the action_source business_messaging."),
    row("messaging_channel_missing",      messaging::channel_missing,                NONE,            Documented, "Missing messaging_channel", "An event whose action_source is business_messaging needs messaging_channel."),
    row("messaging_channel_unknown",      messaging::channel_unknown,                NONE,            Documented, "Unknown messaging_channel", "messaging_channel must be whatsapp, messenger or instagram."),

    row("user_data_not_object",           user_data::not_an_object,                  NONE,            Documented, "Invalid user_data", "user_data must be an object."),
    row("user_data_wrong_type",           user_data::wrong_type,                     NONE,            Documented, "Invalid user_data", "A member of user_data has the wrong type."),
    row("user_data_not_hashed",           user_data::not_hashed,                     NONE,            Documented, "Customer information not hashed", "em, ph, fn, ln, db, ge, ct, st, zp and country must be SHA-256 hashed."),
    row("client_ip_address_malformed",    user_data::ip_malformed,                   NONE,            Documented, "Invalid client_ip_address", "client_ip_address must be a valid IPv4 or IPv6 address without spaces."),
    row("fbc_malformed",                  user_data::fbc_malformed,                  NONE,            Documented, "Invalid fbc", "fbc must have the form fb.subdomainIndex.creationTime.fbclid."),
    row("fbp_malformed",                  user_data::fbp_malformed,                  NONE,            Documented, "Invalid fbp", "fbp must have the form fb.subdomainIndex.creationTime.randomNumber."),
    row("lead_id_malformed",              user_data::lead_id_malformed,              Some(2_804_036), Reported,   "Invalid lead_id", "lead_id must be a number of 15 or 16 digits."),
    row("user_data_insufficient",         user_data::insufficient,                   Some(2_804_050), Observed,   "You haven't added sufficient customer information parameter data for this event", "This event has no customer information parameters, or a combination of them that is too broad to match."),

    row("custom_data_not_object",         custom_data::not_an_object,                NONE,            Documented, "Invalid custom_data", "custom_data must be an object."),
    row("value_not_a_number",             custom_data::value_not_a_number,           NONE,            Documented, "Invalid value", "custom_data.value must be a number."),
    row("purchase_without_value",         custom_data::purchase_without_value,       Some(2_804_009), Documented, "Missing value", "A Purchase needs custom_data.value."),
    row("purchase_without_currency",      custom_data::purchase_without_currency,    Some(2_804_010), Reported,   "Missing currency", "A Purchase needs custom_data.currency."),
    row("purchase_currency_not_accepted", custom_data::purchase_currency_not_accepted, Some(2_804_011), Reported, "Invalid currency", "custom_data.currency must be an ISO 4217 code that is accepted for Purchase."),
    row("value_without_currency",         custom_data::value_without_currency,       Some(2_804_023), Reported,   "Missing currency", "custom_data.value needs custom_data.currency."),
    row("currency_unknown",               custom_data::currency_unknown,             NONE,            Documented, "Invalid currency", "custom_data.currency must be an ISO 4217 code."),
    row("content_ids_not_list",           custom_data::content_ids_not_list,         Some(2_804_008), Reported,   "Invalid content_ids", "custom_data.content_ids must be a list of texts."),
    row("contents_not_objects",           custom_data::contents_not_objects,         NONE,            Documented, "Invalid contents", "custom_data.contents must be a list of objects."),
    row("contents_without_id",            custom_data::contents_without_id,          NONE,            Documented, "Invalid contents", "Every entry of custom_data.contents needs an id."),
    row("num_items_not_integer",          custom_data::num_items_not_integer,        NONE,            Documented, "Invalid num_items", "custom_data.num_items must be an integer that is not negative."),
    row("predicted_ltv_not_a_number",     custom_data::predicted_ltv_not_a_number,   NONE,            Documented, "Invalid predicted_ltv", "custom_data.predicted_ltv must be a number."),
    row("net_revenue_not_a_number",       custom_data::net_revenue_not_a_number,     NONE,            Documented, "Invalid net_revenue", "custom_data.net_revenue must be a number."),
    row("delivery_category_unknown",      custom_data::delivery_category_unknown,    NONE,            Documented, "Unknown delivery_category", "custom_data.delivery_category must be in_store, curbside or home_delivery."),

    row("processing_options_unknown",     processing::options_unknown,               NONE,            Documented, "Invalid data_processing_options", "data_processing_options must be a list that is empty or holds LDU."),
    row("processing_country_unknown",     processing::country_unknown,               NONE,            Documented, "Invalid data_processing_options_country", "data_processing_options_country must be 0 or 1."),
    row("processing_state_unknown",       processing::state_unknown,                 NONE,            Documented, "Invalid data_processing_options_state", "data_processing_options_state must be 0 or one of the documented states."),
    row("processing_state_missing",       processing::state_missing,                 NONE,            Documented, "Missing data_processing_options_state", "data_processing_options_state is required with data_processing_options_country."),
];

/// The first fault of an event, in table order; `None` when Graph would take it.
///
/// `now` is the clock in Unix seconds.
#[must_use]
pub fn first_fault(event: &Value, now: i64) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| (fault.is_in)(event, now))
}
