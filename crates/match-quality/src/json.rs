//! The report as JSON.

use serde_json::{Map, Value, json};

use crate::names::NameCounts;
use crate::report::Report;
use crate::share::share;

impl Report {
    /// Findings that are reported with advice.
    pub const WORST: usize = 3;
    /// Names of each kind that are reported.
    pub const TOP_NAMES: usize = 10;

    /// The report as one JSON object. `docs/match-keys.md` describes the members.
    #[must_use]
    pub fn to_json(&self) -> Value {
        object(self)
    }
}

fn object(report: &Report) -> Value {
    let counts = &report.counts;
    let outcomes = &counts.outcomes;
    let warnings: Map<_, _> = counts
        .warnings
        .iter()
        .map(|(warning, count)| (warning.name().to_owned(), json!(count)))
        .collect();
    json!({
        "input": report.input,
        "destination": report.destination,
        "now": report.judged_at.time.to_string(),
        "now_from": report.judged_at.source.name(),
        "read": outcomes.read,
        "accepted": outcomes.accepted,
        "skipped": outcomes.skipped,
        "rejected": outcomes.rejected,
        "formed": counts.formed(),
        "match_keys": match_keys(report),
        "warnings": warnings,
        "sentences": sentences(report),
        "standard_events": names(&counts.standard),
        "custom_events": names(&counts.custom),
        "findings": findings(report),
        "suggestions": suggestions(report),
    })
}

fn match_keys(report: &Report) -> Value {
    let counts = &report.counts;
    let members = report.match_keys().map(|key| {
        let value = json!({
            "events": key.count.formed(),
            "share": share(key.count.formed(), counts.formed()),
            "accepted": key.count.accepted,
            "share_of_accepted": share(key.count.accepted, counts.outcomes.accepted),
            "from_memory": key.count.from_memory,
            "share_from_memory": share(key.count.from_memory, counts.formed()),
            "segment_field": key.segment_field,
        });
        (key.name.to_owned(), value)
    });
    Value::Object(members.collect())
}

/// The meaning of each reason and warning that occurs.
fn sentences(report: &Report) -> Value {
    let counts = &report.counts;
    let skipped = counts.outcomes.skipped.keys();
    let rejected = counts.outcomes.rejected.keys();
    let warnings = counts.warnings.keys();
    let all = skipped
        .map(|name| (*name, Report::skip_sentence(name)))
        .chain(rejected.map(|name| (*name, Report::reject_sentence(name))))
        .chain(warnings.map(|warning| (warning.name(), warning.sentence())));
    all.map(|(name, sentence)| (name.to_owned(), json!(sentence)))
        .collect::<Map<_, _>>()
        .into()
}

fn names(counts: &NameCounts) -> Value {
    let top = counts.top(Report::TOP_NAMES);
    let names = top.names.iter().map(|(name, named)| {
        let mut row = json!({ "event": name, "events": named.events });
        if let Some(standard) = named.standard_event {
            row["standard_event"] = json!(standard.name());
        }
        row
    });
    json!({
        "events": counts.total(),
        "top": names.collect::<Value>(),
        "other_names": top.others,
        "name_not_shown": counts.not_shown,
    })
}

fn findings(report: &Report) -> Value {
    let counts = &report.counts;
    let all = report.findings();
    let findings = all.iter().take(Report::WORST).map(|finding| {
        json!({
            "finding": finding.name,
            "kind": finding.kind.name(),
            "events": finding.lines,
            "share": share(finding.lines, counts.intended()),
            "weight": finding.weight,
            "what_to_do": finding.what_to_do,
        })
    });
    findings.collect()
}

fn suggestions(report: &Report) -> Value {
    let formed = report.counts.formed();
    let suggestions = report.suggestions().into_iter().map(|suggestion| {
        json!({
            "suggestion": suggestion.kind.name(),
            "events": suggestion.events,
            "share": share(suggestion.events, formed),
            "properties": suggestion
                .properties
                .into_iter()
                .map(|(name, events)| (name, json!(events)))
                .collect::<Map<_, _>>(),
            "what_to_do": suggestion.what_to_do,
        })
    });
    suggestions.collect()
}
