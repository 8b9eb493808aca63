//! A run as a table, and the sentences below it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use conversions_delivery::{Ended, Summary};
use conversions_mapping::{MessageFault, SkipReason};
use facebook_conversions::validation::Violation;

use segue_app::destinations::Mode;
use segue_app::send::{Figures, KeptIn, SendReport};

use crate::cli::data_folder::quoted;
use crate::render::prose::sentence;
use crate::render::terminal::{CellStyle, Stream, TableBuilder, counted, grouped, headline};

mod letters;
use letters::{kept_letters, letters, of_others};

/// What became of every line.
pub(crate) fn table(report: &SendReport) -> String {
    let mut text = String::new();
    for (name, figures) in report.by_destination() {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n{}\n{}\n",
            headline(Stream::Err, name),
            figures_table(&figures, report, false)
        );
    }
    if !text.is_empty() {
        let _ = write!(text, "\n{}", headline(Stream::Err, "All together"));
    }
    let _ = write!(text, "\n{}", figures_table(&report.figures(), report, true));
    text.extend(sandbox(report));
    text
}

fn figures_table(figures: &Figures, report: &SendReport, with_time: bool) -> TableBuilder {
    let Figures { counts, totals } = figures;
    let mut table = TableBuilder::new(Stream::Err, &[]);
    let mut row = |what: &str, count: u64, style: CellStyle, meaning: &str| {
        table.row(&[
            (what, CellStyle::Plain),
            (&grouped(count), style),
            (meaning, CellStyle::Faint),
        ]);
    };
    row("Lines read", counts.read, CellStyle::Strong, "");
    row("Accepted", counts.accepted, CellStyle::Strong, "");
    if totals.delivered > 0 || counts.accepted > 0 && report.mode != Mode::DryRun {
        row(
            "  delivered",
            totals.delivered,
            CellStyle::Good,
            delivered_where(report),
        );
    }
    if totals.dead_lettered > 0 {
        row(
            "  dead-lettered",
            totals.dead_lettered,
            CellStyle::Bad,
            "given up, because Meta does not accept them",
        );
    }
    if totals.pending > 0 {
        let meaning = if report.mode == Mode::DryRun {
            "a dry run sends nothing"
        } else {
            "not delivered yet"
        };
        row("  pending", totals.pending, CellStyle::Doubtful, meaning);
    }
    reasons(
        &mut row,
        "Skipped",
        counts.total_skipped(),
        &counts.skipped,
        CellStyle::Plain,
    );
    reasons(
        &mut row,
        "Rejected",
        counts.total_rejected(),
        &counts.rejected,
        CellStyle::Doubtful,
    );
    if report.mode != Mode::DryRun {
        row("Requests", totals.requests, CellStyle::Strong, "");
        row("Retries", totals.retries, CellStyle::Strong, "");
    }
    // Remarks are counted for all destinations together.
    let remarks = report.remarks();
    if with_time && remarks.requests > 0 {
        row(
            "Warnings",
            remarks.requests,
            CellStyle::Doubtful,
            "requests that Meta accepted with remarks",
        );
        for (name, count, meaning) in [
            (
                "  events_received",
                remarks.events_received_differs,
                "differs from the number of events sent",
            ),
            ("  messages", remarks.messages, "came with the receipt"),
        ] {
            if count > 0 {
                row(name, count, CellStyle::Doubtful, meaning);
            }
        }
    }
    if let Some(summary) = report.summary.as_ref().filter(|_| with_time) {
        let rate = match totals.delivered {
            0 => String::new(),
            delivered => rate(delivered, summary.took),
        };
        table.row(&[
            ("Time", CellStyle::Plain),
            (&seconds(summary.took), CellStyle::Strong),
            (&rate, CellStyle::Faint),
        ]);
    }
    table.align_right(1);
    table.keep_whole(0);
    table.keep_whole(1);
    table
}

fn delivered_where(report: &SendReport) -> &'static str {
    match report.mode {
        Mode::Sandbox => "to the sandbox",
        Mode::Meta | Mode::DryRun => "to Meta",
    }
}

fn reasons(
    row: &mut impl FnMut(&str, u64, CellStyle, &str),
    what: &str,
    total: u64,
    reasons: &BTreeMap<&'static str, u64>,
    style: CellStyle,
) {
    row(what, total, CellStyle::Strong, "");
    for (reason, count) in reasons {
        // There is room for what is wrong, not for the advice after the semicolon.
        let meaning = meaning(reason).split(';').next().unwrap_or_default();
        row(&format!("  {reason}"), *count, style, meaning);
    }
}

/// The sentence of a reason, by its name.
fn meaning(reason: &str) -> &'static str {
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

/// The sentences below the table.
pub(crate) fn sentences(report: &SendReport) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(letters(report));
    said.extend(kept_letters(report));
    said.extend(of_others(report));
    if report.is_input_shorter() {
        said.push("\nNothing was read: the input has fewer lines than --from-line.".to_owned());
    }
    match &report.summary {
        Some(summary) => said.extend(why_ended(summary)),
        None if !report.read_to_end && report.input_error.is_none() => {
            said.push("\nInterrupted before everything was read.".to_owned());
        }
        None => {}
    }
    said.extend(how_to_go_on(report));
    said
}

/// Where test events are seen, after a run that sent some to Meta.
pub(crate) fn where_to_look(report: &SendReport, code: &str) -> Option<String> {
    let delivered = report.figures().totals.delivered;
    (report.mode == Mode::Meta && delivered > 0).then(|| {
        format!(
            "\nLook in Events Manager: your pixel, the tab Test Events with the code {code}. {} there within a minute or \
             two, received from Server. Meta counts test events like others.",
            if delivered == 1 { "The event shows up" } else { "The events show up" },
        )
    })
}

/// How to resume.
fn how_to_go_on(report: &SendReport) -> Option<String> {
    let again = "Run the same command again to resume.";
    let options = |line| report.resume_options(line, |word| quoted(word).into_owned());
    if let Some(KeptIn {
        folder,
        recognises_input,
    }) = &report.kept_in
    {
        let pending = report.figures().totals.pending;
        let kept = match pending {
            0 => String::new(),
            1 => format!("1 event is kept in {}. ", folder.path().display()),
            pending => format!(
                "{} events are kept in {}. ",
                grouped(pending),
                folder.path().display()
            ),
        };
        return match (report.read_to_end, *recognises_input) {
            (true, _) if pending == 0 => None,
            (true, _) | (false, true) => Some(format!("{kept}{again}")),
            (false, false) => {
                let options = options(report.totals.next_line);
                Some(format!("{kept}Resume with the same input and {options}."))
            }
        };
    }
    let options = options(report.resume_line()?);
    if report.figures().totals.delivered == 0 {
        let ended = report.summary.as_ref().map(|summary| summary.ended);
        return Some(match ended {
            None | Some(Ended::Shutdown) => format!("Resume with the same command and {options}."),
            Some(_) => again.to_owned(),
        });
    }
    Some(format!(
        "Resume with the same command and {options}; events after that line that were delivered already are sent again."
    ))
}

/// What the sandbox counted.
fn sandbox(report: &SendReport) -> Option<String> {
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
                "\nGave up: nothing was delivered for the time of --give-up-after.{last}"
            )]
        }
        Ended::Shutdown => vec!["\nInterrupted before everything was delivered.".to_owned()],
        Ended::LogFailed => {
            let fault = progress
                .log_fault
                .as_deref()
                .unwrap_or("the event log failed");
            vec![format!("\n{}", sentence(fault))]
        }
    }
}
