//! The metrics of `segue consume`, and the same numbers for people.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use metrics::{Counter, Gauge, Unit};

/// Records that the broker has for this process and that are not settled; labels `input`, `destination` (empty unless
/// each destination has a group of its own). Gauge.
const LAG: &str = "segue_consume_lag";
/// Seconds since a record was settled last, while some are not settled; 0 while none waits; labels as of the lag. Gauge.
const COMMIT_AGE: &str = "segue_consume_commit_age_seconds";
/// Records that were read; labels as of the lag. Counter.
const RECORDS: &str = "segue_consume_records_total";
/// Events of these records that are in the log; labels as of the lag. Counter.
const EVENTS: &str = "segue_consume_events_total";
/// Records, and messages of batches, that cannot be used; labels as of the lag, and `reason`. Counter.
const REJECTED: &str = "segue_consume_rejected_total";

/// Describes each metric to the installed recorder.
pub(in crate::serve) fn describe_metrics() {
    metrics::describe_gauge!(
        LAG,
        Unit::Count,
        "Records that the broker has for this process and that are not settled"
    );
    metrics::describe_gauge!(
        COMMIT_AGE,
        Unit::Seconds,
        "Time since a record was settled last, while some are not settled"
    );
    metrics::describe_counter!(RECORDS, Unit::Count, "Records that were read");
    metrics::describe_counter!(EVENTS, Unit::Count, "Events of records, in the log");
    metrics::describe_counter!(
        REJECTED,
        Unit::Count,
        "Records and messages of batches that cannot be used, by reason"
    );
}

/// What one reader has done.
pub(super) struct ReaderMetrics {
    input: String,
    destination: String,
    lag: Gauge,
    commit_age: Gauge,
    records: Counter,
    events: Counter,
    totals: Arc<Totals>,
}

/// What all readers have done.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) records: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) settled: AtomicU64,
}

impl ReaderMetrics {
    pub(super) fn new(input: &str, destination: Option<&str>, totals: Arc<Totals>) -> Self {
        let (input, destination) = (input.to_owned(), destination.unwrap_or_default().to_owned());
        let labels = [
            ("input", input.clone()),
            ("destination", destination.clone()),
        ];
        Self {
            lag: metrics::gauge!(LAG, &labels),
            commit_age: metrics::gauge!(COMMIT_AGE, &labels),
            records: metrics::counter!(RECORDS, &labels),
            events: metrics::counter!(EVENTS, &labels),
            input,
            destination,
            totals,
        }
    }

    pub(super) fn count_stored(&self, records: u64, events: u64) {
        self.records.increment(records);
        self.events.increment(events);
        self.totals.records.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn count_rejected(&self, reason: &'static str) {
        let labels = [
            ("input", self.input.clone()),
            ("destination", self.destination.clone()),
            ("reason", reason.to_owned()),
        ];
        metrics::counter!(REJECTED, &labels).increment(1);
        self.totals.rejected.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_settled(&self, records: u64) {
        self.totals.settled.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn show_lag(&self, records: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        self.lag.set(records as f64);
    }

    pub(super) fn show_commit_age(&self, age: Duration) {
        self.commit_age.set(age.as_secs_f64());
    }
}
