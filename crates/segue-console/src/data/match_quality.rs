//! How well events can be matched.

use serde::{Deserialize, Serialize};

/// The time that shares are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum QualityWindow {
    /// The last 24 hours.
    #[default]
    #[serde(rename = "day")]
    Day,
    /// The last 7 days.
    #[serde(rename = "7d")]
    Week,
}

impl QualityWindow {
    /// Every window, the shortest first.
    pub const ALL: [Self; 2] = [Self::Day, Self::Week];

    /// The name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "7d",
        }
    }

    /// The window of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|window| window.name() == name)
    }
}

/// How well events can be matched.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MatchQuality {
    /// Each event name, the one with the most events first.
    pub events: Vec<EventQuality>,
    /// What would improve it.
    pub advice: Vec<Advice>,
    /// Whether the history is switched off.
    pub is_off: bool,
}

/// The events of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventQuality {
    /// The name.
    pub event_name: String,
    /// How many there were.
    pub events: u64,
    /// Each match key that one of them has.
    pub keys: Vec<KeyShare>,
}

/// How many events have a match key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KeyShare {
    /// The name of the key, like `em`.
    pub key: String,
    /// Events with it.
    pub events: u64,
    /// Events of these that have it from the match memory only.
    pub remembered: u64,
}

/// What would improve the match quality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What is missing.
    pub finding: String,
    /// How many events it concerns.
    pub events: u64,
    /// What to do.
    pub what_to_do: String,
}
