//! Metrics in Prometheus' text format, kept in memory until they are asked for.

mod registry;

use std::sync::Arc;

use conversions_delivery::telemetry as delivery;
use conversions_ingest::telemetry as ingest;
use metrics::Unit;

use crate::failure::Failure;
use registry::Registry;

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

/// Begins to record, and returns what writes the page of metrics.
pub(crate) fn start() -> Result<impl Fn() -> String + Send + Sync + 'static, Failure> {
    let registry = Arc::new(Registry::new(|name| match name {
        delivery::BATCH_EVENTS => BATCHES,
        _ => TIMES,
    }));
    metrics::set_global_recorder(Arc::clone(&registry))
        .map_err(|error| Failure::sentence(format!("metrics cannot be kept: {error}")))?;
    ingest::describe_metrics();
    delivery::describe_metrics();
    metrics::describe_counter!(
        RELOADS,
        Unit::Count,
        "Attempts to put changed settings in force, by outcome"
    );
    metrics::describe_gauge!(BUILD, Unit::Count, "The version that runs");
    metrics::gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(move || registry.render())
}

/// Counts an attempt to put changed settings in force.
pub(crate) fn reloaded(applied: bool) {
    let outcome = if applied { "applied" } else { "refused" };
    metrics::counter!(RELOADS, "outcome" => outcome).increment(1);
}
