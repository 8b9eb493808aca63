//! All about one dead letter, as text.

use std::borrow::Cow;
use std::fmt::Write;

use conversions_delivery::{DeadLetter, DeadLetterReason, UnixMillis, Verdict};
use segue_insight::dead_letters::{
    DeadLetterDetails, advice, deliverable_until, meaning, reason_now, with_notes,
    with_notes_on_lines,
};

use super::name;
use crate::cli::data_folder::Log;
use crate::render::prose::paragraph;
use crate::render::terminal::{CellStyle, Stream, TableBuilder, headline, visible};
use crate::render::time::{ago, date_and_time, span};

/// All about one dead letter.
pub(crate) fn render(letter: &DeadLetter, log: &Log, now: UnixMillis) -> String {
    let title = format!("Dead letter {}: {}", letter.id.0, letter.reason);
    let mut text = format!(
        "{}\n{}\n\n{}\n",
        headline(Stream::Out, &title),
        meaning(letter.reason),
        about(letter, now)
    );
    // Writing to a String cannot fail.
    if let Some(verdict) = &letter.verdict {
        let _ = write!(
            text,
            "\n{}\n{}\n",
            headline(Stream::Out, "What Meta answered last"),
            answer(verdict, &DeadLetterDetails::of(letter))
        );
    }
    let _ = match with_notes_on_lines(&letter.event) {
        Some(event) => write!(
            text,
            "\n{}\n{}\n",
            headline(Stream::Out, "The event, as it was sent"),
            escaped_json(&event)
        ),
        None => writeln!(
            text,
            "\nThe event cannot be shown: the stored text is not JSON."
        ),
    };
    let _ = write!(
        text,
        "\n{}\n{}\n",
        headline(Stream::Out, "What can be done"),
        what_to_do(letter, log, now)
    );
    text
}

fn about(letter: &DeadLetter, now: UnixMillis) -> TableBuilder {
    let labels = letter.labels();
    let mut table = TableBuilder::new(Stream::Out, &[]);
    let mut row = |what: &str, value: &str| {
        table.row(&[(what, CellStyle::Plain), (value, CellStyle::Strong)]);
    };
    row("Destination", &name(&letter.destination));
    if let Some(event_name) = &labels.event_name {
        row("Event", &name(event_name));
    }
    if let Some(event_id) = &labels.event_id {
        row("event_id", event_id);
    }
    for (what, time) in [("Accepted", letter.first_at), ("Given up", letter.last_at)] {
        row(
            what,
            &format!("{}, {}", date_and_time(time), ago(time, now)),
        );
    }
    row("Attempts", &letter.attempts.to_string());
    if let Some(line) = letter.line {
        row("Line of the input", &line.to_string());
    }
    if let Some(code) = &letter.test_event_code {
        row("test_event_code", code);
    }
    if let Some(until) = deliverable_until(letter) {
        let until_when = if now > until {
            format!("{}: it is too old by now", date_and_time(until))
        } else {
            format!(
                "{}, for another {}",
                date_and_time(until),
                span(until.since(now))
            )
        };
        let days = letter.max_age.as_secs() / 86_400;
        row(
            "Meta takes it until",
            &format!("{until_when} ({days} days from event_time)"),
        );
    }
    table.keep_whole(0);
    table
}

fn answer(verdict: &Verdict, details: &DeadLetterDetails) -> TableBuilder {
    let code = verdict.code.map(|code| code.to_string());
    let mut table = TableBuilder::new(Stream::Out, &[]);
    for (what, value) in [
        (
            "HTTP status",
            verdict.status.map(|status| status.to_string()),
        ),
        ("code", code),
        (
            "error_subcode",
            verdict.subcode.map(|subcode| subcode.to_string()),
        ),
        ("message", verdict.message.clone()),
        ("error_user_title", verdict.error_user_title.clone()),
        ("error_user_msg", verdict.error_user_msg.clone()),
        ("fbtrace_id", verdict.fbtrace_id.clone()),
        ("What it means", details.meaning.map(str::to_owned)),
    ] {
        if let Some(value) = value {
            table.row(&[(what, CellStyle::Plain), (&value, CellStyle::Strong)]);
        }
    }
    table.keep_whole(0);
    table
}

fn what_to_do(letter: &DeadLetter, log: &Log, now: UnixMillis) -> String {
    let reason = reason_now(letter, now);
    let can_be_sent = !matches!(
        reason,
        DeadLetterReason::EventTimeTooOld | DeadLetterReason::Damaged
    );
    let mut text = format!("{}\n", paragraph(advice(reason), 0));
    let commands = [
        ("replay", can_be_sent),
        ("export", with_notes(&letter.event).is_some()),
        ("purge", true),
    ];
    for (command, _) in commands.into_iter().filter(|(_, is_possible)| *is_possible) {
        let command = log.command(&format!("dead-letters {command} --id {}", letter.id.0));
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {command}");
    }
    text
}

/// JSON in which escapes of JSON replace the characters that would control a terminal.
fn escaped_json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let mut bytes = [0; 4];
        if c == '\n' || matches!(visible(c.encode_utf8(&mut bytes)), Cow::Borrowed(_)) {
            shown.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_of_an_event_controls_the_terminal() {
        let event = "{\"event_name\":\"a\u{9b}2J\u{202e}b\\u001b\"}";
        let shown = escaped_json(event);
        assert_eq!(shown, "{\"event_name\":\"a\\u009b2J\\u202eb\\u001b\"}");
        let parsed: serde_json::Value = serde_json::from_str(&shown).expect("still JSON");
        assert_eq!(parsed["event_name"], "a\u{9b}2J\u{202e}b\u{1b}");
    }
}
