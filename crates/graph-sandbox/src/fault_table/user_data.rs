//! `user_data`: types, hashes, formats, and whether it suffices to match a person.

use std::net::IpAddr;

use serde_json::Value;

use super::values::{entries, inner, is_blank, is_text_like, member};

/// Keys whose values must be hashed. `external_id` is not among them: hashing it is only recommended.
const HASHED: [&str; 10] = [
    "em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country",
];

/// Keys that take one value in clear: text or an integer.
#[rustfmt::skip]
const CLEAR: [&str; 15] = [
    "client_ip_address", "client_user_agent", "fbc", "fbp", "subscription_id", "fb_login_id", "lead_id",
    "anon_id", "madid", "page_id", "page_scoped_user_id", "ctwa_clid", "whatsapp_business_account_id",
    "ig_account_id", "ig_sid",
];

const EXTERNAL_ID: &str = "external_id";

/// Keys in clear that Meta does not document and other senders use. Meta does not match people by them.
const UNDOCUMENTED: [&str; 2] = ["partner_id", "partner_name"];

/// Customer information that is too broad to match a person: since Graph API v13.0 an event is refused if
/// one of these sets contains all of its keys.
const TOO_BROAD: [&[&str]; 4] = [
    &["ct", "country", "st", "zp", "ge", "client_user_agent"],
    &["db", "client_user_agent"],
    &["fn", "ge"],
    &["ln", "ge"],
];

/// The suffixes of the first parameter builders, one for each programming language.
const LEGACY_SUFFIXES: [&str; 6] = ["AQ", "Ag", "Aw", "BA", "BQ", "Bg"];

pub(super) fn not_an_object(event: &Value, _: i64) -> bool {
    member(event, "user_data").is_some_and(|data| !data.is_object())
}

pub(super) fn wrong_type(event: &Value, _: i64) -> bool {
    let list_key = |name: &&str| {
        own(event, name).is_some_and(|value| !entries(value).iter().all(is_text_like))
    };
    let single_key = |name: &&str| own(event, name).is_some_and(|value| !is_text_like(value));
    HASHED.iter().chain(&[EXTERNAL_ID]).any(list_key)
        || CLEAR.iter().chain(&UNDOCUMENTED).any(single_key)
}

pub(super) fn not_hashed(event: &Value, _: i64) -> bool {
    HASHED
        .iter()
        .filter_map(|name| own(event, name))
        .flat_map(entries)
        .any(|value| !is_blank(value) && value.as_str().is_none_or(|text| !is_hash(text)))
}

pub(super) fn ip_malformed(event: &Value, _: i64) -> bool {
    own(event, "client_ip_address")
        .and_then(Value::as_str)
        .is_some_and(|address| {
            let is_ip = |text: &str| text.parse::<IpAddr>().is_ok();
            !is_ip(address)
                && !address
                    .rsplit_once('.')
                    .is_some_and(|(bare, suffix)| is_ip(bare) && is_suffix(suffix))
        })
}

pub(super) fn fbc_malformed(event: &Value, _: i64) -> bool {
    is_malformed_browser_id(event, "fbc", |click| !click.is_empty())
}

pub(super) fn fbp_malformed(event: &Value, _: i64) -> bool {
    is_malformed_browser_id(event, "fbp", is_number)
}

pub(super) fn lead_id_malformed(event: &Value, _: i64) -> bool {
    own(event, "lead_id").is_some_and(|id| {
        let digits = match id {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        !matches!(digits.len(), 15 | 16) || !digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

pub(super) fn insufficient(event: &Value, _: i64) -> bool {
    let is_given =
        |name: &&str| own(event, name).is_some_and(|value| !entries(value).iter().all(is_blank));
    let given: Vec<&str> = HASHED
        .into_iter()
        .chain(CLEAR)
        .chain([EXTERNAL_ID])
        .filter(|name| is_given(name))
        .collect();
    TOO_BROAD
        .iter()
        .any(|set| given.iter().all(|name| set.contains(name)))
}

fn own<'a>(event: &'a Value, name: &str) -> Option<&'a Value> {
    inner(event, "user_data", name).filter(|value| !is_blank(value))
}

/// SHA-256 as 64 hex digits of any case, the same with the suffix of Meta's
/// parameter builder, or the 32 hex digits of MD5, which Meta's own code passes.
fn is_hash(text: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.split_once('.') {
        Some((digest, suffix)) => digest.len() == 64 && is_hex(digest) && is_suffix(suffix),
        None => matches!(text.len(), 64 | 32) && is_hex(text),
    }
}

/// What Meta's parameter builder appends after a dot.
fn is_suffix(suffix: &str) -> bool {
    LEGACY_SUFFIXES.contains(&suffix)
        || suffix.len() == 8
            && suffix
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `fb.<digits>.<digits>.<something>`, with an optional fifth part.
fn is_malformed_browser_id(event: &Value, name: &str, is_something: fn(&str) -> bool) -> bool {
    own(event, name).and_then(Value::as_str).is_some_and(|id| {
        let parts: Vec<&str> = id.split('.').collect();
        !match parts.as_slice() {
            ["fb", index, created, something, rest @ ..] => {
                is_number(index)
                    && is_number(created)
                    && is_something(something)
                    && matches!(rest, [] | [_])
                    && rest.iter().all(|part| !part.is_empty())
            }
            _ => false,
        }
    })
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}
