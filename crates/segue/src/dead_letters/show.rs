//! `segue dead-letters show ID`.

use std::fmt::Write;

use conversions_delivery::{DeadLetter, DeadLetterReason, EventKey, UnixMillis, Verdict};
use facebook_conversions::error_table::classify;
use facebook_conversions::reply::GraphError;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cli::Format;
use crate::data_folder::DataFolder;
use crate::dead_letters::args::ShowArgs;
use crate::dead_letters::event_text::{for_people, with_notes};
use crate::dead_letters::list::name;
use crate::dead_letters::open;
use crate::dead_letters::reasons::{advice, meaning};
use crate::dead_letters::selection::{destinations, find};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::prose::{paragraph, print};
use crate::terminal::{Grid, Look, Stream, headline};
use crate::when::{ago, date_and_time, now, rfc3339, span};

/// Runs the command.
pub(crate) fn run(args: &ShowArgs) -> Result<Exit, Failure> {
    destinations(args.settings.as_deref())?;
    let letters = open(&args.folder)?;
    let letter = find(&letters, EventKey(args.id))?;
    print(&match args.format {
        Format::Json => for_programs(&letter)?,
        Format::Table => text(&letter, &args.folder, now()),
    })?;
    Ok(Exit::Done)
}

/// All about one: what `list` says, and more.
#[derive(Serialize)]
struct Shown<'l> {
    id: u64,
    event_id: Option<String>,
    event_name: Option<String>,
    destination: &'l str,
    reason: &'static str,
    code: Option<i64>,
    subcode: Option<i64>,
    attempts: u32,
    first_at: Option<String>,
    last_at: Option<String>,
    event_time: i64,
    deliverable_until: Option<String>,
    line: Option<u64>,
    test_event_code: Option<&'l str>,
    status: Option<u16>,
    message: Option<&'l str>,
    error_user_title: Option<&'l str>,
    error_user_msg: Option<&'l str>,
    fbtrace_id: Option<&'l str>,
    meaning: Option<&'static str>,
    event: Option<Box<RawValue>>,
}

pub(super) fn for_programs(letter: &DeadLetter) -> Result<String, Failure> {
    let labels = letter.labels();
    let nothing = Verdict::default();
    let verdict = letter.verdict.as_ref().unwrap_or(&nothing);
    let shown = Shown {
        id: letter.id.0,
        event_id: labels.event_id,
        event_name: labels.event_name,
        destination: &letter.destination,
        reason: letter.reason.name(),
        code: verdict.code,
        subcode: verdict.subcode,
        attempts: letter.attempts,
        first_at: rfc3339(letter.first_at),
        last_at: rfc3339(letter.last_at),
        event_time: letter.event_time,
        deliverable_until: deliverable_until(letter).and_then(rfc3339),
        line: letter.line,
        test_event_code: letter.test_event_code.as_deref(),
        status: verdict.status,
        message: verdict.message.as_deref(),
        error_user_title: verdict.error_user_title.as_deref(),
        error_user_msg: verdict.error_user_msg.as_deref(),
        fbtrace_id: verdict.fbtrace_id.as_deref(),
        meaning: explained(verdict),
        event: with_notes(&letter.event),
    };
    let text = serde_json::to_string(&shown).map_err(|error| Failure::of(&error))?;
    Ok(format!("{text}\n"))
}

/// All about one, for people.
pub(super) fn text(letter: &DeadLetter, folder: &DataFolder, now: UnixMillis) -> String {
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
            answer(verdict)
        );
    }
    let _ = match for_people(&letter.event) {
        Some(event) => write!(
            text,
            "\n{}\n{event}\n",
            headline(Stream::Out, "The event, as it was sent")
        ),
        None => writeln!(
            text,
            "\nThe event cannot be shown: what is stored is no JSON."
        ),
    };
    let _ = write!(
        text,
        "\n{}\n{}\n",
        headline(Stream::Out, "What can be done"),
        what_to_do(letter, folder, now)
    );
    text
}

fn about(letter: &DeadLetter, now: UnixMillis) -> Grid {
    let labels = letter.labels();
    let mut grid = Grid::new(Stream::Out, &[]);
    let mut row = |what: &str, value: &str| {
        grid.row(&[(what, Look::Plain), (value, Look::Strong)]);
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
    grid.keep_whole(0);
    grid
}

fn answer(verdict: &Verdict) -> Grid {
    let code = verdict.code.map(|code| code.to_string());
    let mut grid = Grid::new(Stream::Out, &[]);
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
        ("What it means", explained(verdict).map(str::to_owned)),
    ] {
        if let Some(value) = value {
            grid.row(&[(what, Look::Plain), (&value, Look::Strong)]);
        }
    }
    grid.keep_whole(0);
    grid
}

/// What the table of errors says about Meta's code.
fn explained(verdict: &Verdict) -> Option<&'static str> {
    let error = GraphError::new(
        verdict.status.unwrap_or(400),
        verdict.code?,
        verdict.subcode,
    );
    Some(classify(&error).sentence)
}

fn what_to_do(letter: &DeadLetter, folder: &DataFolder, now: UnixMillis) -> String {
    let is_too_old = deliverable_until(letter).is_some_and(|until| now > until);
    let reason = if is_too_old {
        DeadLetterReason::EventTimeTooOld
    } else {
        letter.reason
    };
    let can_be_sent = !matches!(
        reason,
        DeadLetterReason::EventTimeTooOld | DeadLetterReason::Damaged
    );
    let mut text = format!("{}\n", paragraph(advice(reason), 0));
    let commands = [
        ("replay", can_be_sent),
        ("export", for_people(&letter.event).is_some()),
        ("purge", true),
    ];
    for (command, _) in commands.into_iter().filter(|(_, is_possible)| *is_possible) {
        let command = folder.command(&format!("dead-letters {command} --id {}", letter.id.0));
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {command}");
    }
    text
}

/// Until when Meta takes the event; `None` when its time is not known.
fn deliverable_until(letter: &DeadLetter) -> Option<UnixMillis> {
    (letter.reason != DeadLetterReason::Damaged)
        .then(|| UnixMillis::from_seconds(letter.event_time).plus(letter.max_age))
}
