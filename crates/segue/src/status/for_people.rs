//! The status for people: where things stand, what is wrong, and what to do about it.

use std::fmt::Write;

use conversions_delivery::{DestinationStatus, Held, HoldCause, LastError, UnixMillis};

use crate::data_folder::DataFolder;
use crate::dead_letters::awaiting_sentence;
use crate::process::{Life, Process};
use crate::prose::{paragraph, sentence};
use crate::status::Seen;
use crate::status::figures::figures;
use crate::terminal::{Stream, grouped, headline};
use crate::when::{ago, date_and_time, span};

/// Everything, beginning with how old it is.
pub(crate) fn text(seen: &Seen, folder: &DataFolder) -> String {
    let mut text = format!("{}\n", paragraph(&process(seen), 0));
    // Writing to a String cannot fail.
    if let Some(fault) = &seen.log_fault {
        let _ = writeln!(
            text,
            "\n{}",
            paragraph(
                &format!(
                    "Nothing can be delivered: {} Nothing that was accepted is lost.",
                    fault.trim_end_matches('.').to_owned() + "."
                ),
                0
            )
        );
    }
    for damage in &seen.damage {
        let _ = writeln!(text, "\n{}", paragraph(damage, 0));
    }
    for (name, status) in &seen.destinations {
        let _ = write!(
            text,
            "\n{}\n{}\n",
            headline(Stream::Out, name),
            figures(status, seen)
        );
        for said in troubles(status, seen, folder) {
            let _ = writeln!(text, "\n{}", paragraph(&said, 1));
        }
    }
    let next = next_steps(seen, folder);
    if !next.is_empty() {
        let _ = write!(text, "\n{}\n", headline(Stream::Out, "What to do next"));
        let _ = writeln!(text, "{}", next.join("\n"));
    }
    text
}

fn process(seen: &Seen) -> String {
    match &seen.process {
        None => "No process has reported from this data folder yet.".to_owned(),
        Some(Process {
            pid,
            updated_at,
            life,
        }) => {
            let age = span(seen.now.since(*updated_at));
            match life {
                Life::Running => format!(
                    "Process {pid} is running. These figures are {age} old; counts are since it started."
                ),
                Life::Unseen => format!(
                    "Process {pid} wrote these figures {}. It is not on this machine: it has ended since, or runs elsewhere.",
                    ago(*updated_at, seen.now)
                ),
                Life::Ended => format!(
                    "No process is running. These figures are {age} old: process {pid} wrote them at {}, and has not been heard of since.",
                    date_and_time(*updated_at)
                ),
            }
        }
    }
}

/// What is wrong with a destination, and what to do.
fn troubles(status: &DestinationStatus, seen: &Seen, folder: &DataFolder) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(held) = &status.held {
        said.push(hold(held, seen, folder));
    }
    let paused = status
        .paused_until
        .filter(|until| seen.is_running() && *until > seen.now);
    if let Some(until) = paused {
        said.push(format!(
            "Paused for another {}, as Meta asked.",
            span(until.since(seen.now))
        ));
    }
    if let Some(error) = &status.last_error {
        said.push(last_error(error, status.held.as_ref(), seen.now));
    }
    said
}

fn hold(held: &Held, seen: &Seen, folder: &DataFolder) -> String {
    let since = span(seen.now.since(held.since));
    let what = if seen.is_running() {
        format!("HELD for {since}")
    } else {
        "HELD when the process ended".to_owned()
    };
    let then = match (held.cause, seen.is_running()) {
        (HoldCause::DeadLettersFull, _) => {
            format!("`{}` lists them.", folder.command("dead-letters list"))
        }
        (_, true) => "It is tried again now and then, and goes on by itself when this is put right at Meta; after a change of settings or of the token, start it again.".to_owned(),
        (_, false) => "The next run tries again.".to_owned(),
    };
    format!(
        "{what} ({}): {} {then} Nothing is lost meanwhile.",
        held.cause.name(),
        sentence(&held.sentence)
    )
}

fn last_error(error: &LastError, held: Option<&Held>, now: UnixMillis) -> String {
    let mut details = Vec::new();
    details.extend(error.status.map(|status| format!("HTTP {status}")));
    details.extend(error.code.map(|code| match error.subcode {
        Some(subcode) => format!("code {code}/{subcode}"),
        None => format!("code {code}"),
    }));
    details.extend(
        error
            .fbtrace_id
            .as_ref()
            .map(|id| format!("fbtrace_id {id}")),
    );
    let mut said = format!("The last error, {}", ago(error.at, now));
    if !details.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(said, " ({})", details.join(", "));
    }
    if held.is_some_and(|held| held.sentence == error.sentence) {
        return format!("{said}, was the same.");
    }
    format!("{said}: {}", sentence(&error.sentence))
}

fn next_steps(seen: &Seen, folder: &DataFolder) -> Vec<String> {
    let step = |text: &str, command: &str| format!("{}\n   {command}", paragraph(text, 1));
    let mut steps = Vec::new();
    let backlog: u64 = seen
        .destinations
        .values()
        .map(|status| status.backlog)
        .sum();
    if backlog > 0 && !seen.is_running() {
        let events = match backlog {
            1 => "1 event is".to_owned(),
            _ => format!("{} events are", grouped(backlog)),
        };
        steps.push(step(
            &format!(
                "{events} still to be sent. Run the same `segue send` or `segue serve` again, or, to send nothing else:"
            ),
            &folder.send_what_is_kept(),
        ));
    }
    if seen.awaiting_replay > 0 {
        steps.push(paragraph(&awaiting_sentence(seen.awaiting_replay), 1));
    }
    let letters = seen
        .destinations
        .values()
        .any(|status| !status.dead_letters.is_empty());
    if letters {
        steps.push(step(
            "Events were given up. Which they are, why, and what can be done about it:",
            &folder.command("dead-letters list"),
        ));
    }
    if let Some(why) = &seen.uncounted {
        steps.push(paragraph(
            &format!(
                "The dead letters could not be counted, and are shown as the last process left them: {}",
                sentence(why)
            ),
            1,
        ));
    }
    steps
}
