//! What happened in the last hours, for a terminal.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use conversions_delivery::UnixMillis;
use match_quality::percent;
use segue_app::{DestinationCounts, HistoryReport};

use crate::render::terminal::{CellStyle, Stream, TableBuilder, counted, grouped, visible};
use crate::render::time::date_and_time;

/// Slots that are listed at most; the newest of those in which something happened.
const LISTED: usize = 48;
/// Event names whose match keys are listed, for each destination.
const LISTED_NAMES: usize = 5;

/// Totals by destination, then the slots in which something happened.
pub(crate) fn render(report: &HistoryReport) -> String {
    let at = |seconds| date_and_time(UnixMillis::from_seconds(seconds));
    let mut text = format!("From {} to {}\n", at(report.from), at(report.to));
    for note in &report.notes {
        let _ = writeln!(text, "note: {note}");
    }
    if report.total.destinations.is_empty() && report.total.refused.is_empty() {
        text.push_str("\nNothing happened, or nothing was counted: `segue serve` counts unless [history] is switched off.\n");
        return text;
    }
    for (source, messages) in &report.total.sources {
        let _ = writeln!(
            text,
            "Source {}: {}",
            visible(source),
            counted(*messages, "message", "messages")
        );
    }
    text.push_str(&reasons(
        "Refused before any destination",
        &report.total.refused,
    ));
    for (name, counts) in &report.total.destinations {
        let _ = write!(text, "\nDestination {}\n", visible(name));
        text.push_str(&totals(counts));
        text.push_str(&match_keys(report, name));
        let _ = write!(text, "\n{}\n", slots(report, name));
    }
    text
}

fn totals(counts: &DestinationCounts) -> String {
    let mut text = format!(
        "  {} accepted, {} delivered\n",
        grouped(counts.accepted),
        grouped(counts.delivered)
    );
    for (what, by_reason) in [
        ("Skipped", &counts.skipped),
        ("Rejected", &counts.rejected),
        ("Dead letters", &counts.dead_lettered),
        ("Failed requests", &counts.failed_requests),
    ] {
        text.push_str(&reasons(&format!("  {what}"), by_reason));
    }
    let times = &counts.answer_times;
    if let (Some(median), Some(slow)) = (times.quantile(0.5), times.quantile(0.95)) {
        let _ = writeln!(
            text,
            "  Answers of Meta: half within {median} ms, 95 % within {slow} ms"
        );
    }
    text
}

/// The match keys of the most frequent events of a destination, with what the match memory has added.
fn match_keys(report: &HistoryReport, destination: &str) -> String {
    let mut names = report.match_keys.clone();
    names.retain(|one| one.destination == destination);
    names.sort_by_key(|one| Reverse(one.events));
    let mut text = String::new();
    for one in names.iter().take(LISTED_NAMES) {
        let mut keys: Vec<_> = one.keys.iter().collect();
        keys.sort_by_key(|(_, count)| Reverse(**count));
        let share = |(key, count): (&&str, &u64)| match one.remembered.get(key) {
            Some(added) => format!(
                "{key} {} ({} without the match memory)",
                percent(*count, one.events),
                percent(count.saturating_sub(*added), one.events)
            ),
            None => format!("{key} {}", percent(*count, one.events)),
        };
        let shares: Vec<_> = keys.into_iter().map(share).collect();
        let (name, shares) = (visible(&one.event), shares.join(", "));
        let _ = writeln!(text, "  Match keys of {name}: {shares}");
    }
    text
}

fn reasons(what: &str, by_reason: &BTreeMap<String, u64>) -> String {
    if by_reason.is_empty() {
        return String::new();
    }
    let reasons: Vec<_> = by_reason
        .iter()
        .map(|(reason, count)| format!("{} {}", grouped(*count), visible(reason)))
        .collect();
    format!("{what}: {}\n", reasons.join(", "))
}

fn slots(report: &HistoryReport, name: &str) -> TableBuilder {
    let header = [
        "From",
        "Accepted",
        "Delivered",
        "Skipped",
        "Rejected",
        "Dead letters",
    ];
    let mut table = TableBuilder::new(Stream::Out, &header);
    for column in 1..header.len() {
        table.align_right(column);
    }
    let busy: Vec<_> = report
        .slots
        .iter()
        .filter_map(|slot| Some((slot.at, slot.destinations.get(name)?)))
        .collect();
    for (at, counts) in busy.iter().skip(busy.len().saturating_sub(LISTED)) {
        let sum = |by_reason: &BTreeMap<String, u64>| grouped(by_reason.values().sum());
        let cells = [
            date_and_time(UnixMillis::from_seconds(*at)),
            grouped(counts.accepted),
            grouped(counts.delivered),
            sum(&counts.skipped),
            sum(&counts.rejected),
            sum(&counts.dead_lettered),
        ];
        let cells = cells
            .each_ref()
            .map(|cell| (cell.as_str(), CellStyle::Plain));
        table.row(&cells);
    }
    table
}
