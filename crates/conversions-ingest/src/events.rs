//! The messages of a request become events: each is completed, mapped for every destination, and written behind the
//! others.

use std::sync::Arc;

use bytes::Bytes;
use conversions_mapping::{Mapped, Mapper, Outcome};
use facebook_conversions::ActionSource;
use segment_spec::{Line, Message, Raw, ReadError};

use crate::check::check_message;
use crate::complete::Made;
use crate::compose::Composer;
use crate::outcome::{Tally, Verdict};
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::sink::Taken;
use crate::source::{DestinationMapping, Source};

/// Room for the text of all events is made at once, up to so many bytes.
const ROOM: usize = 512 * 1024;

/// The events of a request in the making.
pub(crate) struct Events<'c> {
    source: &'c Arc<Source>,
    composer: &'c Composer<'c>,
    mappers: Vec<(&'c Arc<DestinationMapping>, Mapper<'c>)>,
    /// Each without its text, which ends there.
    taken: Vec<(Taken, usize)>,
    json: String,
    /// Reused for every message that is written anew.
    text: String,
    pub(crate) tally: Tally,
}

impl<'c> Events<'c> {
    /// None yet, of so many messages of so many bytes together.
    pub(crate) fn new(
        source: &'c Arc<Source>,
        composer: &'c Composer<'c>,
        messages: usize,
        bytes: usize,
    ) -> Self {
        let mappers: Vec<_> = source
            .destinations
            .iter()
            .map(|destination| (destination, destination.mapping.mapper()))
            .collect();
        let room = bytes.saturating_mul(mappers.len()).min(ROOM);
        Self {
            source,
            composer,
            taken: Vec::with_capacity(messages),
            json: String::with_capacity(room),
            text: String::new(),
            tally: Tally::default(),
            mappers,
        }
    }

    /// Bytes of the events so far.
    pub(crate) fn bytes(&self) -> usize {
        self.json.len()
    }

    /// Completes and maps a message. Says how many bytes it has.
    pub(crate) fn add(&mut self, raw: Raw<'_>, shared: &Shared<'_>) -> Result<usize, Refusal> {
        if self.composer.takes_short_way(shared)
            && let Ok(added) = self.add_as_it_is(raw, shared)
        {
            return added;
        }
        self.add_anew(raw, shared)
    }

    /// Writes a complete message, and reads it again.
    fn add_anew(&mut self, raw: Raw<'_>, shared: &Shared<'_>) -> Result<usize, Refusal> {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let composed = self.composer.compose(raw.text(), shared, &mut text);
        if composed.is_ok() {
            let line = Line::new(text.as_bytes());
            let line = line.as_ref().map_err(|error| *error);
            self.map(line.and_then(Message::read).as_ref());
        }
        let bytes = text.len();
        self.text = text;
        composed.map(|()| bytes)
    }

    /// Completes a message behind its reading. What cannot be read, the long way says why.
    fn add_as_it_is(
        &mut self,
        raw: Raw<'_>,
        shared: &Shared<'_>,
    ) -> Result<Result<usize, Refusal>, ReadError> {
        let composer = self.composer;
        let bytes = raw.text().len();
        if bytes > composer.message_bytes {
            return Ok(Err(Refusal::MessageTooLarge));
        }
        let line = Line::new(raw.text().as_bytes())?;
        let mut made = Made::default();
        let mut message = Message::read(&line)?;
        if composer.strict
            && let Err(refusal) = check_message(&message, composer.kind, composer.limits)
        {
            return Ok(Err(refusal));
        }
        composer.complete(&mut message, shared, &mut made);
        self.map(Ok(&message));
        Ok(Ok(bytes))
    }

    /// Maps a complete message for every destination.
    fn map(&mut self, message: Result<&Message<'_>, &ReadError>) {
        for (destination, mapper) in &mut self.mappers {
            let outcome = match message {
                Ok(message) => mapper.map_message(message, self.composer.received_at),
                Err(error) => (*error).into(),
            };
            let (verdict, reason) = match outcome {
                Outcome::Accepted(mapped) => {
                    mapped.event.write_json(&mut self.json);
                    let taken = taken(self.source, destination, &mapped);
                    self.taken.push((taken, self.json.len()));
                    (Verdict::Accepted, "")
                }
                Outcome::Skipped(reason) => (Verdict::Skipped, reason.name()),
                Outcome::Rejected(rejection) => (Verdict::Rejected, rejection.reason.name()),
            };
            self.tally.add(Some(&destination.name), verdict, reason);
        }
    }

    /// The events, each with its part of the text, and what became of the messages.
    pub(crate) fn finish(self) -> (Vec<Taken>, Tally) {
        let json = Bytes::from(self.json);
        let mut start = 0;
        let taken = self.taken.into_iter().map(|(taken, end)| {
            let event = json.slice(std::mem::replace(&mut start, end)..end);
            Taken { event, ..taken }
        });
        (taken.collect(), self.tally)
    }
}

/// An event without its text.
fn taken(source: &Source, destination: &DestinationMapping, mapped: &Mapped<'_>) -> Taken {
    let event = &mapped.event;
    Taken {
        source: Arc::clone(&source.name),
        destination: Arc::clone(&destination.name),
        event: Bytes::new(),
        event_name: Box::from(&*event.event_name),
        event_time: event.event_time,
        action_source: event.action_source.unwrap_or(ActionSource::Website),
        test_event_code: mapped.test_event_code.as_deref().map(Box::from),
        message_id: event.event_id.as_deref().map(Box::from),
    }
}

#[cfg(test)]
mod tests;
