//! How delivery stands.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How delivery stands.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// Whether everything is all right.
    pub verdict: Verdict,
    /// Each destination.
    pub destinations: Vec<DestinationSummary>,
    /// How the counts developed; absent when the history is switched off.
    pub charts: Option<Charts>,
    /// Faults that concern all destinations, such as a full disk, in sentences.
    pub faults: Vec<String>,
}

/// The state of everything in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether nobody has to act.
    pub is_fine: bool,
    /// What is the matter.
    pub sentence: String,
    /// What to do about it, if there is something to do.
    pub advice: Option<String>,
}

/// One destination. Counts are since the process started.
#[derive(Clone, Debug, Serialize)]
pub struct DestinationSummary {
    /// Its name.
    pub name: String,
    /// What it is doing.
    pub state: DestinationState,
    /// Why, if it does not deliver.
    pub sentence: Option<String>,
    /// Events that were accepted.
    pub accepted: u64,
    /// Events that Meta received.
    pub delivered: u64,
    /// Messages of the last 24 hours that no event was made of, because something is wrong with them.
    pub rejected: u64,
    /// Events that were given up and are kept.
    pub dead_letters: u64,
    /// Events that wait.
    pub backlog: u64,
    /// When the oldest of them was accepted.
    pub oldest_at: Option<Timestamp>,
    /// What Meta answered last.
    pub last_answer: Option<LastAnswer>,
}

/// What a destination is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DestinationState {
    /// It delivers, or has nothing to deliver.
    Delivering,
    /// Requests fail and are repeated.
    Retrying,
    /// It waits because Meta asked for it.
    Paused,
    /// It waits for a person.
    Held,
}

impl DestinationState {
    /// The state as a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivering => "delivering",
            Self::Retrying => "retrying",
            Self::Paused => "paused",
            Self::Held => "held",
        }
    }
}

/// An answer of Meta to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LastAnswer {
    /// When it came.
    pub at: Option<Timestamp>,
    /// HTTP status.
    pub status: Option<u16>,
    /// What it means.
    pub sentence: Option<String>,
    /// Meta's id of it.
    pub fbtrace_id: Option<String>,
}

/// The time that charts are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeRange {
    /// The last hour.
    #[default]
    #[serde(rename = "hour")]
    Hour,
    /// The last 24 hours.
    #[serde(rename = "day")]
    Day,
    /// The last 14 days.
    #[serde(rename = "14d")]
    Fortnight,
}

impl TimeRange {
    /// Every range, the shortest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Fortnight];

    /// The name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Fortnight => "14d",
        }
    }

    /// The range of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.name() == name)
    }
}

/// How counts developed, over all destinations.
#[derive(Clone, Debug, Serialize)]
pub struct Charts {
    /// The range of time.
    pub range: TimeRange,
    /// Seconds that one point stands for.
    pub step_seconds: u32,
    /// The points, the oldest first, without gaps.
    pub points: Vec<ChartPoint>,
}

/// One step of time.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChartPoint {
    /// When it began.
    pub at: Timestamp,
    /// Messages for destinations.
    pub received: u64,
    /// Events that Meta received.
    pub delivered: u64,
    /// Messages that no event was made of, and events that were given up, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Half of Meta's answers took at most this many milliseconds; absent when there was none.
    pub answer_ms_p50: Option<f64>,
    /// Nineteen of twenty took at most this many.
    pub answer_ms_p95: Option<f64>,
}
