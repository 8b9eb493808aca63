//! From the bytes of a request to events: whose are they, what is in them, what becomes of each message.

use std::sync::Arc;

use axum::http::HeaderMap;
use bytes::Bytes;
use conversions_mapping::{Mapped, Mapper, Outcome};
use facebook_conversions::ActionSource;
use jiff::Timestamp;
use segment_spec::{Line, Message, ReadError};

use crate::answer::{LISTED_AT_MOST, LeftOut};
use crate::auth;
use crate::budget::Share;
use crate::compose::Composer;
use crate::enrich::Additions;
use crate::envelope::{Envelope, Shape};
use crate::outcome::{Tally, Verdict};
use crate::ready::Ready;
use crate::refusal::{Refusal, Refused};
use crate::sender::Sender;
use crate::signature::is_authentic;
use crate::sink::Taken;
use crate::source::{DestinationMapping, Source, Webhook};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the path of a request says about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// The type of messages that have none.
    pub(crate) kind: Option<&'static str>,
    /// What the body is to hold.
    pub(crate) shape: Shape,
}

/// What a request comes to, before any of it is safe.
pub(crate) struct Prepared {
    pub(crate) source: Arc<Source>,
    pub(crate) taken: Vec<Taken>,
    pub(crate) tally: Tally,
    pub(crate) left_out: Vec<LeftOut>,
}

/// Prepares a call of the Tracking API. `key` is a write key that came neither in the header nor in the body.
pub(crate) fn track(
    ready: &Ready,
    call: Call,
    sender: &Sender<'_>,
    key: Option<String>,
    body: &[u8],
    now: Timestamp,
    held: &mut Share,
) -> Result<Prepared, Refused> {
    let line = line(body)?;
    let envelope = Envelope::read(line.text(), call.shape)?;
    let mut presented = auth::write_key(sender.headers)
        .into_iter()
        .chain(envelope.write_keys())
        .chain(key)
        .filter(|key| !key.is_empty())
        .peekable();
    presented.peek().ok_or(Refusal::MissingWriteKey)?;
    let key = presented
        .find_map(|presented| ready.keys.find(&presented))
        .ok_or(Refusal::UnknownWriteKey)?;
    key.admit(envelope.messages.len(), ready.options.rate_limit)
        .map_err(|wait| Refused {
            refusal: Refusal::RateLimited,
            wait: Some(wait),
        })?;
    let composer = Composer {
        kind: call.kind,
        additions: Additions::of(sender, &ready.options.enrichment),
        received_at: now,
        clock_tolerance: Some(ready.options.clock_tolerance),
        strict: ready.options.strict,
        message_bytes: ready.options.limits.message_bytes,
        limits: &ready.options.limits,
    };
    let is_single = call.shape == Shape::Single;
    map(&key.source, &composer, &envelope, is_single, held)
}

/// Prepares a request of Segment's webhook.
pub(crate) fn webhook(
    ready: &Ready,
    name: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
    held: &mut Share,
) -> Result<Prepared, Refused> {
    let limits = &ready.options.limits;
    let shape = Shape::Webhook {
        messages: limits.webhook_messages,
    };
    // Whether there is such a source is nobody's business who cannot sign: the work and the answer are the same.
    let source = ready.source(name);
    let webhook = source.and_then(|source| source.webhook.as_ref());
    let nobody = Webhook::new("");
    let line = line(body)?;
    let envelope = Envelope::read(line.text(), shape)?;
    let signed = if line.text().trim_start().starts_with('[') {
        let first = envelope.messages.first().copied().unwrap_or_default();
        as_sent(body, line.text(), first)
    } else {
        body
    };
    let is_authentic = is_authentic(webhook.unwrap_or(&nobody), headers, signed);
    let source = source
        .filter(|_| is_authentic && webhook.is_some())
        .ok_or(Refusal::InvalidSignature)?;
    let composer = Composer {
        kind: None,
        additions: Additions::default(),
        received_at: now,
        clock_tolerance: None,
        strict: false,
        message_bytes: limits.webhook_bytes,
        limits,
    };
    map(source, &composer, &envelope, false, held)
}

fn line(body: &[u8]) -> Result<Line<'_>, Refusal> {
    Line::new(body).map_err(|error| match error {
        ReadError::LineTooLong => Refusal::PayloadTooLarge,
        _ => Refusal::BadRequest,
    })
}

/// The bytes of a part of the text as they were sent: reading may have repaired escapes, in place.
fn as_sent<'b>(body: &'b [u8], text: &str, part: &str) -> &'b [u8] {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let start = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    body.get(start..start.saturating_add(part.len()))
        .unwrap_or_default()
}

/// Completes and maps every message. A single one that is refused refuses the request; so does a batch of nothing else.
fn map(
    source: &Arc<Source>,
    composer: &Composer<'_>,
    envelope: &Envelope<'_>,
    is_single: bool,
    held: &mut Share,
) -> Result<Prepared, Refused> {
    let mut prepared = Prepared {
        source: Arc::clone(source),
        taken: Vec::with_capacity(envelope.messages.len()),
        tally: Tally::default(),
        left_out: Vec::new(),
    };
    let mut mappers: Vec<_> = source
        .destinations
        .iter()
        .map(|destination| (destination, destination.mapping.mapper()))
        .collect();
    let mut text = String::new();
    let (mut refused, mut first_refusal) = (0usize, None);
    let mut room = composer.limits.completed_bytes;
    for (index, message) in envelope.messages.iter().enumerate() {
        text.clear();
        match composer.compose(message, &envelope.shared, &mut text) {
            Ok(()) => {
                room = room
                    .checked_sub(text.len())
                    .ok_or(Refusal::PayloadTooLarge)?;
                let before = prepared.taken.len();
                map_one(&text, composer.received_at, &mut mappers, &mut prepared);
                let events = prepared.taken.iter().skip(before);
                if !held.grow(events.map(|taken| taken.event.len()).sum()) {
                    return Err(Refusal::Overloaded.into());
                }
            }
            Err(refusal) if is_single => return Err(refusal.into()),
            Err(refusal) => {
                refused += 1;
                first_refusal = first_refusal.or(Some(refusal));
                let code = refusal.code();
                prepared.tally.add(None, Verdict::Rejected, code);
                if prepared.left_out.len() < LISTED_AT_MOST {
                    prepared.left_out.push(LeftOut { index, code });
                }
            }
        }
    }
    match first_refusal {
        Some(refusal) if refused == envelope.messages.len() => Err(refusal.into()),
        _ => Ok(prepared),
    }
}

/// Maps one complete message for every destination.
fn map_one(
    text: &str,
    now: Timestamp,
    mappers: &mut [(&Arc<DestinationMapping>, Mapper<'_>)],
    prepared: &mut Prepared,
) {
    let line = Line::new(text.as_bytes());
    let message = line
        .as_ref()
        .map_err(|error| *error)
        .and_then(Message::read);
    for (destination, mapper) in mappers {
        let outcome = match &message {
            Ok(message) => mapper.map_message(message, now),
            Err(error) => (*error).into(),
        };
        let (verdict, reason) = match outcome {
            Outcome::Accepted(mapped) => {
                let event = taken(&prepared.source, destination, &mapped);
                prepared.taken.push(event);
                (Verdict::Accepted, "")
            }
            Outcome::Skipped(reason) => (Verdict::Skipped, reason.name()),
            Outcome::Rejected(rejection) => (Verdict::Rejected, rejection.reason.name()),
        };
        prepared.tally.add(Some(&destination.name), verdict, reason);
    }
}

fn taken(source: &Source, destination: &DestinationMapping, mapped: &Mapped<'_>) -> Taken {
    let event = &mapped.event;
    Taken {
        source: Arc::clone(&source.name),
        destination: Arc::clone(&destination.name),
        event: Bytes::from(event.to_json()),
        event_name: Box::from(&*event.event_name),
        event_time: event.event_time,
        action_source: event.action_source.unwrap_or(ActionSource::Website),
        test_event_code: mapped.test_event_code.as_deref().map(Box::from),
        message_id: event.event_id.as_deref().map(Box::from),
    }
}
