//! A run as a table, and the sentences below it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use conversions_delivery::{Ended, Summary};
use conversions_mapping::{MessageFault, SkipReason};
use facebook_conversions::validation::Violation;

use crate::prose::sentence;
use crate::route::Mode;
use crate::send::report::{Figures, Report};
use crate::terminal::{Grid, Look, Stream, counted, grouped, headline};

mod letters;
use letters::{kept_letters, letters, of_others};

/// What became of every line.
pub(crate) fn table(report: &Report) -> String {
    let mut text = String::new();
    for (name, figures) in report.by_destination() {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n{}\n{}\n",
            headline(Stream::Err, name),
            counts(&figures, report, false)
        );
    }
    if !text.is_empty() {
        let _ = write!(text, "\n{}", headline(Stream::Err, "All together"));
    }
    let _ = write!(text, "\n{}", counts(&report.figures(), report, true));
    text.extend(sandbox(report));
    text
}

fn counts(figures: &Figures, report: &Report, with_time: bool) -> Grid {
    let Figures { tally, totals } = figures;
    let mut grid = Grid::new(Stream::Err, &[]);
    let mut row = |what: &str, count: u64, look: Look, meaning: &str| {
        grid.row(&[
            (what, Look::Plain),
            (&grouped(count), look),
            (meaning, Look::Faint),
        ]);
    };
    row("Lines read", tally.read, Look::Strong, "");
    row("Accepted", tally.accepted, Look::Strong, "");
    if totals.delivered > 0 || tally.accepted > 0 && report.mode != Mode::DryRun {
        row(
            "  delivered",
            totals.delivered,
            Look::Good,
            delivered_where(report),
        );
    }
    if totals.dead_lettered > 0 {
        row(
            "  dead-lettered",
            totals.dead_lettered,
            Look::Bad,
            "given up, since Meta does not take them",
        );
    }
    if totals.pending > 0 {
        let meaning = if report.mode == Mode::DryRun {
            "a dry run sends nothing"
        } else {
            "not delivered yet"
        };
        row("  pending", totals.pending, Look::Doubtful, meaning);
    }
    reasons(
        &mut row,
        "Skipped",
        tally.total_skipped(),
        &tally.skipped,
        Look::Plain,
    );
    reasons(
        &mut row,
        "Rejected",
        tally.total_rejected(),
        &tally.rejected,
        Look::Doubtful,
    );
    if report.mode != Mode::DryRun {
        row("Requests", totals.requests, Look::Strong, "");
        row("Retries", totals.retries, Look::Strong, "");
    }
    // Remarks are counted for all destinations together.
    let remarks = report.warnings();
    if with_time && remarks.requests > 0 {
        row(
            "Warnings",
            remarks.requests,
            Look::Doubtful,
            "requests taken with remarks",
        );
        for (name, count, meaning) in [
            (
                "  events_received",
                remarks.events_received_differs,
                "is not the number of events sent",
            ),
            ("  messages", remarks.messages, "came with the receipt"),
        ] {
            if count > 0 {
                row(name, count, Look::Doubtful, meaning);
            }
        }
    }
    if let Some(summary) = report.summary.as_ref().filter(|_| with_time) {
        let rate = match totals.delivered {
            0 => String::new(),
            delivered => rate(delivered, summary.took),
        };
        grid.row(&[
            ("Time", Look::Plain),
            (&seconds(summary.took), Look::Strong),
            (&rate, Look::Faint),
        ]);
    }
    grid.align_right(1);
    grid.keep_whole(0);
    grid.keep_whole(1);
    grid
}

fn delivered_where(report: &Report) -> &'static str {
    match report.mode {
        Mode::Sandbox => "to the sandbox",
        Mode::Meta | Mode::DryRun => "to Meta",
    }
}

fn reasons(
    row: &mut impl FnMut(&str, u64, Look, &str),
    what: &str,
    total: u64,
    reasons: &BTreeMap<&'static str, u64>,
    look: Look,
) {
    row(what, total, Look::Strong, "");
    for (reason, count) in reasons {
        // What is wrong; what to do about it comes after a semicolon, and there is little room.
        let meaning = meaning(reason).split(';').next().unwrap_or_default();
        row(&format!("  {reason}"), *count, look, meaning);
    }
}

/// The sentence of a reason, by its name.
pub(crate) fn meaning(reason: &str) -> &'static str {
    let skips = SkipReason::ALL
        .iter()
        .map(|skip| (skip.name(), skip.meaning()));
    let faults = MessageFault::ALL
        .iter()
        .map(|fault| (fault.name(), fault.meaning()));
    let violations = Violation::ALL
        .iter()
        .map(|violation| (violation.name(), violation.sentence()));
    let mut all = skips.chain(faults).chain(violations);
    all.find(|(name, _)| *name == reason)
        .map_or("", |(_, meaning)| meaning)
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn rate(delivered: u64, took: Duration) -> String {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    format!(
        "{} events a second",
        grouped(delivered.saturating_mul(1000) / millis)
    )
}

/// What has to be said besides.
pub(crate) fn sentences(report: &Report) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(letters(report));
    said.extend(kept_letters(report));
    said.extend(of_others(report));
    if report.is_input_shorter() {
        said.push(
            "\nNothing was read: the input has fewer lines than --from-line says.".to_owned(),
        );
    }
    match &report.summary {
        Some(summary) => said.extend(why_ended(summary)),
        None if !report.read_to_end && report.input_failure.is_none() => {
            said.push("\nEnded before everything was read, as asked.".to_owned());
        }
        None => {}
    }
    said.extend(how_to_go_on(report));
    said
}

/// With which options the rest is sent.
fn how_to_go_on(report: &Report) -> Option<String> {
    let again = "Run the same command again to go on.";
    if let Some((folder, comes_again)) = &report.kept_in {
        let pending = report.figures().totals.pending;
        let kept = match pending {
            0 => String::new(),
            pending => format!(
                "{} kept in {}. ",
                if pending == 1 {
                    "1 event is".to_owned()
                } else {
                    format!("{} events are", grouped(pending))
                },
                folder.path.display()
            ),
        };
        return match (report.read_to_end, *comes_again) {
            (true, _) if pending == 0 => None,
            (true, _) | (false, true) => Some(format!("{kept}{again}")),
            (false, false) => {
                let options = report.account.resume_at(report.account.next_line);
                Some(format!("{kept}Go on with the same input and {options}."))
            }
        };
    }
    let line = report.resume_line()?;
    let options = report.account.resume_at(line);
    if report.figures().totals.delivered == 0 {
        let ended = report.summary.as_ref().map(|summary| summary.ended);
        return Some(match ended {
            None | Some(Ended::Shutdown) => format!("Go on with the same command and {options}."),
            Some(_) => again.to_owned(),
        });
    }
    Some(format!(
        "Go on with the same command and {options}; what is delivered already behind that line is sent again."
    ))
}

/// What the sandbox counted.
fn sandbox(report: &Report) -> Option<String> {
    report.sandbox.as_ref().map(|totals| {
        format!(
            "\n\nThe sandbox received {} in {}{}.",
            counted(totals.events_received, "event", "events"),
            counted(totals.requests, "request", "requests"),
            match totals.refused_requests {
                0 => String::new(),
                refused => format!(", and refused {}", counted(refused, "request", "requests")),
            },
        )
    })
}

fn why_ended(summary: &Summary) -> Vec<String> {
    let progress = &summary.progress;
    match summary.ended {
        Ended::Done => Vec::new(),
        Ended::Held => {
            let held = progress.held();
            let alone = progress.destinations.len() == 1;
            held.map(|(name, held)| {
                let to = if alone {
                    String::new()
                } else {
                    format!(" to {name}")
                };
                format!("\nNothing more was sent{to}: {}", sentence(&held.sentence))
            })
            .collect()
        }
        Ended::NoProgress => {
            let errors = progress
                .destinations
                .values()
                .filter_map(|destination| destination.last_error.as_ref());
            let last = errors
                .max_by_key(|error| error.at)
                .map_or_else(String::new, |error| {
                    format!(" The last error: {}", sentence(&error.sentence))
                });
            vec![format!(
                "\nGiven up, since nothing could be delivered for so long.{last}"
            )]
        }
        Ended::Shutdown => vec!["\nEnded before everything was delivered, as asked.".to_owned()],
        Ended::LogFailed => {
            let fault = progress
                .log_fault
                .as_deref()
                .unwrap_or("the event log failed");
            vec![format!("\n{}", sentence(fault))]
        }
    }
}
