//! What `action_source: business_messaging` requires.

use serde_json::Value;

use super::values::{member, text};

/// The event names that are accepted for business messaging.
#[rustfmt::skip]
const NAMES: [&str; 14] = [
    "Purchase", "LeadSubmitted", "InitiateCheckout", "AddToCart", "ViewContent", "OrderCreated", "OrderShipped",
    "OrderDelivered", "OrderCanceled", "OrderReturned", "CartAbandoned", "QualifiedLead", "RatingProvided",
    "ReviewProvided",
];

const CHANNELS: [&str; 3] = ["whatsapp", "messenger", "instagram"];

fn is_messaging(event: &Value) -> bool {
    text(event, "action_source") == Some("business_messaging")
}

pub(super) fn event_name_not_allowed(event: &Value, _: i64) -> bool {
    is_messaging(event) && text(event, "event_name").is_some_and(|name| !NAMES.contains(&name))
}

pub(super) fn channel_missing(event: &Value, _: i64) -> bool {
    is_messaging(event) && member(event, "messaging_channel").is_none()
}

pub(super) fn channel_unknown(event: &Value, _: i64) -> bool {
    is_messaging(event)
        && member(event, "messaging_channel").is_some_and(|channel| {
            channel
                .as_str()
                .is_none_or(|channel| !CHANNELS.contains(&channel))
        })
}
