//! The status of a running engine, as other processes see it. Counts and names, no values of events.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dead_letter::DeadLetterReason;
use crate::dead_letter_store::DeadLetterCounts;
use crate::progress::{DestinationProgress, Held, LastError, Progress, RetryClass};
use crate::time::UnixMillis;

/// A running engine writes its status this often at least; what is older is of one that has ended.
const FRESH_FOR: Duration = Duration::from_secs(15);
/// Rates are over this time.
const RATE_OVER: Duration = Duration::from_mins(1);

/// The status of an engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Process id of the engine.
    pub pid: u32,
    /// When this was written.
    pub updated_at: UnixMillis,
    /// When the file was written, by the clock of its disk. It differs from `updated_at` when the engine runs on
    /// another clock.
    #[serde(skip)]
    pub written_at: Option<UnixMillis>,
    /// What is wrong with the log, if something is.
    pub log_fault: Option<String>,
    /// What was found damaged when the log was opened, and what that means: a sentence or two for each file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damage: Vec<String>,
    /// Each destination, by name.
    pub destinations: BTreeMap<String, DestinationStatus>,
}

/// The status of one destination. Counts are since the engine started, unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DestinationStatus {
    /// Events in the log.
    pub backlog: u64,
    /// Of these, how many are deferred until a given time.
    pub later: u64,
    /// Bytes of these events.
    pub backlog_bytes: u64,
    /// When the oldest of them was accepted.
    pub oldest_at: Option<UnixMillis>,
    /// Events that were accepted.
    pub accepted: u64,
    /// Events that were not, being duplicates.
    pub duplicates: u64,
    /// Events that Meta received.
    pub delivered: u64,
    /// Events accepted per second, over the last minute.
    pub accepted_per_second: f64,
    /// Events delivered per second, over the last minute.
    pub delivered_per_second: f64,
    /// Requests, of all kinds.
    pub requests: u64,
    /// Requests that wait for an answer.
    pub in_flight: u64,
    /// Requests that repeated an earlier one, by why.
    pub retries: BTreeMap<RetryClass, u64>,
    /// Requests after which it is unknown whether Meta has the events.
    pub ambiguous: u64,
    /// Requests that Meta took with remarks.
    pub remarked: u64,
    /// Events that Meta refused since it last received one.
    pub refused_in_a_row: u64,
    /// All dead letters that are kept, by reason.
    pub dead_letters: BTreeMap<DeadLetterReason, u64>,
    /// Why the destination is held, if it is.
    pub held: Option<Held>,
    /// Until when nothing is sent because Meta asked for it.
    pub paused_until: Option<UnixMillis>,
    /// How much of Meta's allowance is used, in percent.
    pub usage_percent: Option<f64>,
    /// The last request that failed.
    pub last_error: Option<LastError>,
    /// When Meta last took a request.
    pub last_delivery: Option<UnixMillis>,
}

impl Status {
    /// Whether the engine that wrote this is probably still running: a running engine writes every few seconds.
    #[must_use]
    pub fn is_fresh(&self, now: UnixMillis) -> bool {
        now.since(self.updated_at) <= FRESH_FOR
    }

    fn of(progress: &Progress, letters: &DeadLetterCounts, rates: &Rates, now: UnixMillis) -> Self {
        let mut destinations: BTreeMap<String, DestinationStatus> = progress
            .destinations
            .iter()
            .map(|(name, progress)| {
                let mut status = DestinationStatus::of(progress, now);
                (status.accepted_per_second, status.delivered_per_second) = rates.of(name);
                (name.to_string(), status)
            })
            .collect();
        for (name, letters) in letters {
            let status = destinations.entry(name.clone()).or_default();
            status.dead_letters.clone_from(letters);
        }
        Self {
            pid: std::process::id(),
            updated_at: now,
            written_at: None,
            log_fault: progress.log_fault.clone(),
            damage: Vec::new(),
            destinations,
        }
    }
}

impl DestinationStatus {
    fn of(progress: &DestinationProgress, now: UnixMillis) -> Self {
        Self {
            backlog: progress.backlog.events,
            later: progress.backlog.later,
            backlog_bytes: progress.backlog.bytes,
            oldest_at: progress.backlog.oldest,
            accepted: progress.accepted,
            duplicates: progress.duplicates,
            delivered: progress.delivered,
            requests: progress.requests,
            in_flight: progress.in_flight,
            retries: progress.retries.clone(),
            ambiguous: progress.ambiguous,
            remarked: progress.warnings.requests,
            refused_in_a_row: progress.refused_in_a_row,
            held: progress.held.clone(),
            paused_until: progress.paused_for.map(|wait| now.plus(wait)),
            usage_percent: progress.usage_percent,
            last_error: progress.last_error.clone(),
            last_delivery: progress.last_delivery,
            ..Self::default()
        }
    }
}

/// Where other processes read the status of an engine.
pub trait StatusReader {
    /// Why it could not be read.
    type Error;

    /// The status that the engine wrote last; `None` when none ever ran.
    ///
    /// # Errors
    ///
    /// When there is one that cannot be read.
    fn read_status(&self) -> Result<Option<Status>, Self::Error>;
}

/// Makes a [`Status`] of each snapshot of an engine's progress, for a log that shows it to other processes.
#[derive(Debug, Default)]
pub struct StatusTracker {
    rates: Rates,
}

impl StatusTracker {
    /// The status at `now`. Rates are over the snapshots of the last minute.
    pub fn status(
        &mut self,
        progress: &Progress,
        dead_letters: &DeadLetterCounts,
        now: UnixMillis,
    ) -> Status {
        self.rates.record(progress, now);
        Status::of(progress, dead_letters, &self.rates, now)
    }
}

/// The counts of the last minute, from which rates follow.
#[derive(Debug, Default)]
struct Rates {
    snapshots: VecDeque<Snapshot>,
}

#[derive(Debug)]
struct Snapshot {
    at: UnixMillis,
    /// Accepted and delivered, by destination.
    counts: BTreeMap<Arc<str>, (u64, u64)>,
}

impl Rates {
    fn record(&mut self, progress: &Progress, now: UnixMillis) {
        let counts = progress
            .destinations
            .iter()
            .map(|(name, progress)| (Arc::clone(name), (progress.accepted, progress.delivered)));
        self.snapshots.push_back(Snapshot {
            at: now,
            counts: counts.collect(),
        });
        while self.snapshots.len() > 2
            && self
                .snapshots
                .get(1)
                .is_some_and(|second| now.since(second.at) >= RATE_OVER)
        {
            self.snapshots.pop_front();
        }
    }

    /// Events accepted and delivered per second.
    fn of(&self, destination: &str) -> (f64, f64) {
        let (Some(first), Some(last)) = (self.snapshots.front(), self.snapshots.back()) else {
            return (0.0, 0.0);
        };
        let seconds = last.at.since(first.at).as_secs_f64();
        let count = |snapshot: &Snapshot| {
            snapshot
                .counts
                .get(destination)
                .copied()
                .unwrap_or_default()
        };
        let ((accepted_before, delivered_before), (accepted, delivered)) =
            (count(first), count(last));
        let rate = |before: u64, after: u64| {
            if seconds > 0.0 {
                crate::telemetry::as_float(after.saturating_sub(before)) / seconds
            } else {
                0.0
            }
        };
        (
            rate(accepted_before, accepted),
            rate(delivered_before, delivered),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_over_the_last_minute() {
        let mut rates = Rates::default();
        for beat in 0..100_u32 {
            let mut progress = Progress::default();
            let shop = DestinationProgress {
                accepted: u64::from(beat) * 20,
                delivered: u64::from(beat.saturating_sub(90)) * 20,
                ..DestinationProgress::default()
            };
            progress.destinations.insert("shop".into(), shop);
            rates.record(&progress, UnixMillis(i64::from(beat) * 2000));
        }
        assert_eq!(rates.of("shop"), (10.0, 3.0));
        assert_eq!(rates.of("nowhere"), (0.0, 0.0));
        assert!(rates.snapshots.len() <= 32, "{}", rates.snapshots.len());
    }
}
