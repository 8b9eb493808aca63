//! What became of one event, for a terminal.

use std::fmt::Write as _;

use conversions_delivery::UnixMillis;
use segue_app::{TraceSearch, TracedAttempt, TracedEnd, TracedEvent};

use crate::render::terminal::{counted, grouped, visible};
use crate::render::time::date_and_time;

/// Each event with a line for everything that happened to it.
pub(crate) fn render(found: &TraceSearch) -> String {
    let mut text = String::new();
    for note in &found.notes {
        let _ = writeln!(text, "note: {note}");
    }
    if found.events.is_empty() {
        text.push_str(&not_found(found));
    }
    for event in &found.events {
        text.push_str(&life(event));
    }
    if found.is_cut {
        text.push_str("There are more events with this id than are listed.\n");
    }
    text
}

fn not_found(found: &TraceSearch) -> String {
    match found.reaches_back_to {
        None => "Not found: the trace is empty. `segue serve` keeps one in its data folder unless [trace] is switched off.\n".to_owned(),
        Some(oldest) => format!(
            "Not found among {} since {}. Either it is older, or it never arrived here: was it sent to this machine, with a write key that is known? Ids are case-sensitive.\n",
            counted(found.traced_events, "event", "events"),
            date_and_time(UnixMillis(oldest)),
        ),
    }
}

fn life(event: &TracedEvent) -> String {
    let time = |millis| date_and_time(UnixMillis(millis));
    let name = if event.event.is_empty() {
        &event.kind
    } else {
        &event.event
    };
    let mut text = format!("{} to {}\n", visible(name), destination(event));
    let mut line = |at: i64, what: String| {
        let _ = writeln!(text, "  {}  {what}", time(at));
    };
    if !event.is_beginning_lost {
        let library = if event.library.is_empty() {
            String::new()
        } else {
            format!(" with {}", visible(&event.library))
        };
        let source = visible(&event.source);
        line(event.at, format!("received from {source}{library}"));
        let mut outcome = event.outcome.name().to_owned();
        if !event.reason.is_empty() {
            let _ = write!(outcome, ": {}", event.reason);
        }
        if let Some(key) = event.first_key() {
            let _ = write!(outcome, ", stored as {key}");
        }
        line(event.at, outcome);
    }
    for replay in &event.replays {
        what_happened(&replay.attempts, replay.dead_letter.as_ref(), &mut line);
        line(
            replay.at,
            format!("replayed: dead letter {} is sent again", replay.letter),
        );
    }
    what_happened(&event.attempts, event.end.as_ref(), &mut line);
    if event.end.is_none() && event.key.is_some() {
        text.push_str(
            "  It waits to be delivered; `segue status` says whether its destination is held.\n",
        );
    }
    text
}

/// Failed requests with an event, and its end.
fn what_happened(
    attempts: &[TracedAttempt],
    end: Option<&TracedEnd>,
    line: &mut impl FnMut(i64, String),
) {
    for attempt in attempts {
        let mut what = format!(
            "request {} failed after {} ms: {}",
            attempt.number,
            grouped(attempt.took_ms.into()),
            attempt.outcome
        );
        for (name, value) in [
            ("status", attempt.status.map(i64::from)),
            ("code", attempt.code),
            ("subcode", attempt.subcode),
        ] {
            if let Some(value) = value {
                let _ = write!(what, ", {name} {value}");
            }
        }
        line(attempt.at, what + &fbtrace_id(&attempt.fbtrace_id));
    }
    match end {
        Some(end) if end.is_delivered => line(
            end.at,
            format!(
                "delivered by request {}, with {} in it{}",
                end.attempts,
                counted(end.batch_events.into(), "event", "events"),
                fbtrace_id(&end.fbtrace_id)
            ),
        ),
        Some(end) => line(
            end.at,
            format!(
                "given up after {}: {}{}; see `segue dead-letters`",
                counted(end.attempts.into(), "request", "requests"),
                end.reason,
                fbtrace_id(&end.fbtrace_id)
            ),
        ),
        None => {}
    }
}

fn destination(event: &TracedEvent) -> String {
    if event.destination.is_empty() {
        "no destination".to_owned()
    } else {
        visible(&event.destination).into_owned()
    }
}

fn fbtrace_id(id: &str) -> String {
    if id.is_empty() {
        String::new()
    } else {
        format!(", fbtrace_id {}", visible(id))
    }
}
