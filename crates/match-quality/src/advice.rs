//! Advice on a skip, a reject or a warning: one sentence that names the member of the Segment message to change.

use conversions_mapping::{MessageFault, RejectReason, SkipReason};
use facebook_conversions::validation::{Violation, Warning};

/// The reject reason of this name. A fault of the message and a violation by the event can share a name; the mapping then
/// reports the fault.
pub(crate) fn reject_reason_named(name: &str) -> Option<RejectReason> {
    let faults = MessageFault::ALL.iter().copied().map(RejectReason::Message);
    let violations = Violation::ALL.iter().copied().map(RejectReason::Event);
    faults
        .chain(violations)
        .find(|reason| reason.name() == name)
}

/// What to change if a message that is skipped should be sent.
#[must_use]
pub fn on_skip(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::NotTrack => {
            "Send a Track call; `send_page` and `send_identify` send page, screen and identify calls too."
        }
        SkipReason::IntegrationDisabled => {
            "Leave this destination out of `integrations`, or set it to true there."
        }
        SkipReason::Filtered => "Change `allow_events` or `deny_events`.",
        SkipReason::NoConsent => {
            "Send the category as true in `context.consent.categoryPreferences` once the user has agreed, or change \
             `required_consent`."
        }
        SkipReason::Duplicate => {
            "Nothing, if the sender repeated the message; else give each message a `messageId` of its own."
        }
    }
}

/// What to change so that messages are no longer rejected.
#[must_use]
pub fn on_reject(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::Message(fault) => on_fault(fault),
        RejectReason::Event(violation) => on_violation(violation),
    }
}

fn on_fault(fault: MessageFault) -> &'static str {
    match fault {
        MessageFault::LineTooLong => "Send less in `properties`: a line may have 4 MB.",
        MessageFault::InvalidJson => {
            "Write each message as JSON in UTF-8, one whole message on each line."
        }
        MessageFault::NotAnObject => {
            "Write each message as an object on a line of its own; a list of messages is not a message."
        }
        MessageFault::NotAMessage => {
            "Send `type` (track) and `event`; an object without both is not a Segment message."
        }
        MessageFault::MissingEventName => "Send `event`, a text, with each Track call.",
        MessageFault::EventNameTooLong => {
            "Send an `event` of at most 50 characters, or map it with the setting `standard_events`."
        }
        MessageFault::InvalidActionSource => {
            "Send one of Meta's values as `properties.action_source` (website, app, physical_store, phone_call, …), or \
             leave it out, which means website."
        }
        MessageFault::InvalidTimestamp => {
            "Send `timestamp` in ISO 8601, like 2026-11-23T12:00:00Z."
        }
    }
}

fn on_violation(violation: Violation) -> &'static str {
    match violation {
        Violation::MissingEventName => on_fault(MessageFault::MissingEventName),
        Violation::EventNameTooLong => on_fault(MessageFault::EventNameTooLong),
        Violation::MissingAppData => {
            "Send `context.device.type` (ios or android), `context.os.version` and `context.device.adTrackingEnabled` \
             with app events."
        }
        Violation::MissingMessagingChannel => {
            "Send `properties.messaging_channel` (whatsapp, messenger or instagram) with business messaging events."
        }
        Violation::EventNameNotAllowed => {
            "Map `event` to a name that Meta takes from business messaging with the setting `standard_events`, or send \
             another `properties.action_source`."
        }
        Violation::EventTimeTooOld => {
            "Send events within 7 days of their `timestamp`, or within 62 with the `properties.action_source` \
             physical_store, if they happened there."
        }
        Violation::EventTimeInFuture => {
            "Set the clock that writes `timestamp`, and write the zone with it."
        }
        Violation::InsufficientCustomerInformation => {
            "Send `context.traits.email`, `context.traits.phone` or `userId` with each Track call, \
             or let `[memory]` fill in what an earlier Identify call said."
        }
        Violation::MissingPurchaseValue => {
            "Send `properties.revenue`, a number, with each event that is sent as Purchase."
        }
        Violation::InvalidCurrency => {
            "Send `properties.currency` as a code of ISO 4217, such as USD, or leave it out for the default."
        }
        // The mapping leaves out the values that would cause these, so that no message is rejected for them.
        Violation::InvalidDataProcessingOptions
        | Violation::ValueWithoutCurrency
        | Violation::ContentWithoutId
        | Violation::InvalidClientIpAddress
        | Violation::InvalidFbc
        | Violation::InvalidFbp
        | Violation::InvalidLeadId
        | Violation::InvalidEventSourceUrl => violation.sentence(),
    }
}

/// What to change so that events no longer have this warning.
#[must_use]
pub fn on_warning(warning: Warning) -> &'static str {
    match warning {
        Warning::MissingClientUserAgent => {
            "Send the browser's user agent as `context.userAgent` with website events."
        }
        Warning::MissingEventSourceUrl => {
            "Send the address of the page as `context.page.url` with website events."
        }
        Warning::MissingEventId => {
            "Send `messageId`, and let the pixel send the same text as its eventID."
        }
        Warning::EventTimeOverADayOld => "Send events within a day of their `timestamp`.",
        Warning::PhoneLength => {
            "Send `context.traits.phone` with its country code, 7 to 15 digits in all."
        }
        Warning::ExternalIdLooksHashed => {
            "Send the id itself as `userId`, not its hash, and turn on `hash_external_id` to send it hashed."
        }
        Warning::LduWithoutIp => {
            "Send `context.ip`, or name country and state in the setting `data_processing_options`."
        }
        Warning::FbcTimeImplausible => {
            "Send the cookie _fbc unchanged as `properties.fbc`, or write the time of the click in milliseconds."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sentences end like sentences, and name what to change in backticks.
    fn is_advice(sentence: &str) -> bool {
        sentence.ends_with('.') && sentence.matches('`').count() >= 2
    }

    #[test]
    fn every_warning_and_every_reject_that_can_occur_has_advice() {
        for warning in Warning::ALL {
            assert!(is_advice(on_warning(*warning)), "{}", warning.name());
        }
        for fault in MessageFault::ALL {
            let of_the_file =
                matches!(fault, MessageFault::InvalidJson | MessageFault::NotAnObject);
            assert_eq!(
                is_advice(on_fault(*fault)),
                !of_the_file,
                "{}",
                fault.name()
            );
        }
        let without: Vec<_> = Violation::ALL
            .iter()
            .filter(|violation| !is_advice(on_violation(**violation)))
            .map(|violation| violation.name())
            .collect();
        assert_eq!(
            without,
            [
                "invalid_data_processing_options",
                "value_without_currency",
                "content_without_id",
                "invalid_client_ip_address",
                "invalid_fbc",
                "invalid_fbp",
                "invalid_lead_id",
                "invalid_event_source_url"
            ],
            "these are left out by the mapping"
        );
    }

    #[test]
    fn reasons_are_found_by_their_names() {
        for fault in MessageFault::ALL {
            assert_eq!(
                reject_reason_named(fault.name()),
                Some(RejectReason::Message(*fault))
            );
        }
        assert_eq!(
            reject_reason_named("event_time_too_old"),
            Some(RejectReason::Event(Violation::EventTimeTooOld))
        );
        assert_eq!(reject_reason_named("not_track"), None);
    }
}
