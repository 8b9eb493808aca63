//! The life of one event, step by step.

use conversions_delivery::DeadLetterReason;
use conversions_history::trace::{
    Provenance, TracedAttempt, TracedEnd, TracedEvent, TracedOutcome,
};
use conversions_mapping::is_printable;
use facebook_conversions::validation::Warning;
use jiff::Timestamp;
use match_quality::Report;
use segue_console::{EventFields, EventLife, Field, LifeStep, Outcome, StepKind};
use segue_insight::dead_letters::{advice, meaning};

use super::events::{Held, summary};

pub(super) fn life(event: &TracedEvent, held: &Held) -> EventLife {
    let summary = summary(event, held);
    let reason = summary.reason.as_deref().unwrap_or_default();
    let of_letter = DeadLetterReason::from_name(reason);
    let (sentence, advice, more) = match summary.outcome {
        Outcome::Rejected => (
            Report::reject_sentence(reason).to_owned(),
            Report::reject_advice(reason).to_owned(),
            Report::reject_link(reason),
        ),
        Outcome::Skipped | Outcome::Duplicate => (
            Report::skip_sentence(reason).to_owned(),
            String::new(),
            None,
        ),
        Outcome::DeadLettered => (
            of_letter.map_or("", meaning).to_owned(),
            of_letter.map_or("", advice).to_owned(),
            None,
        ),
        Outcome::Held => (
            held.get(&event.destination).cloned().unwrap_or_default(),
            "It is sent when the destination works again; nothing is lost.".to_owned(),
            None,
        ),
        Outcome::Accepted | Outcome::Delivered => (String::new(), String::new(), None),
    };
    let given = |text: String| (!text.is_empty()).then_some(text);
    EventLife {
        reason_sentence: given(sentence),
        advice: given(advice),
        more: more.map(str::to_owned),
        dead_letter: event
            .key
            .filter(|_| summary.outcome == Outcome::DeadLettered),
        steps: steps(event),
        fields: event.provenance.as_ref().map(fields),
        summary,
    }
}

fn steps(event: &TracedEvent) -> Vec<LifeStep> {
    let mut steps = beginning(event);
    for replay in &event.replays {
        steps.extend(replay.attempts.iter().map(attempt));
        steps.extend(replay.dead_letter.iter().map(end));
        let letter = [("dead letter", format!("no. {}", replay.letter))];
        steps.push(step(StepKind::Replayed, Some(replay.at), &letter));
    }
    steps.extend(event.attempts.iter().map(attempt));
    steps.extend(event.end.iter().map(end));
    steps
}

/// What happened before the first request to Meta.
fn beginning(event: &TracedEvent) -> Vec<LifeStep> {
    if event.is_beginning_lost {
        let unknown = "longer ago than the trace reaches".to_owned();
        return vec![step(StepKind::Received, None, &[("when", unknown)])];
    }
    let received = step(
        StepKind::Received,
        Some(event.at),
        &[
            ("source", event.source.clone()),
            ("library", printable(&event.library)),
            ("type", printable(&event.kind)),
        ],
    );
    let mapped = step(
        StepKind::Mapped,
        None,
        &[
            ("event", printable(&event.event)),
            ("for", event.destination.clone()),
            ("outcome", event.outcome.name().to_owned()),
            ("reason", event.reason.clone()),
        ],
    );
    let stored = event.first_key().map(|key| {
        step(
            StepKind::Stored,
            None,
            &[("number in the log", key.to_string())],
        )
    });
    let stored = stored.filter(|_| event.outcome == TracedOutcome::Accepted);
    let mut steps = vec![received, mapped];
    steps.extend(stored);
    steps
}

fn attempt(attempt: &TracedAttempt) -> LifeStep {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    step(
        StepKind::Sent,
        Some(attempt.at),
        &[
            ("answer", attempt.outcome.replace('_', " ")),
            ("attempt", attempt.number.to_string()),
            ("HTTP status", number(attempt.status.map(i64::from))),
            ("code", number(attempt.code)),
            ("subcode", number(attempt.subcode)),
            ("took", format!("{} ms", attempt.took_ms)),
            ("events in the request", attempt.batch_events.to_string()),
            ("fbtrace_id", attempt.fbtrace_id.clone()),
        ],
    )
}

fn end(end: &TracedEnd) -> LifeStep {
    let how = if end.is_delivered {
        "Meta received it"
    } else {
        "given up"
    };
    step(
        StepKind::Ended,
        Some(end.at),
        &[
            ("outcome", how.to_owned()),
            ("reason", end.reason.clone()),
            ("attempts", end.attempts.to_string()),
            ("events in the request", end.batch_events.to_string()),
            ("fbtrace_id", end.fbtrace_id.clone()),
        ],
    )
}

/// A step with the facts that are known.
fn step(kind: StepKind, at: Option<i64>, facts: &[(&str, String)]) -> LifeStep {
    let known = facts.iter().filter(|(_, value)| !value.is_empty());
    LifeStep {
        kind,
        at: at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        facts: known
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    }
}

/// A text of the sender, unless it could hold contact data.
fn printable(text: &str) -> String {
    if is_printable(text) {
        text.to_owned()
    } else {
        "(not shown)".to_owned()
    }
}

fn fields(provenance: &Provenance) -> EventFields {
    let fields = provenance.fields.iter().map(|field| Field {
        field: printable(&field.field),
        value: String::new(),
        from: (!field.source.is_empty()).then(|| printable(&field.source)),
        effect: field.effect.clone(),
    });
    let warning = |name: &String| {
        let known = Warning::ALL.iter().find(|warning| warning.name() == name);
        known.map_or_else(
            || name.replace('_', " "),
            |warning| warning.sentence().to_owned(),
        )
    };
    EventFields {
        fields: fields.collect(),
        not_used: Vec::new(),
        warnings: provenance.warnings.iter().map(warning).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejected_event_says_why_and_what_to_change() {
        let mut event = TracedEvent::default();
        event.at = 1_790_000_000_000;
        event.outcome = TracedOutcome::Rejected;
        event.reason = "insufficient_customer_information".to_owned();
        event.library = "ada@example.com".to_owned();
        let life = life(&event, &Held::new());
        assert!(life.reason_sentence.is_some() && life.advice.is_some());
        assert!(life.more.is_some_and(|link| link.starts_with("https://")));
        let library = &life.steps[0].facts[0];
        assert_eq!(library, &("library".to_owned(), "(not shown)".to_owned()));
        assert_eq!(life.steps.len(), 2);
    }
}
