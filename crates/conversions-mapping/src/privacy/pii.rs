//! Personal data among the properties.
//!
//! Meta forbids contact data in `custom_data`. Properties by certain names, and strings that are wholly an e-mail
//! address, are cut out of what is passed on, at any depth; what stands around them is not touched.

use std::collections::BTreeMap;

use facebook_conversions::normalize::is_email;
use segment_spec::{Kind, Raw, has_any};

use crate::privacy::email::contains_email;
use crate::settings::PiiProperties;

/// Names of properties that are personal, without case and `_`.
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
pub(crate) enum Policy {
    /// Nothing special.
    Keep,
    /// Nothing at all, not even if the value is an e-mail address.
    Allow,
    /// Send the SHA-256 of the text.
    Hash,
    /// Cut it out.
    Drop,
}

/// The policy of one destination.
#[derive(Debug)]
pub(crate) struct Personal {
    /// By length: most names of properties meet nobody of their length.
    names: Vec<Vec<(String, Policy)>>,
    /// For the first letter of a name, which letters those that begin with it end with, one bit each.
    endings: [u32; LETTERS],
    allow_all: bool,
    has_own_names: bool,
}

impl Personal {
    pub(crate) fn new(properties: &PiiProperties) -> Self {
        let mut names = BTreeMap::new();
        // Later entries win: defaults, then drop, hash and allow.
        for (list, policy) in [
            (
                PERSONAL_NAMES
                    .iter()
                    .map(|name| fold(name))
                    .collect::<Vec<_>>(),
                Policy::Drop,
            ),
            (
                properties.drop.iter().map(|name| fold(name)).collect(),
                Policy::Drop,
            ),
            (
                properties.hash.iter().map(|name| fold(name)).collect(),
                Policy::Hash,
            ),
            (
                properties.allow.iter().map(|name| fold(name)).collect(),
                Policy::Allow,
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

    pub(crate) fn policy(&self, name: &str) -> Policy {
        if self.allow_all {
            return Policy::Allow;
        }
        if self.cannot_be_listed(name) {
            return Policy::Keep;
        }
        if name.contains('@') && contains_email(name) {
            return Policy::Drop;
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

    /// Whether the first and the last letter tell that a name is none of the listed ones, and that it is no e-mail
    /// address. Folding does not change them, but for `_` and beyond ASCII.
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

    fn look_up(&self, folded: &str) -> Policy {
        let of_its_length = self.names.get(folded.len()).map_or(&[][..], Vec::as_slice);
        let found = of_its_length.iter().find(|(name, _)| name == folded);
        found.map_or(Policy::Keep, |(_, policy)| *policy)
    }

    /// The policy of a value that has no name.
    pub(crate) fn unnamed(&self) -> Policy {
        if self.allow_all {
            Policy::Allow
        } else {
            Policy::Keep
        }
    }

    /// Whether a string is personal by itself.
    pub(crate) fn is_personal_text(&self, text: Raw<'_>) -> bool {
        !self.allow_all && is_email_text(text)
    }
}

/// Whether a JSON string is wholly an e-mail address.
#[inline]
pub(crate) fn is_email_text(text: Raw<'_>) -> bool {
    text.kind() == Kind::String && text.has_any([b'@', b'\\']) && is_email_in_full(text)
}

fn is_email_in_full(text: Raw<'_>) -> bool {
    // An `@` is there, or escaped by its number.
    let possible = text.has_any([b'@']) || text.text().contains("\\u");
    possible && text.as_str().is_some_and(|text| is_email(&text))
}

/// The letters of ASCII, and one place for all that is none.
const LETTERS: usize = 27;

/// The place of a letter, whatever its case.
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

fn by_length(names: BTreeMap<String, Policy>) -> Vec<Vec<(String, Policy)>> {
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

fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '_')
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Personal, Policy};
    use crate::settings::PiiProperties;

    #[test]
    fn names_compare_without_case_and_underscores_and_allow_beats_hash_beats_drop() {
        let personal = Personal::new(&PiiProperties {
            drop: vec!["Customer_Note".into(), "tax_id".into()],
            hash: vec!["TaxId".into(), "phone".into()],
            allow: vec!["street".into()],
        });
        for (name, policy) in [
            ("E_Mail", Policy::Drop),
            ("EMAIL_ADDRESS", Policy::Drop),
            ("first_name", Policy::Drop),
            ("__d_o_b__", Policy::Drop),
            ("customerNote", Policy::Drop),
            ("tax_ID", Policy::Hash),
            ("Phone", Policy::Hash),
            ("Street", Policy::Allow),
            ("name", Policy::Keep),
            ("city", Policy::Keep),
            ("emails", Policy::Keep),
            ("jane@example.com", Policy::Drop),
        ] {
            assert_eq!(personal.policy(name), policy, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_listed_name_is_let_go(
            name in proptest::sample::select(super::PERSONAL_NAMES.to_vec()),
            spelling in "[_a-z\u{212a}]{0,3}",
            upper in any::<bool>(),
            at in 0..20usize,
        ) {
            let personal = Personal::new(&PiiProperties::default());
            let mut name = if upper { name.to_uppercase() } else { name.to_owned() };
            name.insert_str(at.min(name.len()), &spelling);
            prop_assert_eq!(personal.policy(&name), personal.look_up(&super::fold(&name)), "{}", name);
        }
    }

    #[test]
    fn a_star_restores_the_page() {
        let personal = Personal::new(&PiiProperties {
            allow: vec!["*".into()],
            ..PiiProperties::default()
        });
        assert_eq!(personal.policy("email"), Policy::Allow);
        assert_eq!(personal.policy("jane@example.com"), Policy::Allow);
    }
}
