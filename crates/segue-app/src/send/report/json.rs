//! A run as one JSON object.

use serde_json::{Map, Value, json};

use crate::destinations::Mode;
use crate::send::report::{Figures, SendReport};

impl SendReport {
    /// The report as one JSON object. `word` writes a file name in the value of `resume`, in quotes where a shell needs them.
    #[must_use]
    pub fn to_json(&self, word: impl Fn(&str) -> String) -> Value {
        object(self, word)
    }
}

fn object(report: &SendReport, word: impl Fn(&str) -> String) -> Value {
    let mut object = figures(&report.figures());
    let seconds = report
        .summary
        .as_ref()
        .map_or(0.0, |summary| summary.took.as_secs_f64());
    object.insert(
        "seconds".to_owned(),
        json!((seconds * 1000.0).round() / 1000.0),
    );
    if report.mode == Mode::DryRun {
        object.insert("dry_run".to_owned(), json!(true));
    }
    let by_destination: Map<_, _> = report
        .by_destination()
        .into_iter()
        .map(|(name, of_destination)| (name.to_owned(), Value::Object(figures(&of_destination))))
        .collect();
    if !by_destination.is_empty() {
        object.insert("destinations".to_owned(), Value::Object(by_destination));
    }
    if let Some(sandbox) = &report.sandbox {
        object.insert("sandbox".to_owned(), json!(sandbox));
    }
    let remarks = report.remarks();
    if remarks.requests > 0 {
        object.insert("warnings".to_owned(), json!(remarks));
    }
    if let Some(line) = report.resume_line() {
        object.insert(
            "resume".to_owned(),
            json!(report.resume_options(line, word)),
        );
    }
    Value::Object(object)
}

fn figures(Figures { counts, totals }: &Figures) -> Map<String, Value> {
    let members = [
        ("read", json!(counts.read)),
        ("accepted", json!(counts.accepted)),
        ("skipped", json!(counts.skipped)),
        ("rejected", json!(counts.rejected)),
        ("delivered", json!(totals.delivered)),
        ("dead_lettered", json!(totals.dead_lettered)),
        ("pending", json!(totals.pending)),
        ("requests", json!(totals.requests)),
        ("retries", json!(totals.retries)),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
