//! The report as JSON.

use serde_json::{Map, Value, json};

use crate::match_keys::Report;
use crate::match_keys::findings::ranked;
use crate::match_keys::for_people::{NAMES, WORST, reject_sentence, skip_sentence};
use crate::match_keys::keys::segment_field;
use crate::match_keys::layout::share;
use crate::match_keys::names::NameCounts;

/// The object. Counts have the form that `send --format json` gives them.
pub(crate) fn object(report: &Report) -> Value {
    let counts = &report.counts;
    let tally = &counts.tally;
    let warnings: Map<_, _> = counts
        .warnings
        .iter()
        .map(|(warning, count)| (warning.name().to_owned(), json!(count)))
        .collect();
    json!({
        "input": report.origin.to_string(),
        "destination": report.destination,
        "now": report.now.time.to_string(),
        "now_from": report.now.from.name(),
        "read": tally.read,
        "accepted": tally.accepted,
        "skipped": tally.skipped,
        "rejected": tally.rejected,
        "formed": counts.formed(),
        "match_keys": match_keys(report),
        "warnings": warnings,
        "sentences": sentences(report),
        "standard_events": names(&counts.standard),
        "custom_events": names(&counts.custom),
        "findings": findings(report),
    })
}

fn match_keys(report: &Report) -> Value {
    let counts = &report.counts;
    let members = counts.keys().map(|(key, count)| {
        let value = json!({
            "events": count.formed(),
            "share": share(count.formed(), counts.formed()),
            "accepted": count.accepted,
            "share_of_accepted": share(count.accepted, counts.tally.accepted),
            "segment_field": segment_field(key, &report.mapping),
        });
        (key.to_owned(), value)
    });
    Value::Object(members.collect())
}

/// What the reasons and warnings that occur mean.
fn sentences(report: &Report) -> Value {
    let counts = &report.counts;
    let skipped = counts.tally.skipped.keys();
    let rejected = counts.tally.rejected.keys();
    let warnings = counts.warnings.keys();
    let all = skipped
        .map(|name| (*name, skip_sentence(name)))
        .chain(rejected.map(|name| (*name, reject_sentence(name))))
        .chain(warnings.map(|warning| (warning.name(), warning.sentence())));
    all.map(|(name, sentence)| (name.to_owned(), json!(sentence)))
        .collect::<Map<_, _>>()
        .into()
}

fn names(counts: &NameCounts) -> Value {
    let top = counts.top(NAMES);
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
    let findings = ranked(counts, &report.mapping);
    let findings = findings.iter().take(WORST).map(|finding| {
        json!({
            "finding": finding.name,
            "kind": finding.kind.name(),
            "events": finding.lines,
            "share": share(finding.lines, counts.meant()),
            "weight": finding.weight,
            "what_to_do": finding.what_to_do,
        })
    });
    findings.collect()
}
