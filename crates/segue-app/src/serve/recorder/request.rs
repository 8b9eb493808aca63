//! What became of the messages of one request.

use std::sync::Arc;

use conversions_history::trace::{EventBatch, NewTracedEvent, TracedOutcome};
use conversions_ingest::{MessageRecorder, OutcomeKind, RecordedMessage};
use conversions_mapping::{Mapped, Outcome};

use super::Recorder;
use super::counting::Counting;
use super::library::LibraryName;
use super::names::{known_kind, shown};

/// Collects while the request is handled, and tells history and trace when its events are stored.
pub(super) struct RequestRecorder {
    recorder: Arc<Recorder>,
    source: Arc<str>,
    notes: Box<RequestNotes>,
}

/// What a request leaves, until its events are stored. Used for one request after the other: making it anew would take
/// longer than filling it.
#[derive(Default)]
pub(super) struct RequestNotes {
    batch: Option<EventBatch>,
    counting: Counting,
    library: LibraryName,
}

impl RequestRecorder {
    pub(super) fn new(recorder: Arc<Recorder>, source: Arc<str>) -> Self {
        let mut notes = recorder.spare.take();
        if notes.batch.is_none() {
            notes.batch = recorder.trace.as_ref().map(|trace| trace.batch());
        }
        Self {
            recorder,
            source,
            notes,
        }
    }

    fn trace(&mut self, recorded: &RecordedMessage<'_>) {
        let Some(batch) = &mut self.notes.batch else {
            return;
        };
        let message = recorded.message;
        let event = event_of(recorded);
        let message_id = message.and_then(|message| message.message_id?.as_str());
        let name = message.and_then(|message| message.event?.as_str());
        let kind = message.and_then(|message| message.kind?.as_str());
        let library = message.and_then(|message| message.context.library);
        let new = NewTracedEvent {
            at: recorded.received_at.as_millisecond(),
            source: &self.source,
            library: self.notes.library.of(library),
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
            self.notes.counting.record(recorded);
        }
        self.trace(recorded);
    }

    fn finish(mut self: Box<Self>, keys: &[Option<u64>]) {
        let (notes, source) = (&mut *self.notes, &self.source);
        if let Some(history) = &self.recorder.history {
            history.record(|counts| notes.counting.add_to(counts, source, keys));
        }
        if let (Some(trace), Some(batch)) = (&self.recorder.trace, &mut notes.batch) {
            trace.accepted(batch, keys);
        }
        notes.counting.clear();
        self.recorder.spare.put_back(self.notes);
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
