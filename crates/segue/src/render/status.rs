//! The status of delivery: the figures, what is wrong, and what to do about it.

mod figures;

use std::fmt::Write;

use conversions_delivery::{DestinationStatus, Held, HoldCause, LastError, UnixMillis};

use segue_insight::status::{DeliveryStatus, Process, ProcessState};

use crate::cli::data_folder::Log;
use crate::render::dead_letters::awaiting_sentence;
use crate::render::prose::{paragraph, sentence};
use crate::render::terminal::{Stream, grouped, headline};
use crate::render::time::{ago, date_and_time, span};

/// The whole status, beginning with how old it is.
pub(crate) fn render(delivery: &DeliveryStatus, log: &Log) -> String {
    let mut text = format!("{}\n", paragraph(&process(delivery), 0));
    // Writing to a String cannot fail.
    if let Some(fault) = &delivery.log_fault {
        let _ = writeln!(
            text,
            "\n{}",
            paragraph(
                &format!(
                    "Nothing can be delivered: {} No accepted event is lost.",
                    fault.trim_end_matches('.').to_owned() + "."
                ),
                0
            )
        );
    }
    for damage in &delivery.damage {
        let _ = writeln!(text, "\n{}", paragraph(damage, 0));
    }
    for (name, status) in &delivery.destinations {
        let _ = write!(
            text,
            "\n{}\n{}\n",
            headline(Stream::Out, name),
            figures::figures(status, delivery)
        );
        for said in troubles(status, delivery, log) {
            let _ = writeln!(text, "\n{}", paragraph(&said, 1));
        }
    }
    let next = next_steps(delivery, log);
    if !next.is_empty() {
        let _ = write!(text, "\n{}\n", headline(Stream::Out, "What to do next"));
        let _ = writeln!(text, "{}", next.join("\n"));
    }
    text
}

fn process(delivery: &DeliveryStatus) -> String {
    match &delivery.process {
        None => "No process has reported yet.".to_owned(),
        Some(Process {
            pid,
            updated_at,
            state,
        }) => {
            let age = span(delivery.now.since(*updated_at));
            match state {
                ProcessState::Running => format!(
                    "Process {pid} is running. These figures are {age} old; counts are since it started."
                ),
                ProcessState::Unseen => format!(
                    "Process {pid} wrote these figures {}. It is not on this machine: it has ended, or runs elsewhere.",
                    ago(*updated_at, delivery.now)
                ),
                ProcessState::Ended => format!(
                    "No process is running. These figures are {age} old: process {pid} wrote them at {} and has not reported since.",
                    date_and_time(*updated_at)
                ),
            }
        }
    }
}

/// What is wrong with a destination, and what to do.
fn troubles(status: &DestinationStatus, delivery: &DeliveryStatus, log: &Log) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(held) = &status.held {
        said.push(hold(held, delivery, log));
    }
    let paused = status
        .paused_until
        .filter(|until| delivery.is_running() && *until > delivery.now);
    if let Some(until) = paused {
        said.push(format!(
            "Paused for another {}, as Meta asked.",
            span(until.since(delivery.now))
        ));
    }
    if let Some(error) = &status.last_error {
        said.push(last_error(error, status.held.as_ref(), delivery.now));
    }
    said
}

fn hold(held: &Held, delivery: &DeliveryStatus, log: &Log) -> String {
    let since = span(delivery.now.since(held.since));
    let what = if delivery.is_running() {
        format!("HELD for {since}")
    } else {
        "HELD when the process ended".to_owned()
    };
    let then = match (held.cause, delivery.is_running()) {
        (HoldCause::DeadLettersFull, _) => {
            format!("`{}` lists them.", log.command("dead-letters list"))
        }
        (_, true) => "It is tried again regularly, and continues by itself once the cause is fixed at Meta. `segue serve` reads changed settings and tokens by itself; start `segue send` again after a change.".to_owned(),
        (_, false) => "The next run tries again.".to_owned(),
    };
    format!(
        "{what} ({}): {} {then} No event is lost meanwhile.",
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

fn next_steps(delivery: &DeliveryStatus, log: &Log) -> Vec<String> {
    let step = |text: &str, command: &str| format!("{}\n   {command}", paragraph(text, 1));
    let mut steps = Vec::new();
    let backlog: u64 = delivery
        .destinations
        .values()
        .map(|status| status.backlog)
        .sum();
    if backlog > 0 && !delivery.is_running() {
        let events = match backlog {
            1 => "1 event is".to_owned(),
            _ => format!("{} events are", grouped(backlog)),
        };
        steps.push(step(
            &format!(
                "{events} still to be sent. Run the same `segue send` or `segue serve` again. To send nothing else:"
            ),
            &log.command_to_send_kept(),
        ));
    }
    if delivery.awaiting_replay > 0 {
        steps.push(paragraph(&awaiting_sentence(delivery.awaiting_replay), 1));
    }
    let letters = delivery
        .destinations
        .values()
        .any(|status| !status.dead_letters.is_empty());
    if letters {
        steps.push(step(
            "Events were given up. To see which, why, and what to do:",
            &log.command("dead-letters list"),
        ));
    }
    if let Some(why) = &delivery.uncounted {
        steps.push(paragraph(
            &format!(
                "The dead letters could not be counted; these are the counts of the last process: {}",
                sentence(why)
            ),
            1,
        ));
    }
    steps
}

#[cfg(test)]
mod tests;
