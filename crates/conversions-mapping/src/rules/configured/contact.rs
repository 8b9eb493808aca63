//! Which sources of the settings hold contact data, and which fields may hold it.

use facebook_conversions::normalize::HashedKey;
use segment_spec::{Kind, Raw};

use crate::context::RuleContext;
use crate::field_rule::MessagePath;
use crate::privacy::page_url::has_email;
use crate::privacy::pii::{PiiPolicy, PiiRules};

/// Traits that are contact data besides the names of [`PERSONAL_NAMES`](crate::PERSONAL_NAMES): among the properties these
/// names stand for products and shops.
const CONTACT_TRAITS: [&str; 9] = [
    "age",
    "city",
    "country",
    "gender",
    "name",
    "postalcode",
    "region",
    "state",
    "zip",
];

/// Whether a path of the settings leads to contact data.
pub(super) fn is_contact_path(path: &MessagePath, pii: &PiiRules) -> bool {
    if pii.unnamed() == PiiPolicy::Allow {
        return false;
    }
    let keys: Vec<&str> = path.keys().collect();
    let is_listed = keys
        .iter()
        .any(|key| matches!(pii.policy(key), PiiPolicy::Drop | PiiPolicy::Hash));
    let below_traits = match keys.as_slice() {
        ["context", "traits", rest @ ..] | ["traits", rest @ ..] => Some(rest),
        _ => None,
    };
    let is_trait = below_traits.is_some_and(|rest| match rest {
        [] => true,
        [key, ..] => CONTACT_TRAITS.contains(&&*fold(key)),
    });
    is_listed || is_trait || matches!(keys.as_slice(), ["context"] | ["context", "ip"])
}

/// Whether a value is a text with an e-mail address in it, which addresses of pages and free text may have.
pub(super) fn contains_contact_data(value: Raw<'_>, cx: &RuleContext<'_, '_>) -> bool {
    let may_contain = value.kind() == Kind::String && value.has_any([b'@', b'%', b'\\']);
    let is_checked = cx.compiled.pii.unnamed() == PiiPolicy::Keep;
    may_contain && is_checked && value.as_str().is_some_and(|text| has_email(&text))
}

/// Whether a field may be written from contact data: it is hashed, cleaned, or made for
/// the IP address.
pub(super) fn may_hold_contact_data(field: &str) -> bool {
    // The addresses of pages are cleaned of e-mail addresses.
    if matches!(field, "event_source_url" | "referrer_url") {
        return true;
    }
    let key = field.strip_prefix("user_data.");
    key.is_some_and(|key| {
        key == "client_ip_address" || HashedKey::ALL.iter().any(|hashed| hashed.name() == key)
    })
}

fn fold(key: &str) -> String {
    key.chars()
        .filter(|c| *c != '_')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
