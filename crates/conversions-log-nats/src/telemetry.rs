//! Metrics of the log.
//!
//! | name | labels | what |
//! |---|---|---|
//! | `segue_log_publish_seconds` | | time until the broker has confirmed a message |
//! | `segue_log_frames_total` | `outcome` | messages published: `stored`, `duplicate`, `full`, `unavailable` |
//! | `segue_log_redelivered_total` | `destination` | messages that the broker has given out more than once: their events may have been sent twice |
//! | `segue_log_unknown_version_total` | `destination` | messages of a newer version, which were given back |
//! | `segue_log_leases_expired_total` | `destination` | events that were not sent because another node may have them: the broker had not heard of them for too long |
//! | `segue_log_bytes_ratio` | `destination` | how full the stream of events is, 0 to 1 |
//! | `segue_log_replicas_behind` | `destination` | replicas of the stream of events that are away or not current |
//! | `segue_log_later_events` | `destination` | events that are deferred until they are due |

use std::time::Duration;

pub(crate) fn published(outcome: &'static str, took: Duration) {
    metrics::histogram!("segue_log_publish_seconds").record(took.as_secs_f64());
    metrics::counter!("segue_log_frames_total", "outcome" => outcome).increment(1);
}

pub(crate) fn redelivered(destination: &str) {
    metrics::counter!("segue_log_redelivered_total", "destination" => destination.to_owned())
        .increment(1);
}

pub(crate) fn unknown_version(destination: &str) {
    metrics::counter!("segue_log_unknown_version_total", "destination" => destination.to_owned())
        .increment(1);
}

pub(crate) fn leases_expired(destination: &str, events: u64) {
    metrics::counter!("segue_log_leases_expired_total", "destination" => destination.to_owned())
        .increment(events);
}

/// The state of a destination's streams.
pub(crate) fn stream(destination: &str, ratio: f64, replicas_behind: u32, later_events: u64) {
    let label = || destination.to_owned();
    metrics::gauge!("segue_log_bytes_ratio", "destination" => label()).set(ratio);
    metrics::gauge!("segue_log_replicas_behind", "destination" => label())
        .set(f64::from(replicas_behind));
    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; exact up to 2^53"
    )]
    metrics::gauge!("segue_log_later_events", "destination" => label()).set(later_events as f64);
}
