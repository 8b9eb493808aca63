//! The metrics of `/metrics` in OTLP's form, with the same names and labels.

use std::time::{SystemTime, UNIX_EPOCH};

use metrics::Key;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum,
};
use opentelemetry_proto::tonic::resource::v1::Resource;

use crate::serve::metrics::{Reading, SeriesReading};

/// The name of what makes the spans and metrics.
pub(super) const SCOPE: &str = "segue";

/// All series at one moment, as a request. Counters and histograms count from `started`.
pub(super) fn request(
    readings: Vec<SeriesReading>,
    attributes: &[KeyValue],
    started: SystemTime,
    now: SystemTime,
) -> ExportMetricsServiceRequest {
    let times = Times {
        started: nanoseconds(started),
        now: nanoseconds(now),
    };
    let mut metrics: Vec<Metric> = Vec::new();
    // Series of one metric follow each other.
    for series in readings {
        let is_new = metrics
            .last()
            .is_none_or(|metric| metric.name != series.key.name());
        if is_new {
            metrics.push(empty(&series));
        }
        if let Some(metric) = metrics.last_mut() {
            add(metric, series, times);
        }
    }
    let scope = InstrumentationScope {
        name: SCOPE.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(Resource {
                attributes: attributes.to_vec(),
                ..Resource::default()
            }),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(scope),
                metrics,
                schema_url: String::new(),
            }],
            schema_url: String::new(),
        }],
    }
}

/// Nanoseconds since 1970.
#[derive(Clone, Copy)]
struct Times {
    started: u64,
    now: u64,
}

/// A metric without points.
fn empty(series: &SeriesReading) -> Metric {
    let cumulative = AggregationTemporality::Cumulative.into();
    let data = match series.reading {
        Reading::Counter(_) => Data::Sum(Sum {
            data_points: Vec::new(),
            aggregation_temporality: cumulative,
            is_monotonic: true,
        }),
        Reading::Gauge(_) => Data::Gauge(Gauge::default()),
        Reading::Histogram { .. } => Data::Histogram(Histogram {
            data_points: Vec::new(),
            aggregation_temporality: cumulative,
        }),
    };
    Metric {
        name: series.key.name().to_owned(),
        description: series.description.clone().unwrap_or_default(),
        data: Some(data),
        ..Metric::default()
    }
}

fn add(metric: &mut Metric, series: SeriesReading, times: Times) {
    let attributes = attributes(&series.key);
    match (&mut metric.data, series.reading) {
        (Some(Data::Sum(sum)), Reading::Counter(count)) => {
            let count = Number::AsInt(i64::try_from(count).unwrap_or(i64::MAX));
            sum.data_points
                .push(point(attributes, count, times.started, times.now));
        }
        (Some(Data::Gauge(gauge)), Reading::Gauge(value)) => {
            gauge
                .data_points
                .push(point(attributes, Number::AsDouble(value), 0, times.now));
        }
        (
            Some(Data::Histogram(histogram)),
            Reading::Histogram {
                bounds,
                counts,
                sum,
            },
        ) => histogram.data_points.push(HistogramDataPoint {
            attributes,
            start_time_unix_nano: times.started,
            time_unix_nano: times.now,
            count: counts.iter().sum(),
            sum: Some(sum),
            bucket_counts: counts,
            explicit_bounds: bounds.to_vec(),
            ..HistogramDataPoint::default()
        }),
        // The registry gives a name to one kind of metric only.
        _ => {}
    }
}

fn point(attributes: Vec<KeyValue>, value: Number, started: u64, now: u64) -> NumberDataPoint {
    NumberDataPoint {
        attributes,
        start_time_unix_nano: started,
        time_unix_nano: now,
        value: Some(value),
        ..NumberDataPoint::default()
    }
}

fn attributes(key: &Key) -> Vec<KeyValue> {
    key.labels()
        .map(|label| attribute(label.key(), label.value()))
        .collect()
}

/// An attribute that is a text.
pub(super) fn attribute(name: &str, value: &str) -> KeyValue {
    KeyValue {
        key: name.to_owned(),
        value: Some(AnyValue {
            value: Some(Value::StringValue(value.to_owned())),
        }),
        ..KeyValue::default()
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
