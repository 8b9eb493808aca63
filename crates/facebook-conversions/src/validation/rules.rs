//! The tables of rules: what Meta refuses, and what it accepts with a loss.

use std::net::IpAddr;
use std::time::Duration;

use super::{MAX_AHEAD, MAX_EVENT_NAME, Violation, Warning, customer_information, is_older};
use crate::action_source::ActionSource;
use crate::event::ServerEvent;
use crate::formats::{fbc_time, is_fbc, is_fbp, is_http_url};
use crate::standard_event::{BusinessMessagingEvent, StandardEvent};
use crate::suffix::strip_suffix;
use crate::user_data::ExternalId;

/// Declares a table of rules as the function that tries them one after the other.
macro_rules! rules {
    ($find:ident -> $of:ident: $(($name:expr, |$event:pat_param, $now:pat_param| $test:expr),)*) => {
        pub(super) fn $find(event: &ServerEvent<'_>, now: i64, found: &mut Vec<$of>) {
            $({
                let ($event, $now) = (event, now);
                if $test {
                    found.push($name);
                }
            })*
        }
    };
}

rules! {
    violations -> Violation:
    (Violation::MissingEventName,                |e, _| is_blank(&e.event_name)),
    (Violation::EventNameTooLong,                |e, _| is_too_long(&e.event_name)),
    (Violation::MissingAppData,                  |e, _| e.action_source == Some(ActionSource::App) && !has_app_data(e)),
    (Violation::MissingMessagingChannel,         |e, _| is_business_messaging(e) && e.messaging_channel.is_none()),
    (Violation::EventNameNotAllowed,             |e, _| is_business_messaging(e) && BusinessMessagingEvent::from_name(&e.event_name).is_none()),
    (Violation::EventTimeTooOld,                 |e, now| is_older(e.event_time, max_age(e), now)),
    (Violation::EventTimeInFuture,               |e, now| e.event_time.saturating_sub(now) > MAX_AHEAD),
    (Violation::InsufficientCustomerInformation, |e, _| !customer_information::is_sufficient(&e.user_data)),
    (Violation::MissingPurchaseValue,            |e, _| is_purchase(e) && e.custom_data.value.is_none()),
    (Violation::InvalidCurrency,                 |e, _| is_purchase(e) && e.custom_data.currency.is_none()),
    (Violation::ValueWithoutCurrency,            |e, _| !is_purchase(e) && e.custom_data.value.is_some() && e.custom_data.currency.is_none()),
    (Violation::ContentWithoutId,                |e, _| e.custom_data.contents.iter().any(|item| is_blank(&item.id))),
}

rules! {
    malformed -> Violation:
    (Violation::InvalidClientIpAddress, |e, _| e.user_data.client_ip_address.as_deref().is_some_and(|ip| !is_ip_address(ip))),
    (Violation::InvalidFbc,             |e, _| e.user_data.fbc.as_deref().is_some_and(|fbc| !is_fbc(fbc))),
    (Violation::InvalidFbp,             |e, _| e.user_data.fbp.as_deref().is_some_and(|fbp| !is_fbp(fbp))),
    (Violation::InvalidLeadId,          |e, _| e.user_data.lead_id.is_some_and(|id| !is_lead_id(id))),
    (Violation::InvalidEventSourceUrl,  |e, _| e.event_source_url.as_deref().is_some_and(|url| !is_http_url(url))),
}

rules! {
    warnings -> Warning:
    (Warning::MissingClientUserAgent, |e, _| is_website(e) && e.user_data.client_user_agent.as_deref().is_none_or(str::is_empty)),
    (Warning::MissingEventSourceUrl,  |e, _| is_website(e) && e.event_source_url.as_deref().is_none_or(str::is_empty)),
    (Warning::MissingEventId,         |e, _| e.event_id.as_deref().is_none_or(str::is_empty)),
    (Warning::EventTimeOverADayOld,   |e, now| now.saturating_sub(e.event_time) > 86_400),
    (Warning::ExternalIdLooksHashed,  |e, _| e.user_data.external_id.as_slice().iter().any(looks_hashed)),
    (Warning::LduWithoutIp,           |e, _| is_unlocatable(e)),
    (Warning::FbcTimeImplausible,     |e, now| e.user_data.fbc.as_deref().and_then(fbc_time).is_some_and(|time| !is_time_of_click(time, now))),
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

fn is_too_long(name: &str) -> bool {
    // A character takes at least one byte: most names need no counting.
    name.len() > MAX_EVENT_NAME
        && name.chars().count() > MAX_EVENT_NAME
        && StandardEvent::from_name(name).is_none()
}

fn max_age(event: &ServerEvent<'_>) -> Duration {
    event.action_source.unwrap_or(ActionSource::Other).max_age()
}

fn is_purchase(event: &ServerEvent<'_>) -> bool {
    event.event_name == StandardEvent::Purchase.name()
}

fn is_website(event: &ServerEvent<'_>) -> bool {
    event.action_source == Some(ActionSource::Website)
}

fn is_business_messaging(event: &ServerEvent<'_>) -> bool {
    event.action_source == Some(ActionSource::BusinessMessaging)
}

fn has_app_data(event: &ServerEvent<'_>) -> bool {
    event.app_data.as_ref().is_some_and(|app| {
        app.advertiser_tracking_enabled.is_some()
            && app.application_tracking_enabled.is_some()
            && app.extinfo.as_ref().is_some_and(|extinfo| {
                matches!(&*extinfo.version, "a2" | "i2") && !extinfo.os_version.trim().is_empty()
            })
    })
}

fn looks_hashed(id: &ExternalId<'_>) -> bool {
    let ExternalId::Plain(id) = id else {
        return false;
    };
    let digits = strip_suffix(id);
    matches!(digits.len(), 32 | 64) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_unlocatable(event: &ServerEvent<'_>) -> bool {
    event.user_data.client_ip_address.is_none()
        && event
            .data_processing
            .0
            .is_some_and(|options| options.is_limited() && options.is_located_by_meta())
}

/// Whether Unix milliseconds can be the time of a click that happened before `now`, in Unix seconds.
///
/// Times in seconds lie before the first time of 13 digits, in 2001; times in microseconds lie in the far future.
fn is_time_of_click(millis: u64, now: i64) -> bool {
    const FIRST_OF_13_DIGITS: u64 = 1_000_000_000_000;
    let latest = now.saturating_add(MAX_AHEAD).saturating_mul(1000);
    millis >= FIRST_OF_13_DIGITS && i64::try_from(millis).is_ok_and(|millis| millis <= latest)
}

/// Whether a number has 15 or 16 digits.
fn is_lead_id(id: u64) -> bool {
    (100_000_000_000_000..10_000_000_000_000_000).contains(&id)
}

/// The usual form of version 4, read without the detours that other forms need: four numbers up to 255, without leading
/// zeros.
fn is_dotted_quad(text: &[u8]) -> bool {
    let mut numbers = 0;
    text.split(|byte| *byte == b'.').all(|number| {
        numbers += 1;
        match number {
            [units] | [b'1'..=b'9', units] => units.is_ascii_digit(),
            [b'1', tens, units] | [b'2', tens @ b'0'..=b'4', units] => {
                tens.is_ascii_digit() && units.is_ascii_digit()
            }
            [b'2', b'5', b'0'..=b'5'] => true,
            _ => false,
        }
    }) && numbers == 4
}

/// An address of version 4 or 6, with or without the suffix of Meta's parameter builder.
fn is_ip_address(text: &str) -> bool {
    is_dotted_quad(text.as_bytes())
        || text.parse::<IpAddr>().is_ok()
        || strip_suffix(text).parse::<IpAddr>().is_ok()
}
