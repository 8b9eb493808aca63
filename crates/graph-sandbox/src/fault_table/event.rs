//! Members of the event itself.

use serde_json::Value;

use super::values::{inner, is_blank, is_text_like, member, text};

/// Meta's standard events, whose names may be of any length.
#[rustfmt::skip]
const STANDARD_EVENTS: [&str; 18] = [
    "AddPaymentInfo", "AddToCart", "AddToWishlist", "CompleteRegistration", "Contact", "CustomizeProduct",
    "Donate", "FindLocation", "InitiateCheckout", "Lead", "PageView", "Purchase", "Schedule", "Search",
    "StartTrial", "SubmitApplication", "Subscribe", "ViewContent",
];

#[rustfmt::skip]
const ACTION_SOURCES: [&str; 9] = [
    "email", "website", "app", "phone_call", "chat", "physical_store", "system_generated",
    "business_messaging", "other",
];

#[rustfmt::skip]
const CUSTOMER_SEGMENTATIONS: [&str; 9] = [
    "new_customer_to_business", "new_customer_to_business_line", "new_customer_to_product_area",
    "new_customer_to_medium", "existing_customer_to_business", "existing_customer_to_business_line",
    "existing_customer_to_product_area", "existing_customer_to_medium", "customer_in_loyalty_program",
];

/// Longest name of a custom event, in characters.
const NAME_LIMIT: usize = 50;
/// Greatest age of an event in seconds.
const AGE_LIMIT: i64 = 7 * 24 * 60 * 60;
/// Greatest age in seconds of an event with the action source `physical_store`.
const AGE_LIMIT_PHYSICAL_STORE: i64 = 62 * 24 * 60 * 60;
/// By how many seconds the sender's clock may be ahead.
const CLOCK_SKEW: i64 = 60;

pub(super) fn not_an_object(event: &Value, _: i64) -> bool {
    !event.is_object()
}

pub(super) fn name_missing(event: &Value, _: i64) -> bool {
    text(event, "event_name").is_none_or(|name| name.trim().is_empty())
}

pub(super) fn name_too_long(event: &Value, _: i64) -> bool {
    text(event, "event_name")
        .is_some_and(|name| name.chars().count() > NAME_LIMIT && !STANDARD_EVENTS.contains(&name))
}

pub(super) fn time_missing(event: &Value, _: i64) -> bool {
    member(event, "event_time").is_none()
}

pub(super) fn time_not_seconds(event: &Value, _: i64) -> bool {
    member(event, "event_time").is_some_and(|time| time.as_i64().is_none_or(|time| time < 0))
}

pub(super) fn time_too_old(event: &Value, now: i64) -> bool {
    let limit = match text(event, "action_source") {
        Some("physical_store") => AGE_LIMIT_PHYSICAL_STORE,
        _ => AGE_LIMIT,
    };
    event_time(event).is_some_and(|time| now.saturating_sub(time) > limit)
}

pub(super) fn time_in_future(event: &Value, now: i64) -> bool {
    event_time(event).is_some_and(|time| time.saturating_sub(now) > CLOCK_SKEW)
}

fn event_time(event: &Value) -> Option<i64> {
    member(event, "event_time").and_then(Value::as_i64)
}

pub(super) fn id_not_text(event: &Value, _: i64) -> bool {
    member(event, "event_id").is_some_and(|id| !is_text_like(id))
}

pub(super) fn source_url_not_http(event: &Value, _: i64) -> bool {
    member(event, "event_source_url").is_some_and(|url| match url.as_str() {
        Some(url) => !has_prefix(url, "http://") && !has_prefix(url, "https://"),
        None => true,
    })
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

pub(super) fn opt_out_not_boolean(event: &Value, _: i64) -> bool {
    member(event, "opt_out").is_some_and(|opt_out| !opt_out.is_boolean())
}

pub(super) fn original_event_data_not_object(event: &Value, _: i64) -> bool {
    member(event, "original_event_data").is_some_and(|data| !data.is_object())
}

pub(super) fn original_event_data_wrong_type(event: &Value, _: i64) -> bool {
    let own = |name| inner(event, "original_event_data", name);
    own("event_time").is_some_and(|time| time.as_i64().is_none())
        || ["event_name", "event_id", "order_id"]
            .iter()
            .any(|name| own(name).is_some_and(|value| !is_text_like(value)))
}

pub(super) fn customer_segmentation_unknown(event: &Value, _: i64) -> bool {
    member(event, "customer_segmentation").is_some_and(|segment| {
        segment
            .as_str()
            .is_none_or(|segment| !CUSTOMER_SEGMENTATIONS.contains(&segment))
    })
}

/// A missing `action_source` passes: Meta calls it required, but one of its own samples leaves it out.
pub(super) fn action_source_unknown(event: &Value, _: i64) -> bool {
    member(event, "action_source").is_some_and(|source| {
        !is_blank(source)
            && source
                .as_str()
                .is_none_or(|source| !ACTION_SOURCES.contains(&source))
    })
}
