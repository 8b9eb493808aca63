//! What became of single events, out of the trace.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use conversions_delivery::Progress;
use conversions_history::trace::{Trace, TraceSearch, TracedEvent, TracedOutcome};
use jiff::Timestamp;
use segue_console::{DataError, EventFilter, EventList, EventSummary, Outcome, SearchResult};
use segue_insight::dead_letters::shown_label;

use crate::error::AppError;

/// The destinations that are held, and why.
pub(super) type Held = BTreeMap<String, String>;

pub(super) fn held(progress: &Progress) -> Held {
    let held = progress.held();
    held.map(|(name, held)| (name.to_owned(), held.sentence.clone()))
        .collect()
}

/// The newest events that pass a filter.
pub(super) fn list(trace: Option<&Trace>, filter: &EventFilter, held: &Held) -> EventList {
    let Some(trace) = trace else {
        return EventList {
            is_off: true,
            ..EventList::default()
        };
    };
    let all: Vec<_> = trace
        .recent()
        .iter()
        .map(|event| summary(event, held))
        .collect();
    let names = |of: fn(&EventSummary) -> Option<&String>| {
        let names: BTreeSet<&String> = all.iter().filter_map(of).collect();
        names.into_iter().cloned().collect::<Vec<_>>()
    };
    EventList {
        remembered: all.len(),
        sources: names(|one| one.source.as_ref()),
        reasons: names(|one| one.reason.as_ref()),
        event_names: names(|one| one.event_name.as_ref()),
        is_off: false,
        events: all
            .iter()
            .filter(|one| passes(filter, one))
            .take(filter.limit)
            .cloned()
            .collect(),
    }
}

fn passes(filter: &EventFilter, one: &EventSummary) -> bool {
    let is = |wanted: &Option<String>, value: &Option<String>| wanted.is_none() || wanted == value;
    filter.outcome.is_none_or(|outcome| outcome == one.outcome)
        && is(&filter.source, &one.source)
        && is(&filter.destination, &one.destination)
        && is(&filter.reason, &one.reason)
        && is(&filter.event_name, &one.event_name)
}

/// The events of an id.
pub(super) async fn search(
    trace: Option<Arc<Trace>>,
    id: &str,
    held: &Held,
) -> Result<SearchResult, DataError> {
    let Some(trace) = trace else {
        return Ok(SearchResult {
            is_off: true,
            ..SearchResult::default()
        });
    };
    let found = read(trace, id.to_owned()).await?;
    Ok(SearchResult {
        events: found
            .events
            .iter()
            .rev()
            .map(|event| summary(event, held))
            .collect(),
        since: found
            .reaches_back_to
            .and_then(|at| Timestamp::from_millisecond(at).ok()),
        is_off: false,
    })
}

/// The event of a key: among the newest, or among those of the id that it was found by.
pub(super) async fn find(
    trace: Option<Arc<Trace>>,
    key: &str,
    id: Option<&str>,
) -> Result<TracedEvent, DataError> {
    let unknown = || {
        DataError::NotFound(
            "Nothing is known of this event any more: only the latest 1,000 are listed. Search for its messageId, event_id or order_id.".to_owned(),
        )
    };
    let trace = trace.ok_or_else(unknown)?;
    let newest = trace.recent();
    if let Some(event) = newest.iter().find(|event| key_of(event) == key) {
        return Ok(TracedEvent::clone(event));
    }
    let id = id.ok_or_else(unknown)?;
    let found = read(trace, id.to_owned()).await?;
    let mut events = found.events.into_iter();
    events
        .find(|event| key_of(event) == key)
        .ok_or_else(unknown)
}

/// Searches on a thread that may block.
async fn read(trace: Arc<Trace>, id: String) -> Result<TraceSearch, DataError> {
    let searching = tokio::task::spawn_blocking(move || trace.search(&id));
    let unavailable =
        |why: String| DataError::Unavailable(format!("The trace cannot be searched: {why}."));
    let found = searching.await;
    found
        .map_err(|_| unavailable(AppError::Defect("searching the trace").sentence()))?
        .map_err(|error| unavailable(error.to_string()))
}

pub(super) fn summary(event: &TracedEvent, held: &Held) -> EventSummary {
    let outcome = outcome(event, held);
    let reason = match (&event.end, outcome) {
        (Some(end), _) => end.reason.as_str(),
        (None, Outcome::Held) => "held",
        (None, _) => event.reason.as_str(),
    };
    EventSummary {
        key: key_of(event),
        at: Timestamp::from_millisecond(event.at).unwrap_or_default(),
        source: given(&event.source),
        destination: given(&event.destination),
        event_name: given(&event.event)
            .or_else(|| given(&event.kind))
            .map(|name| shown_label(&name)),
        outcome,
        reason: given(reason),
        message_id: None,
    }
}

fn outcome(event: &TracedEvent, held: &Held) -> Outcome {
    match (event.outcome, &event.end) {
        (TracedOutcome::Rejected, _) => Outcome::Rejected,
        (TracedOutcome::Skipped, _) if event.reason == "duplicate" => Outcome::Duplicate,
        (TracedOutcome::Skipped, _) => Outcome::Skipped,
        (TracedOutcome::Accepted, Some(end)) if end.is_delivered => Outcome::Delivered,
        (TracedOutcome::Accepted, Some(_)) => Outcome::DeadLettered,
        (TracedOutcome::Accepted, None) if held.contains_key(&event.destination) => Outcome::Held,
        (TracedOutcome::Accepted, None) => Outcome::Accepted,
    }
}

/// What stays the same of an event while it changes, as a text for addresses.
fn key_of(event: &TracedEvent) -> String {
    let mut hasher = DefaultHasher::new();
    event.first_key().hash(&mut hasher);
    event.outcome.name().hash(&mut hasher);
    for text in [
        &event.source,
        &event.destination,
        &event.event,
        &event.kind,
        &event.reason,
    ] {
        text.hash(&mut hasher);
    }
    format!("{:x}-{:x}", event.at, hasher.finish())
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use conversions_history::trace::TracedEnd;

    use super::*;

    fn event(change: impl FnOnce(&mut TracedEvent)) -> TracedEvent {
        let mut event = TracedEvent::default();
        event.destination = "shop".to_owned();
        event.event = "Order Completed".to_owned();
        change(&mut event);
        event
    }

    #[test]
    fn an_event_has_one_outcome_and_its_key_stays() {
        let ended = |is_delivered: bool| {
            let mut end = TracedEnd::default();
            end.is_delivered = is_delivered;
            end
        };
        let held = Held::from([("shop".to_owned(), "expired".to_owned())]);
        let waiting = event(|_| {});
        for (event, held, expected) in [
            (waiting.clone(), &Held::new(), Outcome::Accepted),
            (waiting.clone(), &held, Outcome::Held),
            (
                event(|one| one.end = Some(ended(true))),
                &held,
                Outcome::Delivered,
            ),
            (
                event(|one| one.end = Some(ended(false))),
                &held,
                Outcome::DeadLettered,
            ),
        ] {
            let summary = summary(&event, held);
            assert_eq!(summary.outcome, expected);
            assert_eq!(summary.key, key_of(&waiting));
        }
        let duplicate = event(|one| {
            one.outcome = TracedOutcome::Skipped;
            one.reason = "duplicate".to_owned();
        });
        assert_eq!(summary(&duplicate, &held).outcome, Outcome::Duplicate);
    }

    #[test]
    fn a_name_that_could_be_contact_data_is_not_shown() {
        let odd = event(|one| one.event = "ada@example.com".to_owned());
        let name = summary(&odd, &Held::new()).event_name;
        assert_eq!(name.as_deref(), Some("(not shown)"));
    }
}
