//! The status as one JSON object.

use std::collections::BTreeMap;
use std::time::Duration;

use conversions_delivery::{DestinationStatus, Held, LastError, UnixMillis};
use serde_json::{Map, Value, json};

use super::{DeliveryStatus, ProcessState};
use crate::time::rfc3339;

impl DeliveryStatus {
    /// The status as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        object(self)
    }
}

fn object(status: &DeliveryStatus) -> Value {
    let process = status.process.as_ref();
    // Null when it is not known.
    let running = match process.map(|process| process.state) {
        Some(ProcessState::Running) => Some(true),
        Some(ProcessState::Ended) | None => Some(false),
        Some(ProcessState::Unseen) => None,
    };
    let destinations: Map<_, _> = status
        .destinations
        .iter()
        .map(|(name, one)| (name.clone(), destination(one, status.now)))
        .collect();
    json!({
        "running": running,
        "pid": process.map(|process| process.pid),
        "updated_at": process.and_then(|process| rfc3339(process.updated_at)),
        "age_seconds": process.map(|process| seconds(status.now.since(process.updated_at))),
        "log_fault": status.log_fault,
        "damage": status.damage,
        "awaiting_replay": status.awaiting_replay,
        "destinations": destinations,
    })
}

fn destination(status: &DestinationStatus, now: UnixMillis) -> Value {
    let retries: BTreeMap<_, _> = status
        .retries
        .iter()
        .map(|(class, count)| (class.name(), count))
        .collect();
    let dead_letters: BTreeMap<_, _> = status
        .dead_letters
        .iter()
        .map(|(reason, count)| (reason.name(), count))
        .collect();
    json!({
        "backlog": status.backlog,
        "later": status.later,
        "backlog_bytes": status.backlog_bytes,
        "oldest_at": status.oldest_at.and_then(rfc3339),
        "oldest_age_seconds": status.oldest_at.map(|oldest| seconds(now.since(oldest))),
        "accepted": status.accepted,
        "duplicates": status.duplicates,
        "delivered": status.delivered,
        "accepted_per_second": status.accepted_per_second,
        "delivered_per_second": status.delivered_per_second,
        "requests": status.requests,
        "in_flight": status.in_flight,
        "retries": retries,
        "ambiguous": status.ambiguous,
        "remarked": status.remarked,
        "dead_letters": dead_letters,
        "held": status.held.as_ref().map(held),
        "paused_until": status.paused_until.and_then(rfc3339),
        "usage_percent": status.usage_percent,
        "last_error": status.last_error.as_ref().map(error),
        "last_delivery": status.last_delivery.and_then(rfc3339),
    })
}

fn held(held: &Held) -> Value {
    json!({
        "cause": held.cause.name(),
        "since": rfc3339(held.since),
        "sentence": held.sentence,
    })
}

fn error(error: &LastError) -> Value {
    json!({
        "at": rfc3339(error.at),
        "sentence": error.sentence,
        "status": error.status,
        "code": error.code,
        "subcode": error.subcode,
        "fbtrace_id": error.fbtrace_id,
    })
}

/// Seconds, rounded to tenths.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}
