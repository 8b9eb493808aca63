//! The values of all series as data.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use metrics::Key;

use super::{Registry, Series};

/// One series at one moment.
#[derive(Debug)]
pub(in crate::serve) struct SeriesReading {
    pub(in crate::serve) key: Key,
    pub(in crate::serve) description: Option<String>,
    pub(in crate::serve) reading: Reading,
}

/// The value of a series.
#[derive(Debug, PartialEq)]
pub(in crate::serve) enum Reading {
    Counter(u64),
    Gauge(f64),
    Histogram {
        /// Upper bounds, inclusive.
        bounds: &'static [f64],
        /// Observations up to each bound and above the one before, then those above all bounds.
        counts: Vec<u64>,
        sum: f64,
    },
}

impl Registry {
    /// All series, those of one metric next to each other.
    pub(in crate::serve) fn readings(&self) -> Vec<SeriesReading> {
        let descriptions = self
            .descriptions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let reading = |(key, series): (&Key, &Series)| SeriesReading {
            key: key.clone(),
            description: descriptions.get(key.name()).map(ToString::to_string),
            reading: series.reading(),
        };
        series.iter().map(reading).collect()
    }
}

impl Series {
    fn reading(&self) -> Reading {
        match self {
            Self::Counter(value) => Reading::Counter(value.load(Ordering::Relaxed)),
            Self::Gauge(bits) => Reading::Gauge(f64::from_bits(bits.load(Ordering::Relaxed))),
            Self::Histogram(buckets) => {
                let counts = buckets.counts.iter();
                Reading::Histogram {
                    bounds: buckets.bounds,
                    counts: counts.map(|count| count.load(Ordering::Relaxed)).collect(),
                    sum: f64::from_bits(buckets.sum.load(Ordering::Relaxed)),
                }
            }
        }
    }
}
