//! Where Meta's libraries and we differ, and why.
//!
//! A rule is a statement about an input, decided without looking at any answer: of the inputs it applies to, the
//! library may treat some differently. Each carries an input to which it applies, and the report says to how many it
//! applied and how many of those came out differently, so that a rule that claims too much can be seen to.

mod builder;
mod sdk;
mod text;

use facebook_conversions::normalize::HashedKey;

use super::cases::Case;

/// One of Meta's libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Builder,
    Sdk,
}

/// A known difference.
pub(super) struct Rule {
    /// The keys it is about.
    pub(super) keys: &'static [HashedKey],
    /// A short name, unique on its side.
    pub(super) name: &'static str,
    /// What the library does, and why we do not.
    pub(super) why: &'static str,
    /// An input it applies to.
    pub(super) example: &'static str,
    /// Whether it applies to the case.
    pub(super) applies: fn(&Case) -> bool,
}

impl Side {
    pub(super) const ALL: [Self; 2] = [Self::Builder, Self::Sdk];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Builder => "parameter builder",
            Self::Sdk => "business SDK",
        }
    }

    /// The known differences, in the order in which they are tried.
    pub(super) const fn rules(self) -> &'static [Rule] {
        match self {
            Self::Builder => builder::RULES,
            Self::Sdk => sdk::RULES,
        }
    }
}

impl Rule {
    pub(super) fn covers(&self, case: &Case) -> bool {
        self.keys.contains(&case.key) && (self.applies)(case)
    }
}

/// Inputs of the key that some rule is about.
pub(super) fn examples(key: HashedKey) -> impl Iterator<Item = &'static str> {
    let rules = Side::ALL.into_iter().flat_map(Side::rules);
    rules
        .filter(move |rule| rule.keys.contains(&key))
        .map(|rule| rule.example)
}

const fn rule(
    keys: &'static [HashedKey],
    name: &'static str,
    applies: fn(&Case) -> bool,
    example: &'static str,
    why: &'static str,
) -> Rule {
    Rule {
        keys,
        name,
        why,
        example,
        applies,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use facebook_conversions::normalize::HashedKey;

    use super::{Case, Side};

    #[test]
    fn names_are_unique_and_every_example_is_covered() {
        for side in Side::ALL {
            let mut names = BTreeSet::new();
            for rule in side.rules() {
                assert!(names.insert(rule.name), "{}", rule.name);
                for key in rule.keys {
                    let raw = rule.example.to_owned();
                    let case = Case {
                        key: *key,
                        raw,
                        in_us: true,
                        year: 2026,
                    };
                    assert!(rule.covers(&case), "{} {key} {:?}", rule.name, rule.example);
                }
            }
        }
    }

    #[test]
    fn no_rule_covers_what_every_library_treats_alike() {
        for (key, raw) in [
            (HashedKey::Em, "john_smith@gmail.com"),
            (HashedKey::Ph, "+1 (650) 555-1212"),
            (HashedKey::Fn, "Valéry"),
            (HashedKey::Ln, "山田"),
            (HashedKey::Db, "19970216"),
            (HashedKey::Ge, " Female"),
            (HashedKey::Ct, "Menlo Park"),
            (HashedKey::St, "TX"),
            (HashedKey::Zp, "94035-1234"),
            (HashedKey::Country, " us "),
        ] {
            let case = Case {
                key,
                raw: raw.to_owned(),
                in_us: true,
                year: 2026,
            };
            for side in Side::ALL {
                for rule in side.rules() {
                    assert!(!rule.covers(&case), "{} {key} {raw}", rule.name);
                }
            }
        }
    }
}
