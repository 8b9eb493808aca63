//! The metrics, named by Prometheus' conventions. They go to the recorder of the `metrics` crate that the program has
//! installed, if any. No label holds a write key, an address or anything else that a sender chooses.

use std::time::Duration;

use axum::http::StatusCode;
use metrics::Unit;

use crate::outcome::OutcomeCount;
use crate::refusal::Refusal;

/// Requests; labels `route` (the path as a pattern) and `status`. Counter.
pub const REQUESTS: &str = "segue_ingest_requests_total";
/// Time from request to answer; label `route`. Histogram, seconds.
pub const REQUEST_DURATION: &str = "segue_ingest_request_duration_seconds";
/// Refused requests; label `code`. Counter.
pub const REFUSED: &str = "segue_ingest_refused_total";
/// What became of messages; labels `source`, `destination` (empty when a message was refused before any), `outcome`:
/// `accepted`, `skipped`, `rejected`, and `reason`. Counter.
pub const MESSAGES: &str = "segue_ingest_messages_total";
/// Open connections. Gauge.
pub const CONNECTIONS: &str = "segue_ingest_connections";

/// Describes each metric to the installed recorder. Call it once, after installing one.
pub fn describe_metrics() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!(REQUESTS, Unit::Count, "Requests, by route and status");
    describe_histogram!(
        REQUEST_DURATION,
        Unit::Seconds,
        "Time from request to answer"
    );
    describe_counter!(REFUSED, Unit::Count, "Refused requests, by code");
    describe_counter!(
        MESSAGES,
        Unit::Count,
        "What became of messages, by destination"
    );
    describe_gauge!(CONNECTIONS, Unit::Count, "Open connections");
}

pub(crate) fn request(route: &str, status: StatusCode, took: Duration) {
    let route = route.to_owned();
    metrics::counter!(REQUESTS, "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    metrics::histogram!(REQUEST_DURATION, "route" => route).record(took.as_secs_f64());
}

pub(crate) fn refused(refusal: Refusal) {
    metrics::counter!(REFUSED, "code" => refusal.code()).increment(1);
}

pub(crate) fn messages(source: &str, counts: &[OutcomeCount]) {
    for one in counts {
        metrics::counter!(
            MESSAGES,
            "source" => source.to_owned(),
            "destination" => one.destination.as_deref().unwrap_or_default().to_owned(),
            "outcome" => one.kind.name(),
            "reason" => one.reason,
        )
        .increment(one.count);
    }
}
