//! A selection of dead letters.

use std::collections::BTreeSet;

use crate::dead_letter::{DeadLetter, DeadLetterReason};
use crate::event::EventKey;
use crate::time::UnixMillis;

/// A selection of dead letters: those that meet every condition that is set.
///
/// ```
/// use conversions_delivery::{DeadLetterReason, EventKey, Filter, UnixMillis};
///
/// let refused_lately = Filter::all()
///     .reason(DeadLetterReason::Refused)
///     .since(UnixMillis::from_seconds(1_767_225_600));
/// let two = Filter::all().ids([EventKey(17), EventKey(18)]);
/// # let _ = (refused_lately, two);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    ids: Option<BTreeSet<EventKey>>,
    destination: Option<String>,
    reason: Option<DeadLetterReason>,
    since: Option<UnixMillis>,
    until: Option<UnixMillis>,
}

impl Filter {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Only these.
    #[must_use]
    pub fn ids(mut self, ids: impl IntoIterator<Item = EventKey>) -> Self {
        self.ids = Some(ids.into_iter().collect());
        self
    }

    /// Only of this destination.
    #[must_use]
    pub fn destination(mut self, destination: impl Into<String>) -> Self {
        self.destination = Some(destination.into());
        self
    }

    /// Only of this reason.
    #[must_use]
    pub fn reason(mut self, reason: DeadLetterReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Only those that became dead letters at this time or later.
    #[must_use]
    pub fn since(mut self, since: UnixMillis) -> Self {
        self.since = Some(since);
        self
    }

    /// Only those that became dead letters before this time.
    #[must_use]
    pub fn until(mut self, until: UnixMillis) -> Self {
        self.until = Some(until);
        self
    }

    /// Whether a letter meets the conditions.
    #[must_use]
    pub fn passes(&self, letter: &DeadLetter) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&letter.id))
            && self
                .destination
                .as_ref()
                .is_none_or(|name| **name == *letter.destination)
            && self.reason.is_none_or(|reason| reason == letter.reason)
            && self.since.is_none_or(|since| letter.last_at >= since)
            && self.until.is_none_or(|until| letter.last_at < until)
    }
}
