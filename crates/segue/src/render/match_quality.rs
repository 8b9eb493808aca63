//! The report on match quality as tables with bars, at most [`WIDTH`] columns wide.

mod layout;

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use match_quality::{NameCounts, Report, TimeSource, percent};

use crate::render::terminal::{counted, grouped};
use layout::{WIDTH, bar, shortened, wrapped};

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// Columns of the longest bars.
const BAR: u64 = 20;

/// Columns of the bars of match keys, which leave room for the paths beside them.
const KEY_BAR: u64 = 16;

/// The whole report, coloured.
pub(crate) fn render(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "{}", introduction(report));
    outcomes(&mut text, report);
    match_keys(&mut text, report);
    reasons(&mut text, report);
    names(&mut text, report);
    what_to_do(&mut text, report);
    what_would_help(&mut text, report);
    text
}

fn introduction(report: &Report) -> String {
    let of = match &report.destination {
        Some(name) => format!(" for {name}"),
        None => String::new(),
    };
    let time = report.judged_at.time;
    let now = match report.judged_at.source {
        TimeSource::Option => format!("{time}, as --now says"),
        TimeSource::NewestEvent => {
            format!(
                "{time}, the newest time stamp of the file (--now sets another; `send` uses the clock)"
            )
        }
        TimeSource::Clock => {
            format!("the time of day, {time} at the beginning (--now sets another)")
        }
    };
    let introduction = format!("Events of {}{of}, judged at {now}.", report.input);
    wrapped(&introduction, "")
}

fn headline(text: &mut String, headline: &str) {
    let _ = writeln!(text, "\n{STRONG}{headline}{STRONG:#}");
}

/// A name, its count, its share and a bar.
fn line(text: &mut String, (name, style): (&str, Style), count: u64, total: u64) {
    let (share, drawn) = (percent(count, total), bar(count, total, BAR));
    let row = format!(
        "  {style}{name:<33}{style:#}{:>11}  {share:>6}  {drawn}",
        grouped(count)
    );
    let _ = writeln!(text, "{}", row.trim_end());
}

fn outcomes(text: &mut String, report: &Report) {
    let outcomes = &report.counts.outcomes;
    let headline = format!("{} read", counted(outcomes.read, "line", "lines"));
    self::headline(text, &headline);
    line(text, ("accepted", GOOD), outcomes.accepted, outcomes.read);
    line(
        text,
        ("skipped", STRONG),
        outcomes.total_skipped(),
        outcomes.read,
    );
    line(
        text,
        ("rejected", BAD),
        outcomes.total_rejected(),
        outcomes.read,
    );
}

fn match_keys(text: &mut String, report: &Report) {
    let counts = &report.counts;
    let formed = counts.formed();
    if formed == 0 {
        return;
    }
    let mut of = counted(formed, "event", "events");
    if counts.refused > 0 {
        let _ = write!(of, ", {} of them rejected", grouped(counts.refused));
    }
    headline(text, &format!("Match keys of {of}"));
    for key in report.match_keys() {
        let events = key.count.formed();
        let (share, drawn) = (percent(events, formed), bar(events, formed, KEY_BAR));
        let field = shortened(&key.segment_field, 33);
        let (name, width) = (key.name, usize::try_from(KEY_BAR).unwrap_or_default());
        let field = match key.count.from_memory {
            0 => field,
            remembered => format!("{} from memory", percent(remembered, formed)),
        };
        let _ = writeln!(
            text,
            "  {name:<17}  {drawn:<width$}  {share:>6}  {FAINT}{field}{FAINT:#}"
        );
    }
}

fn reasons(text: &mut String, report: &Report) {
    let counts = &report.counts;
    let outcomes = &counts.outcomes;
    let mut section = |title: &str, style, total, mut rows: Vec<(&str, u64, &str)>| {
        if rows.is_empty() {
            return;
        }
        headline(text, title);
        rows.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
        for (name, count, sentence) in rows {
            line(text, (name, style), count, total);
            let _ = writeln!(text, "{FAINT}{}{FAINT:#}", wrapped(sentence, "    "));
        }
    };
    let skipped = outcomes.skipped.iter();
    let skipped = skipped.map(|(name, count)| (*name, *count, Report::skip_sentence(name)));
    section("Skipped", STRONG, outcomes.read, skipped.collect());
    let rejected = outcomes.rejected.iter();
    let rejected = rejected.map(|(name, count)| (*name, *count, Report::reject_sentence(name)));
    section("Rejected", BAD, outcomes.read, rejected.collect());
    let warnings = counts.warnings.iter();
    let warnings = warnings.map(|(warning, count)| (warning.name(), *count, warning.sentence()));
    section(
        "Warnings on accepted events",
        DOUBTFUL,
        outcomes.accepted,
        warnings.collect(),
    );
}

fn names(text: &mut String, report: &Report) {
    for (title, counts) in [
        ("Sent as standard events", &report.counts.standard),
        ("Sent under their own names", &report.counts.custom),
    ] {
        let total = counts.total();
        if total > 0 {
            headline(text, &format!("{title}: {}", grouped(total)));
            name_rows(text, counts, total);
        }
    }
}

fn name_rows(text: &mut String, counts: &NameCounts, total: u64) {
    let mut row = |count: u64, name: &str| {
        let share = percent(count, total);
        let _ = writeln!(text, "{:>11}  {share:>6}  {name}", grouped(count));
    };
    let top = counts.top(Report::TOP_NAMES);
    for (name, named) in top.names {
        // Together with the longest standard event and the arrow it fills the line.
        let name = shortened(name, WIDTH - 21 - 23);
        match named.standard_event {
            Some(standard) if standard.name() != name => {
                row(named.events, &format!("{name} → {standard}"));
            }
            _ => row(named.events, &name),
        }
    }
    for (count, name) in [
        (top.others, "(other names)"),
        (counts.not_shown, "(name not shown)"),
    ] {
        if count > 0 {
            row(count, name);
        }
    }
}

fn what_to_do(text: &mut String, report: &Report) {
    let counts = &report.counts;
    let intended = counts.intended();
    if intended == 0 {
        let nothing = if counts.outcomes.read == 0 {
            "It has no events."
        } else {
            "No line is for this destination, so there is nothing to do."
        };
        let _ = writeln!(text, "\n{nothing}");
        return;
    }
    let findings = report.findings();
    if findings.is_empty() {
        let _ = writeln!(text, "\n{GOOD}Nothing needs to be done.{GOOD:#}");
        return;
    }
    headline(text, "What to do first");
    for (place, finding) in (1..).zip(findings.iter().take(Report::WORST)) {
        let name = finding.name;
        let (lines, of) = (grouped(finding.lines), counted(intended, "event", "events"));
        let share = percent(finding.lines, intended);
        let _ = writeln!(
            text,
            "  {place}. {STRONG}{name}{STRONG:#}: {lines} of {of}, {share}"
        );
        let _ = writeln!(text, "{}", wrapped(finding.what_to_do, "     "));
    }
}

fn what_would_help(text: &mut String, report: &Report) {
    let suggestions = report.suggestions();
    if suggestions.is_empty() {
        return;
    }
    let formed = report.counts.formed();
    headline(text, "What would help");
    for suggestion in suggestions {
        let name = suggestion.kind.name();
        let (events, of) = (
            grouped(suggestion.events),
            counted(formed, "event", "events"),
        );
        let share = percent(suggestion.events, formed);
        let _ = writeln!(
            text,
            "  - {STRONG}{name}{STRONG:#}: {events} of {of}, {share}"
        );
        let _ = writeln!(text, "{}", wrapped(&suggestion.what_to_do, "     "));
    }
}

#[cfg(test)]
mod tests;
