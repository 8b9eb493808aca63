//! Signs in the messages that a setting, or a change of the events, would help.

use std::collections::BTreeMap;

use conversions_mapping::{Mapped, is_printable};
use facebook_conversions::ActionSource;
use facebook_conversions::normalize::is_email;
use segment_spec::{Kind, Message, Raw};

/// Different property names that are counted for one purpose. Bounds the memory of a report.
const MOST_NAMES: usize = 50;

/// Names of properties that look like a match key.
pub(crate) struct KeyNames {
    /// The match key.
    pub(crate) key: &'static str,
    /// Names that the setting `match_properties` reads, whatever their case and with or without `_`.
    pub(crate) matched: &'static [&'static str],
    /// Other names, folded: without case, `_`, `-` and blanks.
    pub(crate) similar: &'static [&'static str],
}

const fn names(
    key: &'static str,
    matched: &'static [&'static str],
    similar: &'static [&'static str],
) -> KeyNames {
    KeyNames {
        key,
        matched,
        similar,
    }
}

#[rustfmt::skip]
pub(crate) const KEY_NAMES: &[KeyNames] = &[
    names("em",              &["email", "emailaddress", "customeremail"], &["billingemail", "buyeremail", "contactemail", "emailsha256", "hashedemail", "mail", "shippingemail", "useremail"]),
    names("ph",              &["phone", "phonenumber", "mobile"],         &["cellphone", "contactphone", "customerphone", "hashedphone", "mobilenumber", "mobilephone", "phonesha256", "tel", "telephone", "userphone"]),
    names("fn",              &["firstname"],                              &["givenname"]),
    names("ln",              &["lastname"],                               &["familyname", "surname"]),
    names("db",              &[],                                         &["birthday", "birthdate", "dateofbirth", "dob"]),
    names("zp",              &[],                                         &["postalcode", "postcode", "zip", "zipcode"]),
    names("ct",              &[],                                         &["billingcity", "city", "shippingcity"]),
    names("country",         &[],                                         &["billingcountry", "countrycode", "shippingcountry"]),
    names("external_id",     &[],                                         &["accountid", "customerid", "memberid", "userid"]),
    names("subscription_id", &[],                                         &["subscriptionid"]),
    names("fb_login_id",     &[],                                         &["facebookloginid", "fbloginid"]),
    names("lead_id",         &[],                                         &["facebookleadid", "fbleadid", "leadid"]),
    names("madid",           &[],                                         &["aaid", "advertisingid", "gaid", "idfa", "madid"]),
];

/// Names of properties that could be an `event_id` which the browser pixel sends too, folded.
const EVENT_ID_NAMES: &[&str] = &[
    "browsereventid",
    "capieventid",
    "dedupid",
    "deduplicationid",
    "eventid",
    "facebookeventid",
    "fbeventid",
    "metaeventid",
    "pixeleventid",
];

/// Parts of the names of Segment's libraries for apps, in lower case.
const MOBILE_LIBRARIES: &[&str] = &[
    "android",
    "flutter",
    "ios",
    "kotlin",
    "react-native",
    "swift",
    "unity",
    "xamarin",
];

/// How many formed events show each sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HintCounts {
    /// The event lacks a match key that the setting `match_properties` would fill.
    pub(crate) match_properties: u64,
    /// The properties that it would be filled from.
    pub(crate) matched_names: NamedCounts,
    /// Properties that look like a match key that the event lacks, by key.
    pub(crate) similar_names: BTreeMap<&'static str, NamedCounts>,
    /// The event comes from a library for apps and is sent as `website`.
    pub(crate) mobile_as_website: u64,
    /// The phone number has no country code, and the event no country.
    pub(crate) national_phone: u64,
    /// Properties that could be an `event_id` which the browser pixel sends too.
    pub(crate) event_id_names: NamedCounts,
}

/// Events by the name of a property. Names that could be personal are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NamedCounts(pub(crate) BTreeMap<Box<str>, u64>);

impl NamedCounts {
    fn add(&mut self, name: &str, events: u64) {
        if let Some(count) = self.0.get_mut(name) {
            *count += events;
        } else if self.0.len() < MOST_NAMES && is_printable(name) {
            self.0.insert(name.into(), events);
        }
    }

    fn merge(&mut self, other: Self) {
        for (name, events) in other.0 {
            self.add(&name, events);
        }
    }
}

impl HintCounts {
    /// Counts the signs of a message of which an event was formed.
    pub(crate) fn count(&mut self, message: &Message<'_>, mapped: &Mapped<'_>) {
        let present: Vec<_> = mapped.event.user_data.present().collect();
        let mut would_match = false;
        for property in message.properties.as_slice() {
            if property.value.is_blank() {
                continue;
            }
            let name = fold(&property.key);
            if EVENT_ID_NAMES.contains(&name.as_str()) && is_text_or_number(property.value) {
                self.event_id_names.add(&property.key, 1);
            }
            let Some((names, is_matched)) = key_names(&property.key, &name, property.value) else {
                continue;
            };
            if present.contains(&names.key) || !is_text_or_number(property.value) {
                continue;
            }
            if is_matched {
                would_match = true;
                self.matched_names.add(&property.key, 1);
            } else {
                let similar = self.similar_names.entry(names.key).or_default();
                similar.add(&property.key, 1);
            }
        }
        self.match_properties += u64::from(would_match);
        let is_website = mapped.event.action_source == Some(ActionSource::Website);
        self.mobile_as_website += u64::from(is_website && is_mobile(message));
        let has_country = present.contains(&"country");
        self.national_phone += u64::from(!has_country && has_national_phone(message));
    }

    /// Adds other counts.
    pub(crate) fn merge(&mut self, other: Self) {
        self.match_properties += other.match_properties;
        self.matched_names.merge(other.matched_names);
        for (key, names) in other.similar_names {
            self.similar_names.entry(key).or_default().merge(names);
        }
        self.mobile_as_website += other.mobile_as_website;
        self.national_phone += other.national_phone;
        self.event_id_names.merge(other.event_id_names);
    }
}

/// The match key that a property looks like, and whether `match_properties` reads it. An e-mail address is one under any name.
fn key_names(name: &str, folded: &str, value: Raw<'_>) -> Option<(&'static KeyNames, bool)> {
    for names in KEY_NAMES {
        if names.matched.contains(&folded) {
            // The setting does not read names with blanks and `-`, but a row can.
            return Some((names, !name.contains(['-', ' '])));
        }
        if names.similar.contains(&folded) {
            return Some((names, false));
        }
    }
    let text = value.as_str()?;
    let email = KEY_NAMES.first().filter(|_| is_email(text.trim()))?;
    Some((email, false))
}

fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn is_text_or_number(value: Raw<'_>) -> bool {
    matches!(value.kind(), Kind::String | Kind::Number)
}

fn is_mobile(message: &Message<'_>) -> bool {
    let text_at = |path| {
        let text = message.at_path(path).and_then(Raw::as_str);
        text.map(|text| text.to_ascii_lowercase())
    };
    if let Some(device) = text_at("context.device.type") {
        return matches!(device.as_str(), "ios" | "android");
    }
    let library = text_at("context.library.name").unwrap_or_default();
    MOBILE_LIBRARIES.iter().any(|part| library.contains(part))
}

/// Whether the phone number of the traits lacks a country code: it has neither `+` nor `00` in front, and a trunk zero or at
/// most ten digits. Longer numbers may begin with the code.
fn has_national_phone(message: &Message<'_>) -> bool {
    let Some(value) = message.context.traits.phone else {
        return false;
    };
    let first = value.items().and_then(|mut items| items.next());
    let value = first.unwrap_or(value);
    let text = match value.as_str() {
        Some(text) => text.into_owned(),
        None => value.as_number().unwrap_or_default().to_owned(),
    };
    let text = text.trim();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_international = text.starts_with('+') || digits.starts_with("00");
    let is_phone = (7..=15).contains(&digits.len()) && !text.contains(char::is_alphabetic);
    is_phone && !is_international && (digits.starts_with('0') || digits.len() <= 10)
}

#[cfg(test)]
mod tests;
