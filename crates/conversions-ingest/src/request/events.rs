//! Messages become events: each is completed, mapped for every destination, and written into the destination's frame.

use std::sync::Arc;

use conversions_mapping::{Mapper, Outcome};
use conversions_transport::{Frame, FrameBuilder};
use jiff::Timestamp;
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

/// What becomes of messages that arrived together: who sent them, when, and which of them are taken.
pub(crate) struct Batch<'r> {
    pub(crate) source: &'r Arc<Source>,
    /// The only destination that they are mapped for; `None` for all of the source.
    pub(crate) destination: Option<&'r str>,
    /// The time by which they are judged.
    pub(crate) now: Timestamp,
    pub(crate) policy: AcceptancePolicy<'r>,
    /// Number and bytes of the messages, for which memory is reserved.
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

impl<'r> Batch<'r> {
    /// The messages of one request.
    pub(crate) fn of_request(
        source: &'r Arc<Source>,
        now: Timestamp,
        policy: AcceptancePolicy<'r>,
        messages: &[&str],
    ) -> Self {
        Self {
            source,
            destination: None,
            now,
            policy,
            messages: messages.len(),
            bytes: messages.iter().map(|text| text.len()).sum(),
        }
    }
}

/// The events of a request, while they are made.
pub(crate) struct EventBuilder<'r> {
    source: &'r Arc<Source>,
    policy: AcceptancePolicy<'r>,
    now: Timestamp,
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
    /// No events yet.
    pub(crate) fn new(batch: &Batch<'r>, recorder: Option<Box<dyn MessageRecorder>>) -> Self {
        let source = batch.source;
        let is_wanted = |name: &str| batch.destination.is_none_or(|wanted| wanted == name);
        let all = source.destinations.iter();
        let wanted = all.filter(|destination| is_wanted(&destination.name));
        let destinations = wanted.map(|destination| {
            let frames = FrameBuilder::new(Arc::clone(&destination.name))
                .with_source(Arc::clone(&source.name))
                .with_limits(MAX_FRAME_EVENTS, MAX_FRAME_BYTES)
                .with_capacity(batch.messages, batch.bytes);
            DestinationEvents {
                destination,
                mapper: destination.mapping.mapper(),
                frames,
            }
        });
        Self {
            destinations: destinations.collect(),
            source,
            policy: batch.policy,
            now: batch.now,
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

    /// Number of the events so far.
    pub(crate) fn accepted(&self) -> u64 {
        let counts = self.outcomes.as_slice().iter();
        let accepted = counts.filter(|one| one.kind == OutcomeKind::Accepted);
        accepted.map(|one| one.count).sum()
    }

    /// Completes and maps a message. Says how many bytes it may have, completed.
    pub(crate) fn add(
        &mut self,
        text: &str,
        completion: &Completion<'_>,
    ) -> Result<usize, Refusal> {
        let bytes = text.len();
        if bytes > self.policy.message_bytes {
            return Err(Refusal::MessageTooLarge);
        }
        let line = Line::new(text.as_bytes()).map_err(refusal)?;
        let mut generated = GeneratedValues::default();
        let mut message = Message::read(&line).map_err(refusal)?;
        if let Some(limits) = self.policy.strict {
            strict_check::check(&message, completion.kind, limits)?;
        }
        completion.complete(&mut message, &mut generated);
        self.map(&message);
        Ok(bytes + completion.bytes())
    }

    /// Maps a complete message for every destination.
    fn map(&mut self, message: &Message<'_>) {
        for (place, one) in self.destinations.iter_mut().enumerate() {
            let destination = one.destination;
            let outcome = one.mapper.map_message(message, self.now);
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
                    received_at: self.now,
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
                received_at: self.now,
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
