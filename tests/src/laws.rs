//! Laws: properties that hold for any bytes. Fuzzing and property tests call these functions, which panic when a law is broken.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use conversions_mapping::{Mapping, Outcome, PiiProperties, Settings};
use facebook_conversions::CountryCode;
use facebook_conversions::error_table::{classify, classify_unreadable};
use facebook_conversions::normalize::{HashedKey, NormalizeContext};
use facebook_conversions::reply::Reply;
use facebook_conversions::validation::{self, Violation};
use facebook_conversions::{
    ActionSource, Content, Currency, ExternalId, Number, RawJson, ServerEvent, is_suffix,
};
use jiff::Timestamp;
use segment_spec::{Line, Message, ReadError};
use serde_json::value::RawValue;

/// SHA-256 of the empty string. Sent as a match key, it would match all people whose field is empty.
const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Reading never panics, and agrees with `serde_json` on what is a JSON object.
///
/// # Panics
///
/// When the law is broken.
pub fn read(bytes: &[u8]) {
    let line = match Line::new(bytes) {
        Ok(line) => line,
        Err(ReadError::NotUtf8(_)) => return assert!(std::str::from_utf8(bytes).is_err()),
        Err(_) => return,
    };
    let judged = serde_json::from_str::<serde::de::IgnoredAny>(line.text());
    match Message::read(&line) {
        Ok(message) => {
            assert!(judged.is_ok(), "read what is not JSON: {:?}", line.text());
            for property in message.properties.as_slice() {
                assert!(
                    message.properties.get(&property.key).is_some(),
                    "a property is lost"
                );
            }
        }
        Err(ReadError::NotAnObject) => assert!(judged.is_ok(), "{:?}", line.text()),
        Err(_) => assert!(judged.is_err(), "did not read JSON: {:?}", line.text()),
    }
}

/// The hash of a normalized value has the form of a hash, is never that of the empty string, and normalizing twice changes
/// nothing.
///
/// # Panics
///
/// When the law is broken.
pub fn normalize(bytes: &[u8]) {
    let raw = String::from_utf8_lossy(bytes);
    for key in HashedKey::ALL.iter().copied() {
        for in_us in [false, true] {
            let context =
                NormalizeContext::in_year(2026).in_country(in_us.then_some(CountryCode::US));
            let hashed = key.hash(&raw, &context);
            if let Some(value) = &hashed {
                assert!(has_form_of_hash(value.as_str()), "{}: {raw:?}", key.name());
                assert_ne!(value.as_str(), HASH_OF_NOTHING, "{}: {raw:?}", key.name());
            }
            let Some(normal) = key.normalize(&raw, &context) else {
                continue;
            };
            assert!(!normal.is_empty(), "{}: {raw:?}", key.name());
            // What happens to look like a hash would be taken for one.
            if !has_form_of_hash(&normal) {
                let again = key.normalize(&normal, &context);
                assert_eq!(again.as_ref(), Some(&normal), "{}: {raw:?}", key.name());
            }
        }
    }
    complete_phone(&raw);
}

/// A telephone number of any country, completed or not, is its digits without leading zeros, and at most a calling code
/// longer.
fn complete_phone(raw: &str) {
    let digits = raw.bytes().filter(u8::is_ascii_digit).count();
    for country in ["US", "GB", "DE", "IT", "AR", "BY", "RU", "HU"] {
        let context =
            NormalizeContext::in_year(2026).completing_phones(CountryCode::parse(country));
        let Some(number) = HashedKey::Ph.normalize(raw, &context) else {
            continue;
        };
        if !has_form_of_hash(&number) {
            assert!(number.bytes().all(|byte| byte.is_ascii_digit()), "{raw:?}");
            assert!(!number.starts_with('0'), "{raw:?}");
            assert!(number.len() <= digits + 3, "{raw:?}");
        }
    }
}

/// 64 hex digits, optionally with Meta's suffix, or the 32 of an MD5 that was given as such.
fn has_form_of_hash(text: &str) -> bool {
    let (hash, suffix) = text
        .split_once('.')
        .map_or((text, None), |(hash, suffix)| (hash, Some(suffix)));
    let is_hex = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex && matches!(hash.len(), 32 | 64) && suffix.is_none_or(is_suffix)
}

/// Mapping never panics, gives equal outcomes for equal inputs, accepts no event that Meta would refuse, and gives the same
/// event with and without notes.
///
/// # Panics
///
/// When the law is broken.
pub fn map(bytes: &[u8]) {
    static MAPPING: LazyLock<Option<Mapping>> =
        LazyLock::new(|| Mapping::new(everything_on()).ok());
    let now = Timestamp::from_second(1_773_482_400).unwrap_or_default();
    let Some(mapping) = &*MAPPING else { return };
    let outcome = |with_notes| {
        let mut mapper = mapping.mapper().with_notes(with_notes);
        mapper.map_bytes(bytes, now, |outcome| {
            if let Outcome::Accepted(mapped) = &outcome {
                let findings = validation::validate(&mapped.event, now.as_second());
                assert!(findings.violations.is_empty(), "{:?}", findings.violations);
            }
            let mut json = String::new();
            outcome.write_json(&mut json);
            json
        })
    };
    let json = outcome(true);
    assert_eq!(json, outcome(true));
    let read = |json: &str| serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(json).ok();
    let (with, without) = (read(&json), read(&outcome(false)));
    assert!(with.is_some(), "not JSON: {json}");
    let event = |outcome: &Option<BTreeMap<String, Box<RawValue>>>| {
        outcome
            .as_ref()?
            .get("event")
            .map(|event| event.get().to_owned())
    };
    assert_eq!(event(&with), event(&without));
}

/// Settings that use every branch of the mapping.
fn everything_on() -> Settings {
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let mut settings = Settings {
        limited_data_use: true,
        extended_standard_events: true,
        send_page: true,
        send_identify: true,
        pii_properties: PiiProperties {
            drop: words(&["taxId"]),
            hash: words(&["loyaltyNo"]),
            allow: words(&["contact"]),
        },
        ..Settings::default()
    };
    settings
        .content_types
        .insert("Cars".to_owned(), "vehicle".to_owned());
    settings
}

/// Validating depends on the event and the time only, reports in the documented order, and agrees with itself on age. Every
/// event can be written as JSON.
///
/// # Panics
///
/// When the law is broken.
pub fn validate(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let now = 1_773_482_400;
    let event = event_out_of(&text, now);
    let findings = validation::validate(&event, now);
    assert_eq!(findings, validation::validate(&event, now));
    assert!(findings.violations.is_sorted(), "{:?}", findings.violations);
    assert!(findings.warnings.is_sorted(), "{:?}", findings.warnings);
    let too_old = findings.violations.contains(&Violation::EventTimeTooOld);
    let in_future = findings.violations.contains(&Violation::EventTimeInFuture);
    assert!(!(too_old && in_future));
    let age =
        validation::validate_age(event.event_time, ActionSource::PhysicalStore.max_age(), now);
    assert!(
        age.is_none() || too_old || in_future,
        "62 days are the most that is ever allowed"
    );
    let json = event.to_json();
    let written: Result<serde_json::Value, _> = serde_json::from_str(&json);
    // A number may be beyond what a double holds, and is written all the same.
    assert!(written.is_ok() || json.contains(['e', 'E']), "{json}");
}

/// An event whose members are the lines of the text.
fn event_out_of(text: &str, now: i64) -> ServerEvent<'_> {
    let mut lines = text
        .split('\n')
        .map(|line| (!line.is_empty()).then_some(line));
    let mut next = move || lines.next().flatten();
    let mut event = ServerEvent::new(next().unwrap_or("Purchase"), now);
    event.event_time = next().and_then(|line| line.parse().ok()).unwrap_or(now);
    event.action_source = next().and_then(ActionSource::from_name);
    event.event_id = next().map(Into::into);
    event.event_source_url = next().map(Into::into);
    event.user_data.client_ip_address = next().map(Into::into);
    event.user_data.client_user_agent = next().map(Into::into);
    event.user_data.fbc = next().map(Into::into);
    event.user_data.fbp = next().map(Into::into);
    if let Some(id) = next() {
        event
            .user_data
            .external_id
            .push(ExternalId::Plain(id.into()));
    }
    for key in [
        HashedKey::Ct,
        HashedKey::Ge,
        HashedKey::Fn,
        HashedKey::Db,
        HashedKey::Em,
    ] {
        let value = next().and_then(|line| key.hash(line, &NormalizeContext::in_year(2026)));
        let user = &mut event.user_data;
        let field = match key {
            HashedKey::Ct => &mut user.ct,
            HashedKey::Ge => &mut user.ge,
            HashedKey::Fn => &mut user.r#fn,
            HashedKey::Db => &mut user.db,
            _ => &mut user.em,
        };
        if let Some(value) = value {
            field.push(value);
        }
    }
    event.custom_data.currency = next().and_then(Currency::parse);
    event.custom_data.value = next().and_then(Number::parse);
    event.custom_data.status = next().and_then(|line| RawJson::parse(line).ok());
    event.custom_data.contents.extend(next().map(Content::new));
    event
}

/// Every reply with every status can be classified, and its text for people holds no secret.
///
/// # Panics
///
/// When the law is broken.
pub fn reply(bytes: &[u8]) {
    const SECRET: &str = "EAAsecret0123456789";
    let (status, body) = bytes.split_at_checked(2).unwrap_or((&[], bytes));
    let status = status
        .iter()
        .fold(0_u16, |status, byte| status << 8 | u16::from(*byte))
        % 700;
    let reply = Reply::read(status, body, &[SECRET]);
    assert!(!format!("{reply:?}").contains(SECRET), "{reply:?}");
    let meaning = match &reply {
        Reply::Received(_) => return,
        Reply::Refused(error) => classify(error),
        Reply::Unreadable(kind) => classify_unreadable(status, *kind),
    };
    assert!(!meaning.sentence.is_empty());
}
