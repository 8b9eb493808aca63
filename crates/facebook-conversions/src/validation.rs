//! Whether Meta would accept an event.
//!
//! One invalid event makes Meta refuse the whole request. So every event is validated before it joins a batch, and its
//! age again when the batch is sent. Validation is a pure function of the event and the time.

mod customer_information;
mod rules;

use std::time::Duration;

use crate::event::ServerEvent;
use crate::names::names;

names! {
    /// Why Meta would refuse an event, in the order of reporting.
    pub enum Violation {
        /// There is no name.
        MissingEventName = "missing_event_name",
        /// A custom name has more than 50 characters.
        EventNameTooLong = "event_name_too_long",
        /// A member of the data processing options is not one of those documented.
        InvalidDataProcessingOptions = "invalid_data_processing_options",
        /// The action source is `app` and `app_data` is missing or incomplete.
        MissingAppData = "missing_app_data",
        /// The action source is `business_messaging` and `messaging_channel` is missing.
        MissingMessagingChannel = "missing_messaging_channel",
        /// The action source is `business_messaging` and Meta does not take this name there.
        EventNameNotAllowed = "event_name_not_allowed",
        /// The event is older than 7 days, or 62 days for `physical_store`.
        EventTimeTooOld = "event_time_too_old",
        /// The event lies more than 60 seconds ahead of the clock.
        EventTimeInFuture = "event_time_in_future",
        /// The customer information is empty or too broad to match a person.
        InsufficientCustomerInformation = "insufficient_customer_information",
        /// A `Purchase` without `value`.
        MissingPurchaseValue = "missing_purchase_value",
        /// A `Purchase` without a currency of ISO 4217.
        InvalidCurrency = "invalid_currency",
        /// A `value` without `currency`.
        ValueWithoutCurrency = "value_without_currency",
        /// An item of `contents` without `id`.
        ContentWithoutId = "content_without_id",
        /// `client_ip_address` is no IP address.
        InvalidClientIpAddress = "invalid_client_ip_address",
        /// `fbc` has not the form `fb.1.1554763741205.AbCdEf`.
        InvalidFbc = "invalid_fbc",
        /// `fbp` has not the form `fb.1.1554763741205.1098115397`.
        InvalidFbp = "invalid_fbp",
        /// `lead_id` has not 15 or 16 digits.
        InvalidLeadId = "invalid_lead_id",
        /// `event_source_url` does not start with http:// or https://.
        InvalidEventSourceUrl = "invalid_event_source_url",
    }
}

names! {
    /// What Meta accepts, but what makes an event worth less; in the order of reporting.
    pub enum Warning {
        /// A website event without `client_user_agent`.
        MissingClientUserAgent = "missing_client_user_agent",
        /// A website event without `event_source_url`.
        MissingEventSourceUrl = "missing_event_source_url",
        /// An event without `event_id`: Meta cannot tell it from a repetition.
        MissingEventId = "missing_event_id",
        /// The event is more than a day old.
        EventTimeOverADayOld = "event_time_over_a_day_old",
        /// A phone number with fewer than 7 or more than 15 digits.
        PhoneLength = "phone_length",
        /// An external id that is sent in clear and looks like a hash.
        ExternalIdLooksHashed = "external_id_looks_hashed",
        /// Meta has to locate the user, and the event has no IP address.
        LduWithoutIp = "ldu_without_ip",
        /// The time in `fbc` is no plausible time in Unix milliseconds: it is in seconds, say, or in the future.
        FbcTimeImplausible = "fbc_time_implausible",
    }
}

/// What was found; both lists in the order of reporting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// What Meta would refuse the event for.
    pub violations: Vec<Violation>,
    /// What makes the event worth less.
    pub warnings: Vec<Warning>,
}

/// Validates an event at a time, in Unix seconds.
///
/// [`Warning::PhoneLength`] is not found here, because the number is hashed by now: the caller that hashes it knows its
/// length.
///
/// ```
/// use facebook_conversions::ServerEvent;
/// use facebook_conversions::validation::{validate, Violation};
///
/// let event = ServerEvent::new("Purchase", 1_790_000_000);
/// let findings = validate(&event, 1_790_000_060);
/// assert_eq!(findings.violations[0], Violation::InsufficientCustomerInformation);
/// assert_eq!(findings.violations[0].subcode(), Some(2_804_050));
/// ```
#[must_use]
pub fn validate(event: &ServerEvent<'_>, now: i64) -> Findings {
    let mut findings = validate_well_formed(event, now);
    rules::malformed(event, now, &mut findings.violations);
    findings
}

/// [`validate`] for an event whose IP address, `fbc`, `fbp`, `lead_id` and page address are known to be well-formed, because
/// the caller checked them when it wrote them: they are not checked again.
#[must_use]
pub fn validate_well_formed(event: &ServerEvent<'_>, now: i64) -> Findings {
    let mut findings = Findings::default();
    rules::violations(event, now, &mut findings.violations);
    rules::warnings(event, now, &mut findings.warnings);
    findings
}

/// The violation of age, if there is one: the only part of the result that changes with time.
#[must_use]
pub fn validate_age(event_time: i64, max_age: Duration, now: i64) -> Option<Violation> {
    if is_older(event_time, max_age, now) {
        Some(Violation::EventTimeTooOld)
    } else if event_time.saturating_sub(now) > MAX_AHEAD {
        Some(Violation::EventTimeInFuture)
    } else {
        None
    }
}

/// Whether an event of `event_time` is older than `max_age` at `now`, both in Unix seconds.
fn is_older(event_time: i64, max_age: Duration, now: i64) -> bool {
    let age = u64::try_from(now.saturating_sub(event_time)).unwrap_or(0);
    age > max_age.as_secs()
}

/// How far ahead of the clock an event may lie, in seconds.
pub const MAX_AHEAD: i64 = 60;

/// How many characters (Unicode scalar values) a custom event name may have.
pub const MAX_EVENT_NAME: usize = 50;

impl Violation {
    /// Meta's error subcode for it, where one is known. The code is always 100.
    #[must_use]
    pub fn subcode(self) -> Option<u32> {
        match self {
            Self::EventTimeTooOld => Some(2_804_003),
            Self::EventTimeInFuture => Some(2_804_004),
            Self::MissingPurchaseValue => Some(2_804_009),
            Self::InvalidCurrency => Some(2_804_011),
            Self::ValueWithoutCurrency => Some(2_804_023),
            Self::InvalidLeadId => Some(2_804_036),
            Self::MissingAppData => Some(2_804_043),
            Self::InsufficientCustomerInformation => Some(2_804_050),
            Self::EventNameNotAllowed => Some(2_804_066),
            _ => None,
        }
    }

    /// A sentence for people: what is wrong and what to do.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::MissingEventName => "the event has no name; set event_name",
            Self::EventNameTooLong => {
                "the custom event name has more than 50 characters; use a shorter one"
            }
            Self::InvalidDataProcessingOptions => {
                "the data processing options are not among those Meta documents; use LDU, country 0 or 1, and state 0 or 1000 to 1013"
            }
            Self::MissingAppData => {
                "app events need app_data with advertiser_tracking_enabled, application_tracking_enabled and extinfo, of which version and OS version must not be empty"
            }
            Self::MissingMessagingChannel => "business messaging events need messaging_channel",
            Self::EventNameNotAllowed => {
                "Meta does not take this event name from business messaging"
            }
            Self::EventTimeTooOld => {
                "the event is older than Meta accepts: 7 days, or 62 days for physical_store"
            }
            Self::EventTimeInFuture => {
                "the event lies more than 60 seconds in the future; check the clock that made it"
            }
            Self::InsufficientCustomerInformation => {
                "the customer information is empty or too broad to match anybody; add an e-mail address, a phone number, an external id, fbc or fbp"
            }
            Self::MissingPurchaseValue => {
                "a Purchase needs a value, and there is none that can be read"
            }
            Self::InvalidCurrency => "a Purchase needs a currency, a code of ISO 4217 such as USD",
            Self::ValueWithoutCurrency => {
                "a value needs a currency, a code of ISO 4217 such as USD"
            }
            Self::ContentWithoutId => "each item of contents needs an id",
            Self::InvalidClientIpAddress => "client_ip_address must be an IPv4 or IPv6 address",
            Self::InvalidFbc => "fbc must have the form fb.1.<Unix milliseconds>.<fbclid>",
            Self::InvalidFbp => "fbp must have the form fb.1.<Unix milliseconds>.<random number>",
            Self::InvalidLeadId => "lead_id must have 15 or 16 digits",
            Self::InvalidEventSourceUrl => "event_source_url must start with http:// or https://",
        }
    }

    /// The page of Meta that documents the rule.
    #[must_use]
    pub fn link(self) -> &'static str {
        const PARAMETERS: &str =
            "https://developers.facebook.com/docs/marketing-api/conversions-api/parameters";
        match self {
            Self::InsufficientCustomerInformation => {
                "https://developers.facebook.com/docs/graph-api/changelog/version13.0#conversions-api"
            }
            Self::InvalidDataProcessingOptions => {
                "https://developers.facebook.com/docs/meta-pixel/implementation/data-processing-options"
            }
            Self::MissingPurchaseValue
            | Self::InvalidCurrency
            | Self::ValueWithoutCurrency
            | Self::ContentWithoutId => {
                "https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/custom-data"
            }
            Self::InvalidFbc | Self::InvalidFbp => {
                "https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc"
            }
            _ => PARAMETERS,
        }
    }
}

impl Warning {
    /// A sentence for people: what is missed and what to do.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::MissingClientUserAgent => {
                "website events need client_user_agent; pass context.userAgent of the browser"
            }
            Self::MissingEventSourceUrl => {
                "website events need event_source_url; pass context.page.url of the browser"
            }
            Self::MissingEventId => {
                "without event_id Meta cannot tell the event from its copy sent by the browser"
            }
            Self::EventTimeOverADayOld => {
                "events that are more than a day old hurt attribution; send them sooner"
            }
            Self::PhoneLength => {
                "the phone number is too short or too long to match; send it with its country code"
            }
            Self::ExternalIdLooksHashed => {
                "the external id looks like a hash; send the id itself, the same on every channel"
            }
            Self::LduWithoutIp => {
                "Limited Data Use is left to Meta to locate, and the event has no IP address to locate by"
            }
            Self::FbcTimeImplausible => {
                "the time in fbc is not the time of a click in Unix milliseconds; send the cookie _fbc unchanged"
            }
        }
    }
}

#[cfg(test)]
mod tests;
