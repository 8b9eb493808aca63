//! What each answer of Meta means, and what to do about it.

use crate::reply::{GraphError, UnreadableKind};

/// What to do with the events of a request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Send again, same `event_id`s, with exponential backoff: until the events get too old.
    Retry,
    /// Send again a few times (about five); then dead-letter.
    RetryFew,
    /// Send again, but not before a quarter of an hour has passed, and tell a person.
    RetrySlow,
    /// Send again after what `Retry-After` and the usage headers say, or a long backoff.
    Throttled,
    /// Keep everything, stop the destination, probe at intervals: a person has to act.
    Hold(HoldReason),
    /// Events are too old: dead-letter those that are, send the rest again; when none is too old by the local
    /// clock, as [`Split`](Self::Split).
    Expired,
    /// Halve the batch until the culprit is alone; dead-letter it.
    Split,
    /// Halve the batch once; dead-letter a half that is refused again.
    SplitOnce,
    /// The request is too large: halve it; dead-letter a single event that is still too large.
    TooLarge,
}

/// Why a destination is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoldReason {
    /// The access token or the app secret is not accepted.
    Authentication,
    /// The token lacks a permission.
    Permission,
    /// Pixel id, API version, base address or this machine are not set up right.
    Configuration,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What to do with the events.
    pub disposition: Disposition,
    /// For people: what it means and what to do. One or two sentences, no values.
    pub sentence: &'static str,
}

/// The meaning of a Graph error: `is_transient`, then code and subcode, then HTTP status, then unknown.
#[must_use]
pub fn classify(error: &GraphError) -> Meaning {
    let _ = error;
    Meaning {
        disposition: Disposition::Retry,
        sentence: "",
    }
}

/// The meaning of a reply that is not Graph's JSON: by HTTP status only.
#[must_use]
pub fn classify_unreadable(status: u16, kind: UnreadableKind) -> Meaning {
    let _ = (status, kind);
    Meaning {
        disposition: Disposition::Retry,
        sentence: "",
    }
}
