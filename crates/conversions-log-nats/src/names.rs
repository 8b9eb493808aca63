//! Names of streams, subjects and consumers.
//!
//! No subject holds a value of an event. A destination is named by its slug: the safe characters of its name and a
//! checksum of it, which tells apart names that look alike.

use std::fmt;

/// Every stream's name begins with this.
const PREFIX: &str = "SEGUE";

/// The consumer that all delivering nodes share, of a destination's events and of its deferred events.
pub(crate) const CONSUMER: &str = "deliver";

/// A namespace on a cluster: what several installations on one cluster differ in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace(String);

/// A name that cannot be a namespace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be a namespace: use 1 to 32 letters, digits, hyphens and underscores")]
pub struct NotANamespace(String);

impl Namespace {
    /// A namespace of 1 to 32 letters, digits, hyphens and underscores of ASCII.
    ///
    /// # Errors
    ///
    /// [`NotANamespace`] when the name is another one.
    pub fn new(name: &str) -> Result<Self, NotANamespace> {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 32 || !name.chars().all(is_safe) {
            return Err(NotANamespace(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }

    /// The names of a destination.
    pub(crate) fn destination(&self, name: &str) -> DestinationNames {
        let slug = slug(name);
        DestinationNames {
            events_stream: format!("{PREFIX}_{self}_EV_{slug}"),
            later_stream: format!("{PREFIX}_{self}_LATER_{slug}"),
            events: format!("{self}.ev.{slug}"),
            later: format!("{self}.later.{slug}"),
            due: format!("{self}.due.{slug}"),
            dead_letters: format!("{self}.dl.{slug}"),
        }
    }

    /// The stream of dead letters.
    pub(crate) fn dead_letter_stream(&self) -> String {
        format!("{PREFIX}_{self}_DL")
    }

    /// The subjects of all dead letters.
    pub(crate) fn all_dead_letters(&self) -> String {
        format!("{self}.dl.>")
    }

    /// What the names of the streams with events begin with.
    pub(crate) fn events_stream_prefix(&self) -> String {
        format!("{PREFIX}_{self}_EV_")
    }

    /// The bucket in which nodes show their status.
    pub(crate) fn status_bucket(&self) -> String {
        format!("{PREFIX}_{self}_STATUS")
    }
}

impl Default for Namespace {
    /// `segue`.
    fn default() -> Self {
        Self("segue".to_owned())
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What belongs to one destination. To each subject a token is added: to that of events and due events the number of
/// events in the message, to that of deferred events an id, to that of dead letters the reason.
#[derive(Clone, Debug)]
pub(crate) struct DestinationNames {
    pub(crate) events_stream: String,
    pub(crate) later_stream: String,
    pub(crate) events: String,
    pub(crate) later: String,
    pub(crate) due: String,
    pub(crate) dead_letters: String,
}

impl DestinationNames {
    /// The subject of a message with this many events.
    pub(crate) fn events_subject(&self, events: usize) -> String {
        format!("{}.{events}", self.events)
    }

    /// The subject of due events, this many in a message.
    pub(crate) fn due_subject(&self, events: usize) -> String {
        format!("{}.{events}", self.due)
    }
}

/// How many events a message of this subject has, by its last token.
pub(crate) fn events_of_subject(subject: &str) -> Option<u64> {
    subject.rsplit('.').next()?.parse().ok()
}

/// The safe characters of a name, at most 40 of them, and its CRC-32 as 8 hexadecimal digits.
pub(crate) fn slug(name: &str) -> String {
    let safe = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let safe: String = safe.take(40).collect();
    format!("{safe}-{:08x}", crc32fast::hash(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_have_slugs_of_their_own() {
        let slugs = ["shop", "shop.", "sh op", "", "магазин"].map(slug);
        for (at, one) in slugs.iter().enumerate() {
            assert!(
                one.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)),
                "{one}"
            );
            assert!(slugs[at + 1..].iter().all(|other| other != one), "{one}");
        }
        assert!(slug(&"x".repeat(500)).len() < 60);
    }

    #[test]
    fn a_namespace_has_no_dots_and_no_wildcards() {
        for wrong in ["", "a.b", "*", ">", "a b", &"x".repeat(33)] {
            assert!(Namespace::new(wrong).is_err(), "{wrong}");
        }
        let names = Namespace::new("shop_1").expect("safe").destination("ads");
        assert!(names.events_subject(7).starts_with("shop_1.ev.ads-"));
        assert_eq!(events_of_subject(&names.events_subject(7)), Some(7));
        assert_eq!(events_of_subject("a.b.c"), None);
    }
}
