//! Decides which messages this destination handles.

use facebook_conversions::Text;
use segment_spec::{Message, Raw};

use crate::integrations::{self, Entry};
use crate::outcome::{MessageFault, SkipReason};
use crate::settings::Settings;
use crate::transforms::plain_text::text_of;

/// The calls that become events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Track,
    /// Page and Screen.
    Page,
    Identify,
}

/// What later steps need to know of a message that this destination handles.
pub(crate) struct EligibleMessage<'a> {
    pub(crate) call: Call,
    pub(crate) name: Text<'a>,
    pub(crate) entry: Entry<'a>,
}

/// Why this destination does not handle a message.
pub(crate) enum NotEligible {
    Skip(SkipReason),
    Reject(MessageFault),
}

/// The event that Page and Screen calls are sent as.
const PAGE_VIEW: &str = "PageView";
/// The event that Identify calls are sent as.
const IDENTIFY: &str = "Identify";

/// Checks type, integrations, filters, consent and name, in this order; the first failure is the one reported.
pub(crate) fn check_eligibility<'a>(
    message: &Message<'a>,
    settings: &Settings,
) -> Result<EligibleMessage<'a>, NotEligible> {
    let call = call(message, settings)?;
    let entry = integrations::read(message.integrations)
        .ok_or(NotEligible::Skip(SkipReason::IntegrationDisabled))?;
    let name = match call {
        Call::Track => message
            .event
            .filter(|event| !event.is_blank())
            .and_then(text_of),
        Call::Page => Some(Text::plain(PAGE_VIEW)),
        Call::Identify => Some(Text::plain(IDENTIFY)),
    };
    if name
        .as_deref()
        .is_some_and(|name| is_filtered(name, settings))
    {
        return Err(NotEligible::Skip(SkipReason::Filtered));
    }
    if !has_consent(message, settings) {
        return Err(NotEligible::Skip(SkipReason::NoConsent));
    }
    let name = name.ok_or(NotEligible::Reject(MessageFault::MissingEventName))?;
    Ok(EligibleMessage { call, name, entry })
}

fn call(message: &Message<'_>, settings: &Settings) -> Result<Call, NotEligible> {
    let Some(kind) = message.kind.filter(|kind| !kind.is_blank()) else {
        let has_event = message.event.is_some_and(|event| !event.is_blank());
        return if has_event {
            Ok(Call::Track)
        } else {
            Err(NotEligible::Reject(MessageFault::NotAMessage))
        };
    };
    match kind.as_str().as_deref() {
        Some("track") => Ok(Call::Track),
        Some("page" | "screen") if settings.send_page => Ok(Call::Page),
        Some("identify") if settings.send_identify => Ok(Call::Identify),
        _ => Err(NotEligible::Skip(SkipReason::NotTrack)),
    }
}

fn is_filtered(name: &str, settings: &Settings) -> bool {
    let named = |list: &[String]| list.iter().any(|listed| listed == name);
    named(&settings.deny_events)
        || (!settings.allow_events.is_empty() && !named(&settings.allow_events))
}

/// Whether the customer has agreed to every category that the settings require.
pub(crate) fn has_consent(message: &Message<'_>, settings: &Settings) -> bool {
    if settings.required_consent.is_empty() {
        return true;
    }
    let preferences = message
        .context
        .consent
        .and_then(|consent| consent.get("categoryPreferences"));
    let given = |category: &String| {
        preferences
            .and_then(|all| all.get(category))
            .and_then(Raw::as_bool)
            == Some(true)
    };
    settings.required_consent.iter().all(given)
}
