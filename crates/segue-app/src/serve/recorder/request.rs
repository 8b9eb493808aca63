//! What became of the messages of one request.

use std::sync::Arc;

use conversions_history::history::{Counter, Counts, MatchKeySet};
use conversions_history::trace::{EventBatch, NewTracedEvent, TracedOutcome};
use conversions_ingest::{MessageRecorder, OutcomeKind, RecordedMessage};
use conversions_mapping::{Mapped, Outcome, is_printable};
use segment_spec::Raw;
use smallvec::SmallVec;

use super::Recorder;

/// Stands for a name that could hold contact data.
const NOT_SHOWN: &str = "(not shown)";
/// The longest name that is kept.
const MAX_NAME_BYTES: usize = 100;
/// The types of messages.
const KINDS: [&str; 6] = ["track", "identify", "page", "screen", "group", "alias"];

/// Collects while the request is handled, and tells history and trace when its events are stored. Most requests have one
/// message for one destination, which takes no list.
pub(super) struct RequestRecorder {
    recorder: Arc<Recorder>,
    source: Arc<str>,
    batch: Option<EventBatch>,
    outcomes: SmallVec<[SameOutcome; 1]>,
    /// Messages so far, and the destination by which they are counted: each is recorded for every one.
    messages: u64,
    counted_by: Option<Arc<str>>,
    /// Name and match keys of each accepted event.
    accepted: SmallVec<[(usize, MatchKeySet); 1]>,
    names: SmallVec<[EventName; 1]>,
    library: LibraryName,
}

/// Messages that were skipped or rejected for the same reason.
struct SameOutcome {
    destination: Option<Arc<str>>,
    kind: OutcomeKind,
    reason: &'static str,
    count: u64,
}

/// A name of events at a destination.
struct EventName {
    destination: Arc<str>,
    name: String,
}

impl RequestRecorder {
    pub(super) fn new(recorder: Arc<Recorder>, source: Arc<str>) -> Self {
        Self {
            batch: recorder.trace.as_ref().map(|trace| trace.batch()),
            recorder,
            source,
            outcomes: SmallVec::new(),
            messages: 0,
            counted_by: None,
            accepted: SmallVec::new(),
            names: SmallVec::new(),
            library: LibraryName::default(),
        }
    }

    fn count(&mut self, recorded: &RecordedMessage<'_>) {
        let destination = recorded.mapped.map(|mapped| mapped.destination);
        if let Some(destination) = destination.filter(|_| self.counted_by.is_none()) {
            self.counted_by = Some(Arc::clone(destination));
        }
        self.messages +=
            u64::from(destination.is_none() || destination == self.counted_by.as_ref());
        if recorded.kind == OutcomeKind::Accepted {
            // Counted by its key, which says what is a repetition.
            return;
        }
        let is_same = |known: &&mut SameOutcome| {
            known.kind == recorded.kind
                && known.reason == recorded.reason
                && known.destination.as_ref() == destination
        };
        match self.outcomes.iter_mut().find(is_same) {
            Some(known) => known.count += 1,
            None => self.outcomes.push(SameOutcome {
                destination: destination.cloned(),
                kind: recorded.kind,
                reason: recorded.reason,
                count: 1,
            }),
        }
    }

    fn count_match_keys(&mut self, destination: &Arc<str>, mapped: &Mapped<'_>) {
        let event = &*mapped.event.event_name;
        let is_same =
            |known: &EventName| known.name == event && Arc::ptr_eq(&known.destination, destination);
        let name = self.names.iter().position(is_same).unwrap_or_else(|| {
            self.names.push(EventName {
                destination: Arc::clone(destination),
                name: event.to_owned(),
            });
            self.names.len() - 1
        });
        let keys = MatchKeySet::of(&mapped.event.user_data);
        self.accepted.push((name, keys));
    }

    fn trace(&mut self, recorded: &RecordedMessage<'_>) {
        let Some(batch) = &mut self.batch else { return };
        let message = recorded.message;
        let event = event_of(recorded);
        let message_id = message.and_then(|message| message.message_id?.as_str());
        let name = message.and_then(|message| message.event?.as_str());
        let kind = message.and_then(|message| message.kind?.as_str());
        let library = message.and_then(|message| message.context.library);
        let new = NewTracedEvent {
            at: recorded.received_at.as_millisecond(),
            source: &self.source,
            library: self.library.of(library),
            kind: kind.as_deref().map_or("", known_kind),
            event: name.as_deref().map_or("", shown),
            destination: recorded.mapped.map_or("", |mapped| &mapped.destination[..]),
            outcome: match recorded.kind {
                OutcomeKind::Accepted => TracedOutcome::Accepted,
                OutcomeKind::Skipped => TracedOutcome::Skipped,
                OutcomeKind::Rejected => TracedOutcome::Rejected,
            },
            reason: recorded.reason,
            ids: [
                message_id.as_deref(),
                event.and_then(|mapped| mapped.event.event_id.as_deref()),
                event.and_then(|mapped| mapped.event.custom_data.order_id.as_deref()),
            ],
        };
        batch.push(&new, self.recorder.provenance.provenance(recorded));
    }
}

impl MessageRecorder for RequestRecorder {
    fn record(&mut self, recorded: &RecordedMessage<'_>) {
        if self.recorder.history.is_some() {
            self.count(recorded);
            if let Some(mapped) = recorded.mapped
                && let Outcome::Accepted(event) = mapped.outcome
            {
                self.count_match_keys(mapped.destination, event);
            }
        }
        self.trace(recorded);
    }

    fn finish(self: Box<Self>, keys: &[Option<u64>]) {
        if let Some(history) = &self.recorder.history {
            history.record(|counts| self.add_to(counts, keys));
        }
        if let (Some(trace), Some(batch)) = (&self.recorder.trace, self.batch) {
            trace.accepted(batch, keys);
        }
    }
}

impl RequestRecorder {
    fn add_to(&self, counts: &mut Counts, keys: &[Option<u64>]) {
        let source = &*self.source;
        counts.add(Counter::Messages { source }, self.messages);
        for SameOutcome {
            destination,
            kind,
            reason,
            count,
        } in &self.outcomes
        {
            let counter = match (destination.as_deref(), kind) {
                (Some(destination), OutcomeKind::Skipped) => Counter::Skipped {
                    destination,
                    reason,
                },
                (Some(destination), _) => Counter::Rejected {
                    destination,
                    reason,
                },
                (None, _) => Counter::Refused { reason },
            };
            counts.add(counter, *count);
        }
        for (index, EventName { destination, name }) in self.names.iter().enumerate() {
            let of_name = self.accepted.iter().enumerate();
            let of_name = of_name.filter(|(_, (name, _))| *name == index);
            let (mut events, mut duplicates) = (0, 0);
            let stored = of_name.filter_map(|(place, (_, match_keys))| {
                events += 1;
                let is_duplicate = keys.get(place) == Some(&None);
                duplicates += u64::from(is_duplicate);
                (!is_duplicate).then_some(*match_keys)
            });
            counts.add_match_keys(destination, shown(name), stored);
            let reason = "duplicate";
            let skipped = Counter::Skipped {
                destination,
                reason,
            };
            counts.add(skipped, duplicates);
            counts.add(Counter::Accepted { destination }, events - duplicates);
        }
    }
}

/// The event that was made of a message, also if Meta would refuse it.
fn event_of<'m>(recorded: &RecordedMessage<'m>) -> Option<&'m Mapped<'m>> {
    match recorded.mapped?.outcome {
        Outcome::Accepted(mapped) => Some(mapped),
        Outcome::Rejected(rejection) => rejection.mapped.as_deref(),
        Outcome::Skipped(_) => None,
    }
}

/// A name that a sender has chosen, unless it could hold contact data.
fn shown(name: &str) -> &str {
    if name.len() <= MAX_NAME_BYTES && is_printable(name) {
        name
    } else {
        NOT_SHOWN
    }
}

fn known_kind(kind: &str) -> &str {
    if KINDS.contains(&kind) {
        kind
    } else {
        NOT_SHOWN
    }
}

/// The name and version of the client library. Nearly all messages of a request come from the same one.
#[derive(Default)]
struct LibraryName {
    /// `context.library` of the message before, as it was sent.
    sent: String,
    name: String,
}

impl LibraryName {
    fn of(&mut self, library: Option<Raw<'_>>) -> &str {
        let sent = library.map_or("", Raw::text);
        if sent.is_empty() || self.sent != sent {
            self.sent.clear();
            self.name.clear();
            // Longer ones are read each time.
            if sent.len() <= 3 * MAX_NAME_BYTES {
                self.sent.push_str(sent);
            }
            if let Some(library) = library {
                put_library(&mut self.name, library);
            }
        }
        &self.name
    }
}

/// Writes name and version of `context.library`.
fn put_library(out: &mut String, library: Raw<'_>) {
    let [mut name, mut version] = [None; 2];
    for member in library.members().into_iter().flatten() {
        match &*member.key {
            "name" => name = Some(member.value),
            "version" => version = Some(member.value),
            _ => {}
        }
    }
    if let Some(name) = name.and_then(Raw::as_str) {
        out.push_str(shown(&name));
    }
    if let Some(version) = version
        .and_then(Raw::as_str)
        .filter(|text| !text.is_empty())
    {
        out.push('/');
        out.push_str(shown(&version));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_has_the_name_of_its_own_library() {
        let long = format!(r#"{{"name":"long","more":"{}"}}"#, "x".repeat(400));
        let mut names = LibraryName::default();
        for (sent, name) in [
            (
                r#"{"name":"analytics.js","version":"2.1.0"}"#,
                "analytics.js/2.1.0",
            ),
            (
                r#"{"name":"analytics.js","version":"2.1.0"}"#,
                "analytics.js/2.1.0",
            ),
            (&long, "long"),
            ("", ""),
            (r#"{"version":"1"}"#, "/1"),
            (r#"{"name":"a@b.example"}"#, "(not shown)"),
            ("7", ""),
        ] {
            assert_eq!(names.of(Raw::read(sent)), name, "{sent}");
        }
    }
}
