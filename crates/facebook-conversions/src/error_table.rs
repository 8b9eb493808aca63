//! What each answer of Meta means, and what to do about it.
//!
//! Two tables: [`CODES`] by Meta's `code` and `error_subcode`, [`STATUSES`] by HTTP status. [`classify`] goes by
//! `is_transient` first, then by code and subcode, then by HTTP status, and what is in neither table is tried a few
//! times. It never goes by `type`, which is `OAuthException` for nearly everything, nor by any text, which is
//! localized.

mod codes;
mod statuses;

#[cfg(test)]
mod tests;

use std::fmt;

pub use self::codes::{CODES, CodeRow};
pub use self::statuses::{STATUSES, StatusRow};
use crate::reply::{GraphError, UnreadableKind};

/// What to do with the events of a request that failed. Sending again always means: with the same `event_id`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Send again with exponential backoff, until the events are too old.
    Retry,
    /// Send again with exponential backoff, about five times; then dead-letter.
    RetryFew,
    /// Send again, but not before a quarter of an hour has passed, and tell a person.
    RetrySlow,
    /// Send again after what `Retry-After` and the usage headers say; without them, after a long backoff.
    Throttled,
    /// Keep everything, stop the destination, probe at intervals: a person has to act.
    Hold(HoldReason),
    /// Some events are too old: dead-letter these, send the others again. If none is too old by the local clock, as
    /// [`Split`](Self::Split).
    Expired,
    /// At least one event is refused, and with it the whole request: halve until it is alone, and dead-letter it.
    Split,
    /// The request is refused for an unknown reason: halve once, and dead-letter a half that is refused again.
    SplitOnce,
    /// The request is too large: halve until it fits, and dead-letter an event that is too large alone.
    TooLarge,
}

/// Why a destination is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoldReason {
    /// The access token or the app secret is not accepted.
    Authentication,
    /// The access token lacks a permission.
    Permission,
    /// Pixel id, API version, base address or this machine are configured wrongly.
    Configuration,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What to do with the events.
    pub disposition: Disposition,
    /// For people: what it means, and what to do where a person can do something. No values.
    pub sentence: &'static str,
}

impl Disposition {
    /// Every disposition, in the order of their severity for a batch.
    pub const ALL: [Self; 11] = [
        Self::Retry,
        Self::RetryFew,
        Self::RetrySlow,
        Self::Throttled,
        Self::Hold(HoldReason::Authentication),
        Self::Hold(HoldReason::Permission),
        Self::Hold(HoldReason::Configuration),
        Self::Expired,
        Self::Split,
        Self::SplitOnce,
        Self::TooLarge,
    ];

    /// A stable name, for metrics and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::RetryFew => "retry_few",
            Self::RetrySlow => "retry_slow",
            Self::Throttled => "throttled",
            Self::Hold(HoldReason::Authentication) => "hold_authentication",
            Self::Hold(HoldReason::Permission) => "hold_permission",
            Self::Hold(HoldReason::Configuration) => "hold_configuration",
            Self::Expired => "expired",
            Self::Split => "split",
            Self::SplitOnce => "split_once",
            Self::TooLarge => "too_large",
        }
    }

    /// Whether the same request may succeed later without a person doing anything.
    #[must_use]
    pub fn is_retry(self) -> bool {
        matches!(
            self,
            Self::Retry | Self::RetryFew | Self::RetrySlow | Self::Throttled
        )
    }

    /// Whether a person should be told at once.
    #[must_use]
    pub fn needs_a_person(self) -> bool {
        matches!(self, Self::RetrySlow | Self::Hold(_))
    }
}

/// The stable name.
impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl HoldReason {
    /// A stable name, for metrics and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::Configuration => "configuration",
        }
    }
}

/// The stable name.
impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// For an error that is in neither table.
const UNKNOWN: Meaning = Meaning {
    disposition: Disposition::RetryFew,
    sentence: "Meta answered with an error that is not known here. It is tried a few times.",
};

/// For an error with `is_transient` that would not be retried, or not for long, by its code.
const TRANSIENT: Meaning = Meaning {
    disposition: Disposition::Retry,
    sentence: "Meta says that this error passes by itself.",
};

/// For HTML with a status that would split the batch: a proxy refused the request, not Graph.
const FOREIGN_PAGE: Meaning = Meaning {
    disposition: Disposition::Retry,
    sentence: "A page of HTML came instead of Graph's answer: something between here and Meta, such as a proxy, \
               answered. If it lasts, check the way to Meta.",
};

/// For status 200 without a receipt.
const NO_RECEIPT: Meaning = Meaning {
    disposition: Disposition::Retry,
    sentence: "The reply says success but is no receipt of Graph's: whether the events arrived is unknown. If it \
               lasts, check the base address and the way to Meta.",
};

/// The meaning of a Graph error.
///
/// An error that Meta calls transient is never held, split or dead-lettered; a throttled or blocked one keeps its
/// longer wait.
///
/// ```
/// use facebook_conversions::error_table::{classify, Disposition, HoldReason};
/// use facebook_conversions::reply::GraphError;
///
/// // The code wins over the status: an expired token, sent with 500.
/// let expired = GraphError::new(500, 190, Some(463));
/// assert_eq!(classify(&expired).disposition, Disposition::Hold(HoldReason::Authentication));
///
/// let too_broad = GraphError::new(400, 100, Some(2_804_050));
/// assert_eq!(classify(&too_broad).disposition, Disposition::Split);
/// ```
#[must_use]
pub fn classify(error: &GraphError) -> Meaning {
    let meaning = error
        .code()
        .and_then(|code| codes::find(code, error.error_subcode()))
        .or_else(|| statuses::find(error.status()))
        .unwrap_or(UNKNOWN);
    let keeps_its_wait = matches!(
        meaning.disposition,
        Disposition::Retry | Disposition::RetrySlow | Disposition::Throttled
    );
    if error.is_transient() == Some(true) && !keeps_its_wait {
        TRANSIENT
    } else {
        meaning
    }
}

/// The meaning of a reply that is not Graph's JSON: by its HTTP status only.
///
/// HTML does not come from Graph, so it never leads to dead letters, unless it says that the request is too large.
#[must_use]
pub fn classify_unreadable(status: u16, kind: UnreadableKind) -> Meaning {
    if (200..300).contains(&status) {
        return NO_RECEIPT;
    }
    let meaning = statuses::find(status).unwrap_or(UNKNOWN);
    if kind == UnreadableKind::Html && meaning.disposition == Disposition::SplitOnce {
        FOREIGN_PAGE
    } else {
        meaning
    }
}
