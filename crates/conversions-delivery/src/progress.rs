//! What the engine has done so far, as a snapshot for people and programs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use facebook_conversions::error_table::HoldReason;
use serde::{Deserialize, Serialize};

use crate::backlog::Backlog;
use crate::dead_letter::DeadLetterReason;
use crate::time::UnixMillis;

/// The engine at one moment. Counts are since the engine started; the backlog is what is in the log, also from earlier
/// runs.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Each destination, by name.
    pub destinations: BTreeMap<Arc<str>, DestinationProgress>,
    /// What is wrong with the log, if something is. While this is set, nothing can be delivered.
    pub log_fault: Option<String>,
}

impl Progress {
    /// All destinations together.
    #[must_use]
    pub fn total(&self) -> Totals {
        let mut total = Totals::default();
        for destination in self.destinations.values() {
            total.accepted += destination.accepted;
            total.duplicates += destination.duplicates;
            total.delivered += destination.delivered;
            total.dead_lettered += destination.dead_lettered.values().sum::<u64>();
            total.pending += destination.backlog.events;
            total.requests += destination.requests;
            total.retries += destination.retries.values().sum::<u64>();
            total.ambiguous += destination.ambiguous;
        }
        total
    }

    /// The destinations that are held, and why.
    pub fn held(&self) -> impl Iterator<Item = (&str, &Held)> {
        self.destinations
            .iter()
            .filter_map(|(name, destination)| Some((&**name, destination.held.as_ref()?)))
    }
}

/// Sums over destinations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Events that were appended.
    pub accepted: u64,
    /// Events that were not, being duplicates.
    pub duplicates: u64,
    /// Events that Meta received.
    pub delivered: u64,
    /// Events that became dead letters.
    pub dead_lettered: u64,
    /// Events in the log.
    pub pending: u64,
    /// Requests, of all kinds.
    pub requests: u64,
    /// Requests that repeated an earlier one.
    pub retries: u64,
    /// Requests after which it is unknown whether Meta has the events.
    pub ambiguous: u64,
}

/// One destination at one moment.
#[derive(Clone, Debug, Default)]
pub struct DestinationProgress {
    /// Events that were appended.
    pub accepted: u64,
    /// Events that were not, being duplicates.
    pub duplicates: u64,
    /// Events that Meta received.
    pub delivered: u64,
    /// Events that became dead letters, by reason.
    pub dead_lettered: BTreeMap<DeadLetterReason, u64>,
    /// Events that Meta refused since it last received one. Many in a row are rarely the fault of the events: the token
    /// may lack access to the pixel.
    pub refused_in_a_row: u64,
    /// What is unsettled.
    pub backlog: Backlog,
    /// Requests, of all kinds.
    pub requests: u64,
    /// Requests that wait for an answer.
    pub in_flight: u64,
    /// Requests that repeated an earlier one, by why.
    pub retries: BTreeMap<RetryClass, u64>,
    /// Requests that carried a part of a refused one.
    pub split_requests: u64,
    /// Requests after which it is unknown whether Meta has the events: they were sent again, with the same `event_id`s.
    pub ambiguous: u64,
    /// Remarks of Meta on requests that it took.
    pub warnings: Warnings,
    /// Set while nothing is sent because a person has to act.
    pub held: Option<Held>,
    /// How long nothing will be sent because Meta asked for it.
    pub paused_for: Option<Duration>,
    /// How much of Meta's allowance is used, in percent, as last heard.
    pub usage_percent: Option<f64>,
    /// The last request that failed.
    pub last_error: Option<LastError>,
    /// When Meta last took a request.
    pub last_delivery: Option<UnixMillis>,
}

/// Why a request was repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryClass {
    /// A fault that passes by itself, and certainly nothing was processed.
    Transient,
    /// No clear answer: Meta may have the events already.
    Ambiguous,
    /// Meta throttled.
    Throttled,
    /// Meta blocked for a while.
    Blocked,
    /// The destination was held.
    Held,
    /// Events that were too old by then were taken out.
    Expired,
}

impl RetryClass {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Ambiguous => "ambiguous",
            Self::Throttled => "throttled",
            Self::Blocked => "blocked",
            Self::Held => "held",
            Self::Expired => "expired",
        }
    }
}

/// Remarks of Meta on requests that it took: the events count as delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    /// Requests that Meta took with remarks of either kind.
    pub requests: u64,
    /// Requests whose receipt had `messages`.
    pub messages: u64,
    /// Requests whose `events_received` was not the number of events sent.
    pub events_received_differs: u64,
    /// The latest of them.
    pub last: Option<LastWarning>,
}

/// A remark of Meta on a request that it took.
#[derive(Clone, PartialEq, Eq)]
pub struct LastWarning {
    /// When.
    pub at: UnixMillis,
    /// Events in the request.
    pub sent: u64,
    /// `events_received`.
    pub received: Option<u64>,
    /// Meta's words. They may quote values of events: for operators, not for logs.
    pub messages: Vec<String>,
    /// The id by which Meta's support finds the request.
    pub fbtrace_id: Option<String>,
}

/// Counts only: the messages may quote values.
impl std::fmt::Debug for LastWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LastWarning")
            .field("at", &self.at)
            .field("sent", &self.sent)
            .field("received", &self.received)
            .field("messages", &self.messages.len())
            .field("fbtrace_id", &self.fbtrace_id)
            .finish()
    }
}

/// Why a destination is held, since when, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The kind of fault.
    pub cause: HoldCause,
    /// Since when.
    pub since: UnixMillis,
    /// For people: what it means and what to do.
    pub sentence: String,
}

/// Why a destination is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldCause {
    /// The access token or the app secret is not accepted.
    Authentication,
    /// The token lacks a permission.
    Permission,
    /// Pixel id, API version, base address or this machine are not set up right.
    Configuration,
    /// An event would become a dead letter, and there is no room for it.
    DeadLettersFull,
    /// A hundred events in a row were refused, in a log that several machines share: token and pixel hardly fit together.
    EverythingRefused,
}

impl HoldCause {
    /// Every cause, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::Authentication,
        Self::Permission,
        Self::Configuration,
        Self::DeadLettersFull,
        Self::EverythingRefused,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::Configuration => "configuration",
            Self::DeadLettersFull => "dead_letters_full",
            Self::EverythingRefused => "everything_refused",
        }
    }
}

impl From<HoldReason> for HoldCause {
    fn from(reason: HoldReason) -> Self {
        match reason {
            HoldReason::Authentication => Self::Authentication,
            HoldReason::Permission => Self::Permission,
            HoldReason::Configuration => Self::Configuration,
        }
    }
}

/// A request that failed: numbers and our own words, nothing that quotes an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// When.
    pub at: UnixMillis,
    /// For people: what happened and what it means.
    pub sentence: String,
    /// Whether the same request is sent again. If not, it is split, or its event becomes a dead letter.
    #[serde(default)]
    pub is_tried_again: bool,
    /// HTTP status.
    pub status: Option<u16>,
    /// Graph's `code`.
    pub code: Option<i64>,
    /// Graph's `error_subcode`.
    pub subcode: Option<i64>,
    /// The id by which Meta's support finds the request.
    pub fbtrace_id: Option<String>,
}
