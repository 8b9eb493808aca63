//! The metrics, by the conventions of Prometheus: one name per line, each with the label `destination`.
//!
//! They go to whatever recorder of the `metrics` crate is installed when the engine is started; none is needed.

use std::time::Duration;

use conversions_transport::{EventsRequest, SendError};
use facebook_conversions::reply::EventsReceived;
use metrics::{Counter, Gauge, Histogram, Unit};

use crate::backlog::Backlog;
use crate::dead_letter::DeadLetterReason;
use crate::observer::outcome_name;
use crate::progress::RetryClass;
use crate::time::UnixMillis;

/// Events appended to the log. Counter.
pub const EVENTS_ACCEPTED: &str = "segue_events_accepted_total";
/// Events skipped by delivery; label `reason`, which is `duplicate`. Counter.
pub const EVENTS_SKIPPED: &str = "segue_events_skipped_total";
/// Events that Meta received. Counter.
pub const EVENTS_DELIVERED: &str = "segue_events_delivered_total";
/// Events dead-lettered; label `reason`. Counter.
pub const EVENTS_DEAD_LETTERED: &str = "segue_events_dead_lettered_total";
/// Requests; label `outcome`: `received`, `refused`, `unreadable`, `not_sent`, `ambiguous`, `setup`. Counter.
pub const REQUESTS: &str = "segue_requests_total";
/// Requests that repeated an earlier one; label `class`. Counter.
pub const RETRIES: &str = "segue_retries_total";
/// Requests after which it is unknown whether Meta has the events. Counter.
pub const AMBIGUOUS: &str = "segue_ambiguous_requests_total";
/// Requests that Meta took with remarks. Counter.
pub const REMARKS: &str = "segue_remarked_requests_total";
/// Events in the log. Gauge.
pub const BACKLOG_EVENTS: &str = "segue_backlog_events";
/// Bytes of events in the log. Gauge.
pub const BACKLOG_BYTES: &str = "segue_backlog_bytes";
/// Age of the oldest event in the log. Gauge, seconds.
pub const OLDEST_EVENT: &str = "segue_oldest_event_age_seconds";
/// 1 while the destination is held, else 0. Gauge.
pub const HELD: &str = "segue_destination_held";
/// Share of Meta's allowance that is used, 0 to 1 and beyond. Gauge.
pub const USAGE: &str = "segue_usage_ratio";
/// Events per request. Histogram.
pub const BATCH_EVENTS: &str = "segue_batch_events";
/// Time from request to answer. Histogram, seconds.
pub const REQUEST_DURATION: &str = "segue_request_duration_seconds";

/// Tells the installed recorder what each metric means. Call it once, after installing one.
pub fn describe_metrics() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!(EVENTS_ACCEPTED, Unit::Count, "Events appended to the log");
    describe_counter!(
        EVENTS_SKIPPED,
        Unit::Count,
        "Events skipped by delivery, by reason"
    );
    describe_counter!(EVENTS_DELIVERED, Unit::Count, "Events that Meta received");
    describe_counter!(
        EVENTS_DEAD_LETTERED,
        Unit::Count,
        "Events given up, by reason"
    );
    describe_counter!(REQUESTS, Unit::Count, "Requests to Meta, by outcome");
    describe_counter!(
        RETRIES,
        Unit::Count,
        "Requests that repeated an earlier one, by class"
    );
    describe_counter!(
        AMBIGUOUS,
        Unit::Count,
        "Requests after which it is unknown whether Meta has the events"
    );
    describe_counter!(REMARKS, Unit::Count, "Requests that Meta took with remarks");
    describe_gauge!(BACKLOG_EVENTS, Unit::Count, "Events in the log");
    describe_gauge!(BACKLOG_BYTES, Unit::Bytes, "Bytes of events in the log");
    describe_gauge!(
        OLDEST_EVENT,
        Unit::Seconds,
        "Age of the oldest event in the log"
    );
    describe_gauge!(HELD, Unit::Count, "1 while the destination is held");
    describe_gauge!(USAGE, Unit::Count, "Share of Meta's allowance that is used");
    describe_histogram!(BATCH_EVENTS, Unit::Count, "Events per request");
    describe_histogram!(
        REQUEST_DURATION,
        Unit::Seconds,
        "Time from request to answer"
    );
}

/// The metrics of one destination.
pub(crate) struct DestinationMetrics {
    destination: String,
    pub(crate) accepted: Counter,
    pub(crate) duplicates: Counter,
    pub(crate) delivered: Counter,
    pub(crate) remarks: Counter,
    pub(crate) held: Gauge,
    pub(crate) usage: Gauge,
    ambiguous: Counter,
    backlog_events: Gauge,
    backlog_bytes: Gauge,
    oldest: Gauge,
    batch_events: Histogram,
    duration: Histogram,
}

impl DestinationMetrics {
    pub(crate) fn new(destination: &str) -> Self {
        let name = destination.to_owned();
        let counter = |metric| metrics::counter!(metric, "destination" => name.clone());
        let gauge = |metric| metrics::gauge!(metric, "destination" => name.clone());
        let histogram = |metric| metrics::histogram!(metric, "destination" => name.clone());
        // A series that begins with its first event hides that event from `increase()`.
        for reason in DeadLetterReason::ALL {
            metrics::counter!(EVENTS_DEAD_LETTERED, "destination" => name.clone(), "reason" => reason.name())
                .increment(0);
        }
        Self {
            accepted: counter(EVENTS_ACCEPTED),
            duplicates: metrics::counter!(EVENTS_SKIPPED, "destination" => name.clone(), "reason" => "duplicate"),
            delivered: counter(EVENTS_DELIVERED),
            remarks: counter(REMARKS),
            held: gauge(HELD),
            usage: gauge(USAGE),
            ambiguous: counter(AMBIGUOUS),
            backlog_events: gauge(BACKLOG_EVENTS),
            backlog_bytes: gauge(BACKLOG_BYTES),
            oldest: gauge(OLDEST_EVENT),
            batch_events: histogram(BATCH_EVENTS),
            duration: histogram(REQUEST_DURATION),
            destination: name,
        }
    }

    pub(crate) fn count_request(&self, request: &EventsRequest, again: Option<RetryClass>) {
        self.batch_events
            .record(as_float(request.len().try_into().unwrap_or(u64::MAX)));
        if let Some(class) = again {
            metrics::counter!(RETRIES, "destination" => self.destination.clone(), "class" => class.name())
                .increment(1);
        }
    }

    pub(crate) fn count_answer(&self, took: Duration, answer: &Result<EventsReceived, SendError>) {
        self.duration.record(took.as_secs_f64());
        let outcome = outcome_name(answer.as_ref());
        metrics::counter!(REQUESTS, "destination" => self.destination.clone(), "outcome" => outcome)
            .increment(1);
        if answer
            .as_ref()
            .is_err_and(SendError::may_have_been_processed)
        {
            self.ambiguous.increment(1);
        }
    }

    pub(crate) fn count_dead_lettered(&self, events: u64, reason: DeadLetterReason) {
        metrics::counter!(EVENTS_DEAD_LETTERED, "destination" => self.destination.clone(), "reason" => reason.name())
            .increment(events);
    }

    pub(crate) fn backlog(&self, backlog: &Backlog, now: UnixMillis) {
        self.backlog_events.set(as_float(backlog.events));
        self.backlog_bytes.set(as_float(backlog.bytes));
        let age = backlog.oldest.map(|oldest| now.since(oldest));
        self.oldest.set(age.unwrap_or_default().as_secs_f64());
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "gauges and histograms are floating point by definition"
)]
pub(crate) fn as_float(count: u64) -> f64 {
    count as f64
}
