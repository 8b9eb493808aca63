//! Decides which properties are personal.
//!
//! Meta forbids contact data in `custom_data`. Properties with certain names, and strings that are an e-mail address as a
//! whole, are removed from what is passed on, at any depth; the JSON around them stays byte for byte.

use std::collections::BTreeMap;

use facebook_conversions::normalize::is_email;
use segment_spec::{Kind, Raw, has_any};

use crate::privacy::email::contains_email;
use crate::settings::PiiProperties;

/// Names of personal properties, folded: without case and `_`.
pub const PERSONAL_NAMES: &[&str] = &[
    "address",
    "birthday",
    "customeremail",
    "dateofbirth",
    "dob",
    "email",
    "emailaddress",
    "firstname",
    "fullname",
    "lastname",
    "mobile",
    "phone",
    "phonenumber",
    "street",
];

/// What to do with a property because of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PiiPolicy {
    /// Pass it on, unless the value is an e-mail address.
    Keep,
    /// Pass it on even if the value is an e-mail address.
    Allow,
    /// Send the SHA-256 of the text.
    Hash,
    /// Remove it.
    Drop,
}

/// The rules of one destination: the default names and those of the setting `pii_properties`.
#[derive(Debug)]
pub(crate) struct PiiRules {
    /// The listed names by their length: for most keys there is none of the same length to compare with.
    names: Vec<Vec<(String, PiiPolicy)>>,
    /// For each first letter, the last letters of the listed names that begin with it, one bit each.
    endings: [u32; LETTERS],
    allow_all: bool,
    has_own_names: bool,
}

impl PiiRules {
    pub(crate) fn new(properties: &PiiProperties) -> Self {
        let mut names = BTreeMap::new();
        // Later entries win: defaults, then drop, hash and allow.
        for (list, policy) in [
            (
                PERSONAL_NAMES
                    .iter()
                    .map(|name| fold(name))
                    .collect::<Vec<_>>(),
                PiiPolicy::Drop,
            ),
            (
                properties.drop.iter().map(|name| fold(name)).collect(),
                PiiPolicy::Drop,
            ),
            (
                properties.hash.iter().map(|name| fold(name)).collect(),
                PiiPolicy::Hash,
            ),
            (
                properties.allow.iter().map(|name| fold(name)).collect(),
                PiiPolicy::Allow,
            ),
        ] {
            names.extend(list.into_iter().map(|name| (name, policy)));
        }
        Self {
            endings: endings(names.keys().map(String::as_str)),
            names: by_length(names),
            allow_all: properties.allow.iter().any(|name| name == "*"),
            has_own_names: !(properties.drop.is_empty() && properties.hash.is_empty()),
        }
    }

    /// Whether any names beyond the defaults are personal.
    pub(crate) fn has_own_names(&self) -> bool {
        self.has_own_names && !self.allow_all
    }

    pub(crate) fn policy(&self, name: &str) -> PiiPolicy {
        if self.allow_all {
            return PiiPolicy::Allow;
        }
        if self.cannot_be_listed(name) {
            return PiiPolicy::Keep;
        }
        if name.contains('@') && contains_email(name) {
            return PiiPolicy::Drop;
        }
        let is_folded = name
            .bytes()
            .all(|byte| !byte.is_ascii_uppercase() && byte != b'_' && byte < 0x80);
        if is_folded {
            self.look_up(name)
        } else {
            self.look_up(&fold(name))
        }
    }

    /// Whether the first and the last letter rule out that a name is listed, and it has no `@`. Sound for edges that are
    /// ASCII and not `_`: folding does not change these.
    #[inline]
    fn cannot_be_listed(&self, name: &str) -> bool {
        let name = name.as_bytes();
        let (Some(first), Some(last)) = (name.first(), name.last()) else {
            return false;
        };
        let is_edge = |byte: u8| byte.is_ascii() && byte != b'_';
        let endings = self
            .endings
            .get(letter(*first))
            .copied()
            .unwrap_or(u32::MAX);
        let is_listed = endings >> letter(*last) & 1 == 1;
        is_edge(*first) && is_edge(*last) && !is_listed && !has_any(name, [b'@'])
    }

    fn look_up(&self, folded: &str) -> PiiPolicy {
        let of_its_length = self.names.get(folded.len()).map_or(&[][..], Vec::as_slice);
        let found = of_its_length.iter().find(|(name, _)| name == folded);
        found.map_or(PiiPolicy::Keep, |(_, policy)| *policy)
    }

    /// The policy of a value without a key, such as an item of an array.
    pub(crate) fn unnamed(&self) -> PiiPolicy {
        if self.allow_all {
            PiiPolicy::Allow
        } else {
            PiiPolicy::Keep
        }
    }

    /// Whether a value is personal whatever its key: a string that is an e-mail address.
    pub(crate) fn is_personal_text(&self, text: Raw<'_>) -> bool {
        !self.allow_all && is_email_text(text)
    }
}

/// Whether a JSON string as a whole is an e-mail address.
#[inline]
pub(crate) fn is_email_text(text: Raw<'_>) -> bool {
    text.kind() == Kind::String && text.has_any([b'@', b'\\']) && is_email_in_full(text)
}

fn is_email_in_full(text: Raw<'_>) -> bool {
    // The `@` may be escaped as `\u0040`.
    let possible = text.has_any([b'@']) || text.text().contains("\\u");
    possible && text.as_str().is_some_and(|text| is_email(&text))
}

/// 26 ASCII letters, and one slot for all other bytes.
const LETTERS: usize = 27;

/// The slot of a byte, ignoring case.
#[inline]
fn letter(byte: u8) -> usize {
    let letter = byte.to_ascii_lowercase();
    if letter.is_ascii_lowercase() {
        usize::from(letter - b'a')
    } else {
        LETTERS - 1
    }
}

fn endings<'a>(names: impl Iterator<Item = &'a str>) -> [u32; LETTERS] {
    let mut endings = [0; LETTERS];
    for name in names.map(str::as_bytes) {
        let first = name
            .first()
            .and_then(|first| endings.get_mut(letter(*first)));
        if let (Some(endings), Some(last)) = (first, name.last()) {
            *endings |= 1 << letter(*last);
        }
    }
    endings
}

fn by_length(names: BTreeMap<String, PiiPolicy>) -> Vec<Vec<(String, PiiPolicy)>> {
    let mut by_length: Vec<Vec<_>> = Vec::new();
    for (name, policy) in names {
        if by_length.len() <= name.len() {
            by_length.resize_with(name.len() + 1, Vec::new);
        }
        if let Some(list) = by_length.get_mut(name.len()) {
            list.push((name, policy));
        }
    }
    by_length
}

/// A name without case and `_`.
pub(crate) fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '_')
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PiiPolicy, PiiRules};
    use crate::settings::PiiProperties;

    #[test]
    fn names_compare_without_case_and_underscores_and_allow_beats_hash_beats_drop() {
        let pii = PiiRules::new(&PiiProperties {
            drop: vec!["Customer_Note".into(), "tax_id".into()],
            hash: vec!["TaxId".into(), "phone".into()],
            allow: vec!["street".into()],
        });
        for (name, policy) in [
            ("E_Mail", PiiPolicy::Drop),
            ("EMAIL_ADDRESS", PiiPolicy::Drop),
            ("first_name", PiiPolicy::Drop),
            ("__d_o_b__", PiiPolicy::Drop),
            ("customerNote", PiiPolicy::Drop),
            ("tax_ID", PiiPolicy::Hash),
            ("Phone", PiiPolicy::Hash),
            ("Street", PiiPolicy::Allow),
            ("name", PiiPolicy::Keep),
            ("city", PiiPolicy::Keep),
            ("emails", PiiPolicy::Keep),
            ("jane@example.com", PiiPolicy::Drop),
        ] {
            assert_eq!(pii.policy(name), policy, "{name}");
        }
    }

    proptest! {
        #[test]
        fn the_letter_check_never_lets_a_listed_name_pass(
            name in proptest::sample::select(super::PERSONAL_NAMES.to_vec()),
            spelling in "[_a-z\u{212a}]{0,3}",
            upper in any::<bool>(),
            at in 0..20usize,
        ) {
            let pii = PiiRules::new(&PiiProperties::default());
            let mut name = if upper { name.to_uppercase() } else { name.to_owned() };
            name.insert_str(at.min(name.len()), &spelling);
            prop_assert_eq!(pii.policy(&name), pii.look_up(&super::fold(&name)), "{}", name);
        }
    }

    #[test]
    fn a_star_allows_every_name() {
        let pii = PiiRules::new(&PiiProperties {
            allow: vec!["*".into()],
            ..PiiProperties::default()
        });
        assert_eq!(pii.policy("email"), PiiPolicy::Allow);
        assert_eq!(pii.policy("jane@example.com"), PiiPolicy::Allow);
    }
}
