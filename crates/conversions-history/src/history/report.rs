//! What a history says of a range of time.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::history::counts::Counter;

/// A range of time that ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Range {
    /// The last hour, by the minute.
    LastHour,
    /// The last day, by quarters of an hour.
    LastDay,
    /// The last fourteen days, by the hour.
    Last14Days,
    /// So many hours: by the minute up to two, by quarters of an hour up to 48, else by the hour.
    Hours(u32),
}

impl Range {
    /// Length of a step, and number of steps.
    pub(super) fn steps(self) -> (u32, u32) {
        match self {
            Self::LastHour => (60, 60),
            Self::LastDay => (900, 96),
            Self::Last14Days => (3600, 336),
            Self::Hours(hours) => match hours.clamp(1, 24 * 366) {
                hours @ 1..=2 => (60, 60 * hours),
                hours @ 3..=48 => (900, 4 * hours),
                hours => (3600, hours),
            },
        }
    }
}

/// What happened in a range of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HistoryReport {
    /// Its begin: Unix seconds.
    pub from: i64,
    /// Its end, which is not part of it: Unix seconds.
    pub to: i64,
    /// Length of a slot in seconds.
    pub step: u32,
    /// One for every step, oldest first; empty ones too.
    pub slots: Vec<Slot>,
    /// All slots together.
    pub total: Slot,
    /// Match keys of the whole range, by destination and event name. They are kept by the hour.
    pub match_keys: Vec<MatchKeys>,
    /// Sentences about the history itself: a file that was put aside, a full disk.
    pub notes: Vec<String>,
}

/// What happened in one step of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Slot {
    /// Its begin: Unix seconds.
    pub at: i64,
    /// By destination.
    pub destinations: BTreeMap<String, DestinationCounts>,
    /// Messages that came in, by source.
    pub sources: BTreeMap<String, u64>,
    /// Messages and requests that were refused before any destination, by reason.
    pub refused: BTreeMap<String, u64>,
}

/// What happened at one destination. Reasons are stable names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DestinationCounts {
    /// Events that were stored.
    pub accepted: u64,
    /// Events that Meta received.
    pub delivered: u64,
    /// Messages that are not for the destination, by reason; repeated ones are `duplicate`.
    pub skipped: BTreeMap<String, u64>,
    /// Messages that should be sent and cannot be, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Events that were given up, by reason.
    pub dead_lettered: BTreeMap<String, u64>,
    /// Requests to Meta that failed, by how.
    pub failed_requests: BTreeMap<String, u64>,
    /// How long Meta's answers took.
    pub answer_times: AnswerTimes,
}

/// How many answers took how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AnswerTimes {
    /// Answers up to each bound of [`BOUNDS_MS`](Self::BOUNDS_MS), and longer ones last.
    pub counts: [u64; 9],
}

/// The match keys of the events of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MatchKeys {
    /// Name of the destination.
    pub destination: String,
    /// Meta's name of the event; `(other)` for names beyond the first 200.
    pub event: String,
    /// Accepted events.
    pub events: u64,
    /// How many of them had each member of `user_data`.
    pub keys: BTreeMap<&'static str, u64>,
    /// How many of these had it from a memory of earlier messages only.
    pub remembered: BTreeMap<&'static str, u64>,
}

impl Slot {
    pub(super) fn add(&mut self, counter: Counter<'_>, count: u64) {
        match counter {
            Counter::Messages { source } => return add(&mut self.sources, source, count),
            Counter::Refused { reason } => return add(&mut self.refused, reason, count),
            _ => {}
        }
        let (_, name, _) = counter.parts();
        if !self.destinations.contains_key(name) {
            self.destinations
                .insert(name.to_owned(), DestinationCounts::default());
        }
        if let Some(counts) = self.destinations.get_mut(name) {
            counts.add(counter, count);
        }
    }
}

impl DestinationCounts {
    fn add(&mut self, counter: Counter<'_>, count: u64) {
        match counter {
            Counter::Messages { .. } | Counter::Refused { .. } => {}
            Counter::Accepted { .. } => self.accepted += count,
            Counter::Delivered { .. } => self.delivered += count,
            Counter::Skipped { reason, .. } => add(&mut self.skipped, reason, count),
            Counter::Rejected { reason, .. } => add(&mut self.rejected, reason, count),
            Counter::DeadLettered { reason, .. } => add(&mut self.dead_lettered, reason, count),
            Counter::FailedRequest { reason, .. } => add(&mut self.failed_requests, reason, count),
            Counter::Answer { bound, .. } => {
                if let Some(value) = self.answer_times.counts.get_mut(usize::from(bound)) {
                    *value += count;
                }
            }
        }
    }
}

fn add(counts: &mut BTreeMap<String, u64>, name: &str, count: u64) {
    match counts.get_mut(name) {
        Some(value) => *value += count,
        None => {
            counts.insert(name.to_owned(), count);
        }
    }
}

impl AnswerTimes {
    /// Upper bounds, in milliseconds.
    pub const BOUNDS_MS: [u32; 8] = [50, 100, 250, 500, 1000, 2500, 5000, 10_000];

    /// The index of the bound that an answer falls under.
    #[must_use]
    pub fn bound_of(milliseconds: u128) -> u8 {
        let below = Self::BOUNDS_MS
            .iter()
            .filter(|bound| u128::from(**bound) < milliseconds);
        u8::try_from(below.count()).unwrap_or(u8::MAX)
    }

    /// Number of answers.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The bound, in milliseconds, that this share of the answers kept: 0.95 for the slowest twentieth. `None` without
    /// answers; answers beyond the last bound count as that bound.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share needs no more than 52 bits"
    )]
    pub fn quantile(&self, share: f64) -> Option<u32> {
        let total = self.total();
        let mut so_far = 0;
        let index = self.counts.iter().position(|count| {
            so_far += count;
            so_far > 0 && so_far as f64 >= share * total as f64
        })?;
        let last = Self::BOUNDS_MS.len() - 1;
        Self::BOUNDS_MS.get(index.min(last)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_bound_that_the_share_kept() {
        let mut times = AnswerTimes::default();
        assert_eq!(times.quantile(0.5), None);
        for (milliseconds, answers) in [(20, 50), (80, 45), (700, 4), (60_000, 1)] {
            times.counts[usize::from(AnswerTimes::bound_of(milliseconds))] += answers;
        }
        assert_eq!(times.quantile(0.5), Some(50));
        assert_eq!(times.quantile(0.95), Some(100));
        assert_eq!(times.quantile(0.99), Some(1000));
        assert_eq!(times.quantile(1.0), Some(10_000));
    }
}
