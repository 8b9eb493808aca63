//! The metrics, named by Prometheus' conventions. They go to the recorder of the `metrics` crate that the program has
//! installed, if any. No label holds a write key, an address or anything else that a sender chooses.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use axum::http::StatusCode;
use metrics::{Counter, Histogram, Unit};

use crate::outcome::{OutcomeCount, OutcomeKind};
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

/// The metrics of a route with many requests, looked up once.
pub(crate) struct RouteMetrics {
    route: &'static str,
    successes: OnceLock<Counter>,
    duration: OnceLock<Histogram>,
}

impl RouteMetrics {
    pub(crate) const fn new(route: &'static str) -> Self {
        Self {
            route,
            successes: OnceLock::new(),
            duration: OnceLock::new(),
        }
    }

    pub(crate) const fn route(&self) -> &'static str {
        self.route
    }

    /// Counts an answer.
    pub(crate) fn record(&self, status: StatusCode, took: Duration) {
        if status == StatusCode::OK {
            let successes =
                || metrics::counter!(REQUESTS, "route" => self.route, "status" => "200");
            self.successes.get_or_init(successes).increment(1);
            let duration = || metrics::histogram!(REQUEST_DURATION, "route" => self.route);
            self.duration
                .get_or_init(duration)
                .record(took.as_secs_f64());
        } else {
            request(self.route, status, took);
        }
    }
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

/// The counters of accepted messages by source and destination, each looked up once.
#[derive(Default)]
pub(crate) struct MessageMetrics {
    accepted: RwLock<HashMap<Arc<str>, ByDestination>>,
}

type ByDestination = HashMap<Arc<str>, Counter>;

impl MessageMetrics {
    /// Counts what became of the messages of a request.
    pub(crate) fn record(&self, source: &Arc<str>, counts: &[OutcomeCount]) {
        for one in counts {
            let destination = one.destination.as_ref();
            match destination.filter(|_| one.kind == OutcomeKind::Accepted) {
                Some(destination) => self.record_accepted(source, destination, one.count),
                None => messages(source, one).increment(one.count),
            }
        }
    }

    fn record_accepted(&self, source: &Arc<str>, destination: &Arc<str>, count: u64) {
        let known = self.accepted.read().unwrap_or_else(PoisonError::into_inner);
        let of_source = known.get(source);
        if let Some(counter) = of_source.and_then(|known| known.get(destination)) {
            return counter.increment(count);
        }
        drop(known);
        let counter = messages(
            source,
            &OutcomeCount {
                destination: Some(Arc::clone(destination)),
                kind: OutcomeKind::Accepted,
                reason: "",
                count,
            },
        );
        counter.increment(count);
        let mut known = self
            .accepted
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let of_source = known.entry(Arc::clone(source)).or_default();
        of_source.insert(Arc::clone(destination), counter);
    }
}

/// The counter of an outcome.
fn messages(source: &str, one: &OutcomeCount) -> Counter {
    metrics::counter!(
        MESSAGES,
        "source" => source.to_owned(),
        "destination" => one.destination.as_deref().unwrap_or_default().to_owned(),
        "outcome" => one.kind.name(),
        "reason" => one.reason,
    )
}
