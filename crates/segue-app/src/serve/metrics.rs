//! Metrics in Prometheus' text format, kept in memory until they are scraped.

mod registry;

use std::sync::Arc;

use conversions_delivery::telemetry as delivery;
use conversions_ingest::telemetry as ingest;
use metrics::Unit;

use crate::error::AppError;
pub(super) use registry::Registry;
#[cfg(feature = "otel")]
pub(super) use registry::{Reading, SeriesReading};

/// Reloads of settings; label `outcome`: `applied`, `refused`. Counter.
const RELOADS: &str = "segue_settings_reloads_total";
/// 1 while the settings on disk are refused, else 0. Gauge.
const SETTINGS_REFUSED: &str = "segue_settings_refused";
/// How full the disk of the data folder is, 0 to 1. Gauge.
const DISK_USED: &str = "segue_disk_used_ratio";
/// Records that the trace lost, because the disk is slower than events come. Counter.
const TRACE_DROPPED: &str = "segue_trace_dropped_records_total";
/// Exports to a collector of OpenTelemetry; labels `signal`: `traces`, `metrics`, and `outcome`: `taken`, `failed`. Counter.
#[cfg(feature = "otel")]
const EXPORTS: &str = "segue_otel_exports_total";
/// Always 1; label `version`. Gauge.
const BUILD: &str = "segue_build_info";

/// Upper bounds of times, in seconds.
const TIMES: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// Upper bounds of events in a request.
const BATCHES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

/// Starts to record.
pub(super) fn start() -> Result<Arc<Registry>, AppError> {
    let registry = Arc::new(Registry::new(|name| match name {
        delivery::BATCH_EVENTS => BATCHES,
        _ => TIMES,
    }));
    metrics::set_global_recorder(Arc::clone(&registry))
        .map_err(|error| AppError::System(format!("metrics cannot be recorded: {error}")))?;
    ingest::describe_metrics();
    delivery::describe_metrics();
    match_memory::describe_metrics();
    crate::serve::consume::describe_metrics();
    metrics::describe_counter!(
        RELOADS,
        Unit::Count,
        "Attempts to put changed settings in force, by outcome"
    );
    metrics::describe_gauge!(
        SETTINGS_REFUSED,
        Unit::Count,
        "1 while the settings on disk are refused"
    );
    metrics::gauge!(SETTINGS_REFUSED).set(0.0);
    metrics::describe_gauge!(
        DISK_USED,
        Unit::Count,
        "How full the disk of the data folder is"
    );
    metrics::describe_counter!(
        TRACE_DROPPED,
        Unit::Count,
        "Records that the trace lost, because the disk is slower than events come"
    );
    metrics::counter!(TRACE_DROPPED).absolute(0);
    #[cfg(feature = "otel")]
    metrics::describe_counter!(
        EXPORTS,
        Unit::Count,
        "Exports to a collector of OpenTelemetry, by signal and outcome"
    );
    metrics::describe_gauge!(BUILD, Unit::Count, "The version that runs");
    metrics::gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(registry)
}

/// Counts an export of this signal.
#[cfg(feature = "otel")]
pub(super) fn count_export(signal: &'static str, is_taken: bool) {
    let outcome = if is_taken { "taken" } else { "failed" };
    metrics::counter!(EXPORTS, "signal" => signal, "outcome" => outcome).increment(1);
}

/// Counts a reload.
pub(super) fn count_reload(applied: bool) {
    let outcome = if applied { "applied" } else { "refused" };
    metrics::counter!(RELOADS, "outcome" => outcome).increment(1);
    metrics::gauge!(SETTINGS_REFUSED).set(if applied { 0.0 } else { 1.0 });
}

/// Shows how full the disk is, and what the trace has lost.
pub(super) fn show_storage(disk_percent: Option<u64>, dropped_records: u64) {
    if let Some(percent) = disk_percent {
        let percent = u32::try_from(percent).unwrap_or(u32::MAX);
        metrics::gauge!(DISK_USED).set(f64::from(percent) / 100.0);
    }
    metrics::counter!(TRACE_DROPPED).absolute(dropped_records);
}
