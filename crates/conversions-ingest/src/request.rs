//! From the bytes of a request to events: whose are they, what is in them, what becomes of each message.

mod batch_defaults;
mod client_ip;
mod clock_skew;
mod completion;
mod cookie;
mod enrichment;
pub(crate) mod envelope;
mod events;
pub(crate) mod pixel;
pub(crate) mod sender;
mod strict_check;
mod times;

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::HeaderMap;
use conversions_transport::NewEvent;
use jiff::Timestamp;
use memchr::memmem;
use segment_spec::{Line, MAX_LINE_BYTES, Raw};

use crate::auth::signature::is_authentic;
use crate::auth::write_key::write_key;
use crate::compiled_options::Ready;
use crate::http::answer::{LISTED_AT_MOST, LeftOut};
use crate::limits::budget::Share;
use crate::outcome::{Tally, Verdict};
use crate::refusal::{Refusal, Refused};
use crate::request::completion::Completion;
use crate::request::enrichment::Enrichment;
use crate::request::envelope::{Envelope, Shape};
use crate::request::events::{Acceptance, Events};
use crate::request::sender::Sender;
use crate::request::times;
use crate::source::{Source, Webhook};

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
    pub(crate) events: Vec<NewEvent>,
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
    let text = text(body)?;
    let envelope = Envelope::read(&text, call.shape)?;
    let mut presented = write_key(sender.headers)
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
    let limits = &ready.options.limits;
    let completion = Completion {
        kind: call.kind,
        defaults: &envelope.defaults,
        enrichment: Enrichment::new(sender, &ready.options.enrichment),
        received_at: now,
        received_at_json: times::write(now),
        clock_tolerance: Some(ready.options.clock_tolerance),
    };
    let acceptance = Acceptance {
        message_bytes: limits.message_bytes,
        strict: ready.options.strict.then_some(limits),
        completed_bytes: limits.completed_bytes,
        is_single: call.shape == Shape::Single,
    };
    map(
        &key.source,
        &completion,
        acceptance,
        &envelope.messages,
        held,
    )
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
    let text = text(body)?;
    let envelope = Envelope::read(&text, shape)?;
    let signed = if text.trim_start().starts_with('[') {
        let first = envelope.messages.first().map_or("", |first| first.text());
        as_sent(body, &text, first)
    } else {
        body
    };
    let is_authentic = is_authentic(webhook.unwrap_or(&nobody), headers, signed);
    let source = source
        .filter(|_| is_authentic && webhook.is_some())
        .ok_or(Refusal::InvalidSignature)?;
    let completion = Completion {
        kind: None,
        defaults: &envelope.defaults,
        enrichment: Enrichment::default(),
        received_at: now,
        received_at_json: times::write(now),
        clock_tolerance: None,
    };
    let acceptance = Acceptance {
        message_bytes: limits.webhook_bytes,
        strict: None,
        completed_bytes: limits.completed_bytes,
        is_single: false,
    };
    map(source, &completion, acceptance, &envelope.messages, held)
}

/// The text of a body, in which escapes are whole characters. How deep it is shows when it is taken apart.
fn text(body: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    if body.len() > MAX_LINE_BYTES {
        return Err(Refusal::PayloadTooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| Refusal::BadRequest)?;
    let has_surrogates = ["\\ud", "\\uD"]
        .iter()
        .any(|half| memmem::find(body, half.as_bytes()).is_some());
    if has_surrogates {
        let line = Line::new(body).map_err(|_| Refusal::BadRequest)?;
        return Ok(Cow::Owned(line.text().to_owned()));
    }
    Ok(Cow::Borrowed(text))
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
    completion: &Completion<'_>,
    acceptance: Acceptance<'_>,
    messages: &[Raw<'_>],
    held: &mut Share,
) -> Result<Prepared, Refused> {
    let mut events = Events::new(source, completion, acceptance, messages);
    let (mut left_out, mut refused, mut first_refusal) = (Vec::new(), 0usize, None);
    let mut room = acceptance.completed_bytes;
    for (index, message) in messages.iter().enumerate() {
        let before = events.bytes();
        match events.add(*message) {
            Ok(bytes) => {
                room = room.checked_sub(bytes).ok_or(Refusal::PayloadTooLarge)?;
                if !held.grow(events.bytes() - before) {
                    return Err(Refusal::Overloaded.into());
                }
            }
            Err(refusal) if acceptance.is_single => return Err(refusal.into()),
            Err(refusal) => {
                refused += 1;
                first_refusal = first_refusal.or(Some(refusal));
                let code = refusal.code();
                events.tally.add(None, Verdict::Rejected, code);
                if left_out.len() < LISTED_AT_MOST {
                    left_out.push(LeftOut { index, code });
                }
            }
        }
    }
    if let Some(refusal) = first_refusal.filter(|_| refused == messages.len()) {
        return Err(refusal.into());
    }
    let (events, tally) = events.finish();
    Ok(Prepared {
        source: Arc::clone(source),
        events,
        tally,
        left_out,
    })
}
