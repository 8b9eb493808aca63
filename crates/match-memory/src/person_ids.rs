//! The ids of the person that a message is about.

use std::fmt;

use facebook_conversions::ExternalId;

/// The ids of a message. Absent ids and placeholders ([`is_placeholder`]) are ignored.
#[derive(Clone, Copy, Default)]
pub struct PersonIds<'a> {
    /// `userId`.
    pub user: Option<&'a str>,
    /// `anonymousId`.
    pub anonymous: Option<&'a str>,
    /// `previousId` of an Alias call: the same person's earlier id, of either kind.
    pub previous: Option<&'a str>,
    /// The anonymous id as it is sent in `external_id`, to join the user id there
    /// ([`Field::ExternalId`](crate::Field::ExternalId)). Hashed, it is remembered for later events of the user; in clear it
    /// joins the ids of this event only, since no id is kept in clear.
    pub anonymous_external_id: Option<&'a ExternalId<'a>>,
}

/// Nothing of the ids, which are personal.
impl fmt::Debug for PersonIds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonIds").finish_non_exhaustive()
    }
}

/// Texts that senders write where they have no id, in lower case.
const PLACEHOLDERS: &[&str] = &[
    "(not set)",
    "(null)",
    "-",
    "-1",
    "[object object]",
    "anon",
    "anonymous",
    "false",
    "guest",
    "n/a",
    "na",
    "nan",
    "nil",
    "none",
    "not set",
    "null",
    "true",
    "undefined",
    "unknown",
];

/// Whether an id identifies no one: blank, a word such as `undefined`, `null` or `anonymous`, or nothing but
/// zeros, as the nil UUID.
///
/// Thousands of people would share it, and what one of them said would go out with the others' events.
///
/// ```
/// use match_memory::is_placeholder;
///
/// assert!(is_placeholder("undefined"));
/// assert!(is_placeholder("00000000-0000-0000-0000-000000000000"));
/// assert!(!is_placeholder("u-1042"));
/// ```
#[must_use]
pub fn is_placeholder(id: &str) -> bool {
    let id = id.trim();
    let is_zero = || id.bytes().all(|byte| matches!(byte, b'0' | b'-'));
    let longest = 15;
    is_zero()
        || id.len() <= longest
            && PLACEHOLDERS
                .iter()
                .any(|placeholder| id.eq_ignore_ascii_case(placeholder))
}

/// An id without outer blanks; `None` for a placeholder.
pub(crate) fn usable(id: Option<&str>) -> Option<&str> {
    id.map(str::trim).filter(|id| !is_placeholder(id))
}

#[cfg(test)]
mod tests {
    use super::{PLACEHOLDERS, is_placeholder};

    #[test]
    fn placeholders_are_known_in_any_case_and_with_blanks() {
        for id in [
            "",
            " ",
            "NULL",
            " Undefined ",
            "None",
            "0",
            "000",
            "0000-00",
        ] {
            assert!(is_placeholder(id), "{id:?}");
        }
        for id in [
            "u1",
            "10",
            "annonymous",
            "null-1",
            "nullify",
            "00000000-0000-0000-0000-000000000001",
        ] {
            assert!(!is_placeholder(id), "{id:?}");
        }
        assert!(
            PLACEHOLDERS
                .iter()
                .all(|id| is_placeholder(id) && id.len() <= 15)
        );
    }
}
