//! The report on one input.

use conversions_mapping::{RejectReason, Settings, SkipReason};
use jiff::Timestamp;

use crate::advice::{on_reject, reject_reason_named};
use crate::counts::{KeyCount, QualityCounts};
use crate::findings::{Finding, ranked};
use crate::keys::segment_field;
use crate::suggestions::{Suggestion, suggestions};

/// How ready the events of one input are.
#[derive(Clone, Debug)]
pub struct Report {
    /// The name of the input.
    pub input: String,
    /// The destination the events were mapped for, if it has a name.
    pub destination: Option<String>,
    /// The settings they were mapped with.
    pub settings: Settings,
    /// The time by which they were judged.
    pub judged_at: JudgedAt,
    /// What was counted.
    pub counts: QualityCounts,
}

/// The time by which events were judged: it decides which are too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JudgedAt {
    /// With [`TimeSource::Clock`] the time when reading began; each event is judged when it is read.
    pub time: Timestamp,
    /// Where the time comes from.
    pub source: TimeSource,
}

/// Where the time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSource {
    /// The caller gave it.
    Option,
    /// The newest event of a regular file, which can be read twice. An old file is judged as it would have been then.
    NewestEvent,
    /// The clock.
    Clock,
}

/// A match key, how many events have it, and where Segment has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchKey {
    /// The name on the wire.
    pub name: &'static str,
    /// The events that have it.
    pub count: KeyCount,
    /// The member of a Segment message that becomes the key.
    pub segment_field: String,
}

impl TimeSource {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::NewestEvent => "newest_event",
            Self::Clock => "clock",
        }
    }
}

impl Report {
    /// What to do about the events, the worst first.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        ranked(&self.counts, &self.settings)
    }

    /// What would help, the suggestion that helps most events first.
    #[must_use]
    pub fn suggestions(&self) -> Vec<Suggestion> {
        suggestions(&self.counts, &self.settings)
    }

    /// Every match key that the report shows, in the order in which Meta lists them.
    pub fn match_keys(&self) -> impl Iterator<Item = MatchKey> {
        self.counts.keys().map(|(name, count)| MatchKey {
            name,
            count,
            segment_field: segment_field(name, &self.settings),
        })
    }

    /// Why lines are skipped, by the name of the reason.
    #[must_use]
    pub fn skip_sentence(name: &str) -> &'static str {
        let mut all = SkipReason::ALL.iter();
        all.find(|reason| reason.name() == name)
            .map_or("", |reason| reason.meaning())
    }

    /// What to change so that lines are no longer rejected, by the name of the reason.
    #[must_use]
    pub fn reject_advice(name: &str) -> &'static str {
        reject_reason_named(name).map_or("", on_reject)
    }

    /// Meta's page about the rule that lines are rejected by, by the name of the reason. A message of which no event can be
    /// built breaks none of Meta's rules.
    #[must_use]
    pub fn reject_link(name: &str) -> Option<&'static str> {
        match reject_reason_named(name)? {
            RejectReason::Event(violation) => Some(violation.link()),
            RejectReason::Message(_) => None,
        }
    }

    /// Why lines are rejected, by the name of the reason.
    #[must_use]
    pub fn reject_sentence(name: &str) -> &'static str {
        reject_reason_named(name).map_or("", RejectReason::sentence)
    }
}
