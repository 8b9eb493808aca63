//! Metrics in Prometheus' text format, kept in memory until somebody asks.

use std::time::Duration;

use conversions_delivery::telemetry as delivery;
use conversions_ingest::telemetry as ingest;
use metrics::Unit;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::failure::Failure;

/// Attempts to put changed settings in force; label `outcome`: `applied`, `refused`. Counter.
const RELOADS: &str = "segue_settings_reloads_total";
/// Always 1; label `version`. Gauge.
const BUILD: &str = "segue_build_info";

/// Upper bounds of times, in seconds.
const TIMES: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// Upper bounds of events in a request.
const BATCHES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
/// How often what was recorded is put together, so that it does not pile up while nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to record. Must be called in a tokio runtime.
pub(crate) fn start() -> Result<PrometheusHandle, Failure> {
    let failure = |error| Failure::sentence(format!("metrics cannot be kept: {error}"));
    let handle = PrometheusBuilder::new()
        .set_buckets(TIMES)
        .and_then(|builder| {
            let batches = Matcher::Full(delivery::BATCH_EVENTS.to_owned());
            builder.set_buckets_for_metric(batches, BATCHES)
        })
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(failure)?;
    ingest::describe_metrics();
    delivery::describe_metrics();
    metrics::describe_counter!(
        RELOADS,
        Unit::Count,
        "Attempts to put changed settings in force, by outcome"
    );
    metrics::describe_gauge!(BUILD, Unit::Count, "The version that runs");
    metrics::gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let kept = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    Ok(handle)
}

/// Counts an attempt to put changed settings in force.
pub(crate) fn reloaded(applied: bool) {
    let outcome = if applied { "applied" } else { "refused" };
    metrics::counter!(RELOADS, "outcome" => outcome).increment(1);
}
