//! The recorder behind the facade `metrics`: counters, gauges and histograms in memory, written in Prometheus' text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>).
//!
//! Written here because the usual exporter brings 17 crates for what segue does not use: quantile sketches, series that
//! expire, and a push gateway.

#[cfg(feature = "otel")]
mod readings;

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use metrics::{
    Counter, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

#[cfg(feature = "otel")]
pub(in crate::serve) use readings::{Reading, SeriesReading};

/// All series of this process.
#[derive(Debug)]
pub(in crate::serve) struct Registry {
    /// Upper bounds of a histogram's buckets, by the name of the metric.
    bounds: fn(&str) -> &'static [f64],
    descriptions: RwLock<BTreeMap<String, SharedString>>,
    /// By name, then labels, so that the series of a metric are written together.
    series: RwLock<BTreeMap<Key, Series>>,
}

#[derive(Debug, Clone)]
enum Series {
    Counter(Arc<AtomicU64>),
    /// The bits of an `f64`.
    Gauge(Arc<AtomicU64>),
    Histogram(Arc<Buckets>),
}

/// The observations of one histogram.
#[derive(Debug)]
struct Buckets {
    bounds: &'static [f64],
    /// Observations up to each bound and above the one before; the last are those above all bounds.
    counts: Vec<AtomicU64>,
    /// The bits of an `f64`.
    sum: AtomicU64,
}

impl Registry {
    pub(super) fn new(bounds: fn(&str) -> &'static [f64]) -> Self {
        Self {
            bounds,
            descriptions: RwLock::default(),
            series: RwLock::default(),
        }
    }

    /// Everything that was recorded, in Prometheus' text format.
    pub(in crate::serve) fn render(&self) -> String {
        let descriptions = self
            .descriptions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let mut page = String::new();
        let mut metric = "";
        for (key, series) in series.iter() {
            if key.name() != metric {
                if !metric.is_empty() {
                    page.push('\n');
                }
                metric = key.name();
                if let Some(description) = descriptions.get(metric) {
                    let _ = writeln!(page, "# HELP {metric} {}", escaped(description));
                }
                let _ = writeln!(page, "# TYPE {metric} {}", series.kind());
            }
            series.write(&mut page, key);
        }
        if !metric.is_empty() {
            page.push('\n');
        }
        page
    }

    fn describe(&self, name: &KeyName, description: SharedString) {
        let mut descriptions = self
            .descriptions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        descriptions.insert(name.as_str().to_owned(), description);
    }

    /// The series of a key, made by `new` when the key is new.
    fn series(&self, key: &Key, new: impl FnOnce() -> Series) -> Series {
        // Requests look their series up each time: only the first of each has to wait for the writer's lock.
        let known = self.series.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(key) {
            return series.clone();
        }
        drop(known);
        let mut all = self.series.write().unwrap_or_else(PoisonError::into_inner);
        all.entry(key.to_retained()).or_insert_with(new).clone()
    }
}

impl Recorder for Registry {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, description: SharedString) {
        self.describe(&name, description);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, description: SharedString) {
        self.describe(&name, description);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, description: SharedString) {
        self.describe(&name, description);
    }

    // A name that is used for two kinds of metrics records only the first: a page with both would not be read.

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match self.series(key, || Series::Counter(Arc::default())) {
            Series::Counter(value) => Counter::from_arc(value),
            Series::Gauge(_) | Series::Histogram(_) => Counter::noop(),
        }
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        match self.series(key, || Series::Gauge(Arc::default())) {
            Series::Gauge(value) => Gauge::from_arc(value),
            Series::Counter(_) | Series::Histogram(_) => Gauge::noop(),
        }
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let bounds = (self.bounds)(key.name());
        match self.series(key, || Series::Histogram(Arc::new(Buckets::new(bounds)))) {
            Series::Histogram(buckets) => Histogram::from_arc(buckets),
            Series::Counter(_) | Series::Gauge(_) => Histogram::noop(),
        }
    }
}

impl Series {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Counter(_) => "counter",
            Self::Gauge(_) => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }

    fn write(&self, page: &mut String, key: &Key) {
        match self {
            Self::Counter(value) => line(page, key, "", None, value.load(Ordering::Relaxed)),
            Self::Gauge(bits) => {
                line(
                    page,
                    key,
                    "",
                    None,
                    f64::from_bits(bits.load(Ordering::Relaxed)),
                );
            }
            Self::Histogram(buckets) => buckets.write(page, key),
        }
    }
}

impl Buckets {
    fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: bounds
                .iter()
                .map(|_| AtomicU64::new(0))
                .chain([AtomicU64::new(0)])
                .collect(),
            sum: AtomicU64::default(),
        }
    }

    fn write(&self, page: &mut String, key: &Key) {
        let mut total = 0;
        let limits = self
            .bounds
            .iter()
            .map(f64::to_string)
            .chain(["+Inf".to_owned()]);
        for (limit, count) in limits.zip(&self.counts) {
            total += count.load(Ordering::Relaxed);
            line(page, key, "_bucket", Some(&limit), total);
        }
        line(
            page,
            key,
            "_sum",
            None,
            f64::from_bits(self.sum.load(Ordering::Relaxed)),
        );
        line(page, key, "_count", None, total);
    }
}

impl HistogramFn for Buckets {
    fn record(&self, value: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        GaugeFn::increment(&self.sum, value);
    }
}

/// Writes one sample; `limit` is the label `le` of a bucket.
fn line(page: &mut String, key: &Key, suffix: &str, limit: Option<&str>, value: impl Display) {
    let labels = key.labels().map(|label| (label.key(), label.value()));
    let labels: Vec<String> = labels
        .chain(limit.map(|limit| ("le", limit)))
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value).replace('"', "\\\"")))
        .collect();
    let labels = if labels.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", labels.join(","))
    };
    let _ = writeln!(page, "{}{suffix}{labels} {value}", key.name());
}

/// What the format wants escaped in descriptions and labels.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use metrics::with_local_recorder;

    use super::*;

    #[test]
    fn counters_gauges_and_histograms_are_written_in_the_text_format() {
        let registry = Registry::new(|name| if name == "seconds" { &[0.1, 1.0] } else { &[] });
        with_local_recorder(&registry, || {
            metrics::describe_counter!("requests_total", "Requests,\nby \\ route");
            metrics::counter!("requests_total", "route" => "/a\"b").increment(2);
            metrics::counter!("requests_total", "route" => "/a\"b").increment(1);
            metrics::counter!("requests_total", "route" => "/c").increment(1);
            metrics::gauge!("open").increment(1.5);
            for seconds in [0.1, 0.5, 7.0] {
                metrics::histogram!("seconds", "route" => "/c").record(seconds);
            }
        });
        let expected = r#"# TYPE open gauge
open 1.5

# HELP requests_total Requests,\nby \\ route
# TYPE requests_total counter
requests_total{route="/a\"b"} 3
requests_total{route="/c"} 1

# TYPE seconds histogram
seconds_bucket{route="/c",le="0.1"} 1
seconds_bucket{route="/c",le="1"} 2
seconds_bucket{route="/c",le="+Inf"} 3
seconds_sum{route="/c"} 7.6
seconds_count{route="/c"} 3

"#;
        assert_eq!(registry.render(), expected);
    }

    #[test]
    fn a_name_keeps_the_kind_that_was_registered_first() {
        let registry = Registry::new(|_| &[]);
        with_local_recorder(&registry, || {
            metrics::counter!("same").increment(1);
            metrics::gauge!("same").set(5.0);
        });
        assert_eq!(registry.render(), "# TYPE same counter\nsame 1\n\n");
    }
}
