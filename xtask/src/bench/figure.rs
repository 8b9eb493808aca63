//! A figure: what was measured, and in relation to which other figure.

use serde::{Deserialize, Serialize};

/// Figures that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) figures: Vec<Figure>,
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) unit: Unit,
    pub(super) relation: Option<Relation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Unit {
    NanosPerEvent,
    EventsPerSecond,
    RequestsPerSecond,
    Milliseconds,
    Megabytes,
    Percent,
}

/// What a figure is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Relation {
    /// A multiple of a baseline that took turns with it.
    Times { ratio: f64, baseline: String },
    /// A limit.
    AtMost(f64),
    /// A limit from below.
    AtLeast(f64),
}

impl Unit {
    /// A figure that has no name yet.
    pub(super) fn of(self, value: f64) -> Figure {
        Figure::new("", value, self)
    }
}

impl Figure {
    pub(super) fn new(name: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self {
            name: name.into(),
            value,
            unit,
            relation: None,
        }
    }

    pub(super) fn named(self, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, ..self }
    }

    pub(super) fn times(self, ratio: f64, baseline: impl Into<String>) -> Self {
        let baseline = baseline.into();
        Self {
            relation: Some(Relation::Times { ratio, baseline }),
            ..self
        }
    }

    pub(super) fn at_most(self, limit: f64) -> Self {
        Self {
            relation: Some(Relation::AtMost(limit)),
            ..self
        }
    }

    pub(super) fn at_least(self, limit: f64) -> Self {
        Self {
            relation: Some(Relation::AtLeast(limit)),
            ..self
        }
    }

    /// What is compared between two runs: the ratio, which a busy machine changes least, or else the value.
    pub(super) fn compared(&self) -> f64 {
        match &self.relation {
            Some(Relation::Times { ratio, .. }) => *ratio,
            Some(Relation::AtMost(_) | Relation::AtLeast(_)) | None => self.value,
        }
    }

    /// The value with its unit, as people read it.
    pub(super) fn shown(&self) -> String {
        let value = self.value;
        match self.unit {
            Unit::NanosPerEvent => format!("{:.2} µs", value / 1000.0),
            Unit::EventsPerSecond => format!("{} events/s", thousands(value)),
            Unit::RequestsPerSecond => format!("{} requests/s", thousands(value)),
            Unit::Milliseconds => format!("{value:.1} ms"),
            Unit::Megabytes => format!("{value:.0} MB"),
            Unit::Percent => format!("{value:.0} %"),
        }
    }

    /// The relation, as people read it; empty when there is none.
    pub(super) fn related(&self) -> String {
        match &self.relation {
            Some(Relation::Times { ratio, baseline }) => format!("{ratio:.2} × {baseline}"),
            Some(Relation::AtMost(limit)) => format!("at most {}", self.limit(*limit)),
            Some(Relation::AtLeast(limit)) => format!("at least {}", self.limit(*limit)),
            None => String::new(),
        }
    }

    fn limit(&self, limit: f64) -> String {
        Self::new("", limit, self.unit).shown()
    }
}

/// Rounded to three digits, with a comma at the thousands.
fn thousands(value: f64) -> String {
    let scale = 10_f64.powf((value.max(1.0).log10().floor() - 2.0).max(0.0));
    let mut digits = format!("{:.0}", (value / scale).round() * scale);
    let mut position = digits.len();
    while position > 3 {
        position -= 3;
        digits.insert(position, ',');
    }
    digits
}

/// The median; zero when there is no value.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Figure, Unit, median, thousands};

    #[test]
    fn figures_are_as_precise_as_they_are() {
        let shown = [4.0, 999.0, 1234.0, 98_765.4, 1_234_567.0].map(thousands);
        assert_eq!(shown, ["4", "999", "1,230", "98,800", "1,230,000"]);
    }

    #[test]
    fn relations_name_what_they_relate_to() {
        let figure = Figure::new("map", 4321.0, Unit::NanosPerEvent);
        assert_eq!(figure.shown(), "4.32 µs");
        assert_eq!(figure.clone().times(1.5, "naive").related(), "1.50 × naive");
        let memory = Figure::new("send", 80.0, Unit::Megabytes).at_most(100.0);
        assert_eq!(memory.related(), "at most 100 MB");
        assert!((figure.times(1.5, "naive").compared() - 1.5).abs() < f64::EPSILON);
    }

    #[test]
    fn the_median_is_no_outlier() {
        assert!((median([9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median([]).abs() < f64::EPSILON);
    }
}
