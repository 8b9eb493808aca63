//! Messages become events: each is completed, mapped for every destination, and appended to one text.
//!
//! One text for all events of a request costs one allocation, and each event is a slice of it.

use std::sync::Arc;

use bytes::Bytes;
use conversions_mapping::{Mapped, Mapper, Outcome};
use conversions_transport::NewEvent;
use segment_spec::{Line, Message, Raw};

use crate::message_recorder::{MappedMessage, MessageRecorder, RecordedMessage};
use crate::options::Limits;
use crate::outcome::{OutcomeCounts, OutcomeKind};
use crate::refusal::Refusal;
use crate::request::completion::{Completion, GeneratedValues};
use crate::request::strict_check;
use crate::source::{DestinationMapping, Source};

/// The text of all events is allocated at once, up to this size.
const MAX_PREALLOCATED_BYTES: usize = 512 * 1024;

/// Which messages of a request are taken.
#[derive(Clone, Copy)]
pub(crate) struct AcceptancePolicy<'r> {
    /// Bytes of one message at most.
    pub(crate) message_bytes: usize,
    /// Bytes of all of them at most, each completed.
    pub(crate) completed_bytes: usize,
    /// The limits by which messages are refused that Segment would refuse; `None` takes them.
    pub(crate) strict: Option<&'r Limits>,
    /// Whether a refused message refuses the request.
    pub(crate) is_single: bool,
}

/// The events of a request, while they are made.
pub(crate) struct EventBuilder<'r> {
    source: &'r Arc<Source>,
    completion: &'r Completion<'r>,
    policy: AcceptancePolicy<'r>,
    mappers: Vec<(&'r Arc<DestinationMapping>, Mapper<'r>)>,
    /// Each event without its text, and where its text ends in `json`.
    events: Vec<(NewEvent, usize)>,
    json: String,
    pub(crate) outcomes: OutcomeCounts,
    recorder: Option<Box<dyn MessageRecorder>>,
}

/// What came out of the messages of a request.
pub(crate) struct BuiltEvents {
    pub(crate) events: Vec<NewEvent>,
    pub(crate) outcomes: OutcomeCounts,
    pub(crate) recorder: Option<Box<dyn MessageRecorder>>,
}

impl<'r> EventBuilder<'r> {
    /// No events yet; memory is reserved for these messages.
    pub(crate) fn new(
        source: &'r Arc<Source>,
        completion: &'r Completion<'r>,
        policy: AcceptancePolicy<'r>,
        messages: &[Raw<'_>],
        recorder: Option<Box<dyn MessageRecorder>>,
    ) -> Self {
        let mappers: Vec<_> = source
            .destinations
            .iter()
            .map(|destination| (destination, destination.mapping.mapper()))
            .collect();
        let bytes: usize = messages.iter().map(|raw| raw.text().len()).sum();
        let capacity = bytes
            .saturating_mul(mappers.len())
            .min(MAX_PREALLOCATED_BYTES);
        Self {
            source,
            completion,
            policy,
            mappers,
            events: Vec::with_capacity(messages.len()),
            json: String::with_capacity(capacity),
            outcomes: OutcomeCounts::default(),
            recorder,
        }
    }

    pub(crate) fn source(&self) -> &'r Arc<Source> {
        self.source
    }

    /// Bytes of the events so far.
    pub(crate) fn bytes(&self) -> usize {
        self.json.len()
    }

    /// Completes and maps a message. Says how many bytes it may have, completed.
    pub(crate) fn add(&mut self, raw: Raw<'_>) -> Result<usize, Refusal> {
        let bytes = raw.text().len();
        if bytes > self.policy.message_bytes {
            return Err(Refusal::MessageTooLarge);
        }
        let line = Line::new(raw.text().as_bytes()).map_err(|_| Refusal::NotAnObject)?;
        let mut generated = GeneratedValues::default();
        let mut message = Message::read(&line).map_err(|_| Refusal::NotAnObject)?;
        if let Some(limits) = self.policy.strict {
            strict_check::check(&message, self.completion.kind, limits)?;
        }
        self.completion.complete(&mut message, &mut generated);
        self.map(&message);
        Ok(bytes + self.completion.bytes())
    }

    /// Maps a complete message for every destination.
    fn map(&mut self, message: &Message<'_>) {
        for (destination, mapper) in &mut self.mappers {
            let outcome = mapper.map_message(message, self.completion.received_at);
            let (kind, reason) = match &outcome {
                Outcome::Accepted(mapped) => {
                    mapped.event.write_json(&mut self.json);
                    let event = without_text(self.source, destination, mapped);
                    self.events.push((event, self.json.len()));
                    (OutcomeKind::Accepted, "")
                }
                Outcome::Skipped(reason) => (OutcomeKind::Skipped, reason.name()),
                Outcome::Rejected(rejection) => (OutcomeKind::Rejected, rejection.reason.name()),
            };
            self.outcomes.add(Some(&destination.name), kind, reason);
            if let Some(recorder) = &mut self.recorder {
                recorder.record(&RecordedMessage {
                    message: Some(message),
                    mapped: Some(MappedMessage {
                        destination: &destination.name,
                        mapping: &destination.mapping,
                        outcome: &outcome,
                    }),
                    kind,
                    reason,
                    received_at: self.completion.received_at,
                });
            }
        }
    }

    /// Counts a message that is refused for all destinations.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        let (kind, reason) = (OutcomeKind::Rejected, refusal.code());
        self.outcomes.add(None, kind, reason);
        if let Some(recorder) = &mut self.recorder {
            recorder.record(&RecordedMessage {
                message: None,
                mapped: None,
                kind,
                reason,
                received_at: self.completion.received_at,
            });
        }
    }

    /// The events, and what became of the messages.
    pub(crate) fn finish(self) -> BuiltEvents {
        let json = Bytes::from(self.json);
        let mut start = 0;
        let events = self.events.into_iter().map(|(mut event, end)| {
            event.event = json.slice(std::mem::replace(&mut start, end)..end);
            event
        });
        BuiltEvents {
            events: events.collect(),
            outcomes: self.outcomes,
            recorder: self.recorder,
        }
    }
}

/// An event whose text is still missing.
fn without_text(
    source: &Source,
    destination: &DestinationMapping,
    mapped: &Mapped<'_>,
) -> NewEvent {
    NewEvent::of_server_event(Arc::clone(&destination.name), Bytes::new(), &mapped.event)
        .with_source(Arc::clone(&source.name))
        .with_test_event_code(mapped.test_event_code.as_deref())
}

#[cfg(test)]
mod tests;
