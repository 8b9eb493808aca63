//! Action source, Limited Data Use, what Meta refuses and what draws a warning.

use super::{Statement, says};

#[rustfmt::skip]
pub(super) const ALL: &[Statement] = &[
    says("action-source-default",   "`action_source` is `website` unless the event says otherwise"),
    says("action-source-spellings", "`action_source` and `actionSource` are read; snake case wins"),
    says("action-source-values",    "the seven values are accepted, trimmed and lower-cased"),
    says("action-source-invalid",   "any other value rejects the event as `invalid_action_source`"),
    says("action-source-app",       "`app` is accepted with app data from the context, and rejected as `missing_app_data` without"),
    says("action-source-messaging", "`business_messaging` is rejected as `missing_messaging_channel` without a channel, and as `event_name_not_allowed` under a name that Meta does not take there"),
    says("website-user-agent",      "a website event without a user agent is sent with the warning `missing_client_user_agent`"),
    says("website-url",             "a website event without an address is sent with the warning `missing_event_source_url`"),
    says("website-only",            "events of other sources need neither"),
    says("ldu-off",                 "without `limited_data_use` no data processing fields are sent, whatever the event says"),
    says("ldu-on",                  "with it the setting's options, country and state are sent, by default `LDU`, 0, 0"),
    says("ldu-per-event",           "an event's `dataProcessingOptions` in our `integrations` entry are taken literally"),
    says("ldu-per-event-forms",     "integers may be text, and a missing tail is 0"),
    says("ldu-per-event-malformed", "a malformed override leaves the setting's protection in force, with a note"),
    says("ldu-without-ip",          "`LDU` with country and state 0 and no address draws the warning `ldu_without_ip`"),
    says("test-event-code",         "`test_event_code` marks all events, an event's own `testEventCode` wins"),
    says("too-old",                 "an event older than seven days is rejected as `event_time_too_old`, with the mapped event"),
    says("too-old-store",           "a `physical_store` event may be 62 days old"),
    says("in-future",               "an event more than 60 seconds ahead is rejected as `event_time_in_future`; up to 60 seconds it is sent as it is"),
    says("customer-information",    "an event whose customer information is too broad to match is rejected as `insufficient_customer_information`"),
    says("purchase-value",          "a Purchase without any value is rejected as `missing_purchase_value`"),
    says("violation-order",         "of several violations the first of the documented order is reported"),
    says("warn-event-id",           "an event without an id is sent with the warning `missing_event_id`"),
    says("warn-day-old",            "an event older than a day is sent with the warning `event_time_over_a_day_old`"),
    says("warn-fbc-time",           "an `fbc` whose time is no plausible time in milliseconds is sent with the warning `fbc_time_implausible`"),
    says("warn-phone-length",       "a phone of fewer than 7 or more than 15 digits draws the warning `phone_length`, unless it came hashed"),
];
