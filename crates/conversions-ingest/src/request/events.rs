//! Messages become events: each is completed, mapped for every destination, and written into the destination's frame.

use std::sync::Arc;

use conversions_mapping::{Mapper, Outcome};
use conversions_transport::{Frame, FrameBuilder};
use segment_spec::{Line, Message, ReadError};

use crate::message_recorder::{
    MappedMessage, MessageRecorder, RecordedMessage, in_order_of_messages,
};
use crate::options::Limits;
use crate::outcome::{OutcomeCounts, OutcomeKind};
use crate::refusal::Refusal;
use crate::request::completion::{Completion, GeneratedValues};
use crate::request::strict_check;
use crate::source::{DestinationMapping, Source};

/// Events and bytes of a frame, at most: as much as a log that is shared over a network takes as one message.
const MAX_FRAME_EVENTS: usize = 128;
const MAX_FRAME_BYTES: usize = 256 * 1024;

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
    destinations: Vec<DestinationEvents<'r>>,
    pub(crate) outcomes: OutcomeCounts,
    recorder: Option<Box<dyn MessageRecorder>>,
    /// For a recorder: the place of each event's destination, in the order of the messages.
    recorded: Vec<usize>,
}

/// The events for one destination.
struct DestinationEvents<'r> {
    destination: &'r Arc<DestinationMapping>,
    mapper: Mapper<'r>,
    frames: FrameBuilder,
}

/// What came out of the messages of a request.
pub(crate) struct BuiltEvents {
    pub(crate) frames: Vec<Frame>,
    pub(crate) outcomes: OutcomeCounts,
    pub(crate) recorder: Option<Box<dyn MessageRecorder>>,
}

impl<'r> EventBuilder<'r> {
    /// No events yet; memory is reserved for these messages.
    pub(crate) fn new(
        source: &'r Arc<Source>,
        completion: &'r Completion<'r>,
        policy: AcceptancePolicy<'r>,
        messages: &[&str],
        recorder: Option<Box<dyn MessageRecorder>>,
    ) -> Self {
        let bytes: usize = messages.iter().map(|text| text.len()).sum();
        let destinations = source.destinations.iter().map(|destination| {
            let frames = FrameBuilder::new(Arc::clone(&destination.name))
                .with_source(Arc::clone(&source.name))
                .with_limits(MAX_FRAME_EVENTS, MAX_FRAME_BYTES)
                .with_capacity(messages.len(), bytes);
            DestinationEvents {
                destination,
                mapper: destination.mapping.mapper(),
                frames,
            }
        });
        Self {
            destinations: destinations.collect(),
            source,
            completion,
            policy,
            outcomes: OutcomeCounts::default(),
            recorder,
            recorded: Vec::new(),
        }
    }

    pub(crate) fn source(&self) -> &'r Arc<Source> {
        self.source
    }

    /// Bytes of the events so far.
    pub(crate) fn bytes(&self) -> usize {
        self.destinations.iter().map(|one| one.frames.bytes()).sum()
    }

    /// Completes and maps a message. Says how many bytes it may have, completed.
    pub(crate) fn add(&mut self, text: &str) -> Result<usize, Refusal> {
        let bytes = text.len();
        if bytes > self.policy.message_bytes {
            return Err(Refusal::MessageTooLarge);
        }
        let line = Line::new(text.as_bytes()).map_err(refusal)?;
        let mut generated = GeneratedValues::default();
        let mut message = Message::read(&line).map_err(refusal)?;
        if let Some(limits) = self.policy.strict {
            strict_check::check(&message, self.completion.kind, limits)?;
        }
        self.completion.complete(&mut message, &mut generated);
        self.map(&message);
        Ok(bytes + self.completion.bytes())
    }

    /// Maps a complete message for every destination.
    fn map(&mut self, message: &Message<'_>) {
        for (place, one) in self.destinations.iter_mut().enumerate() {
            let destination = one.destination;
            let outcome = one.mapper.map_message(message, self.completion.received_at);
            let (kind, reason) = match &outcome {
                Outcome::Accepted(mapped) => {
                    let code = mapped.test_event_code.as_deref();
                    one.frames.add_server_event(&mapped.event, code, None);
                    if self.recorder.is_some() {
                        self.recorded.push(place);
                    }
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
        let frames = self.destinations.into_iter();
        let frames: Vec<_> = frames.flat_map(|one| one.frames.finish()).collect();
        let recorder = self
            .recorder
            .map(|recorder| in_order_of_messages(recorder, &self.recorded));
        BuiltEvents {
            frames,
            outcomes: self.outcomes,
            recorder,
        }
    }
}

fn refusal(error: ReadError) -> Refusal {
    match error {
        ReadError::NotAnObject => Refusal::NotAnObject,
        _ => Refusal::BadRequest,
    }
}

#[cfg(test)]
mod tests;
