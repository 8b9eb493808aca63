//! From the bytes of a request to events: who sent it, which messages are in it, what becomes of each.

mod batch_defaults;
mod client_ip;
mod clock_skew;
mod completion;
mod cookie;
mod enrichment;
pub(crate) mod envelope;
mod events;
pub(crate) mod pixel;
pub(crate) mod records;
pub(crate) mod sender;
mod strict_check;
mod times;

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::HeaderMap;
use conversions_transport::Frame;
use jiff::Timestamp;
use memchr::memmem;
use segment_spec::{Line, MAX_LINE_BYTES};

use crate::auth::key_ring::Key;
use crate::auth::signature;
use crate::compiled_options::CompiledOptions;
use crate::limits::budget::Share;
use crate::message_recorder::MessageRecorder;
use crate::options::Limits;
use crate::outcome::{MAX_LISTED, OutcomeCounts, RejectedItem};
use crate::refusal::{Refusal, Refused};
use crate::request::completion::Completion;
use crate::request::enrichment::Enrichment;
use crate::request::envelope::{BodyShape, Envelope};
use crate::request::events::{AcceptancePolicy, Batch, EventBuilder};
use crate::request::sender::Sender;
use crate::sink::EventSink;
use crate::source::{Source, Webhook};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the path of a request says about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// The type of messages that have none.
    kind: Option<&'static str>,
    /// What the body is expected to hold.
    shape: BodyShape,
    /// Bytes of the body at most.
    pub(crate) max_body_bytes: usize,
}

/// The events of a request and what became of its messages, before anything is stored.
pub(crate) struct PreparedRequest {
    pub(crate) source: Arc<Source>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) outcomes: OutcomeCounts,
    pub(crate) recorder: Option<Box<dyn MessageRecorder>>,
    /// Messages of a batch that are not among the events; the first [`MAX_LISTED`].
    pub(crate) rejected: Vec<RejectedItem>,
}

/// When a request came in, and where its events go.
#[derive(Clone, Copy)]
pub(crate) struct Arrival<'r> {
    pub(crate) now: Timestamp,
    pub(crate) sink: &'r dyn EventSink,
}

impl Call {
    /// A call with one message.
    pub(crate) fn single(kind: Option<&'static str>, limits: &Limits) -> Self {
        Self {
            kind,
            shape: BodyShape::Single,
            max_body_bytes: limits.message_bytes,
        }
    }

    /// A call with a list of messages.
    pub(crate) fn batch(limits: &Limits) -> Self {
        Self {
            kind: None,
            shape: BodyShape::Batch {
                messages: limits.batch_messages,
                default_bytes: limits.message_bytes,
            },
            max_body_bytes: limits.batch_bytes,
        }
    }
}

/// Where the write key of a call may be, other than in its body.
pub(crate) struct PresentedKeys<'k> {
    /// The key in the header.
    pub(crate) header: Option<String>,
    /// The source's key that it is, if it is one.
    pub(crate) known: Option<&'k Key>,
    /// The key in the query.
    pub(crate) query: Option<String>,
}

/// Prepares a call of the Tracking API. The write key is looked for in the header, then in the body, then in the query.
pub(crate) fn track(
    compiled: &CompiledOptions,
    call: Call,
    sender: &Sender<'_>,
    keys: PresentedKeys<'_>,
    body: &[u8],
    arrival: Arrival<'_>,
    held: &mut Share,
) -> Result<PreparedRequest, Refused> {
    let text = decode_text(body)?;
    let envelope = Envelope::read(&text, call.shape)?;
    let key = match keys.known {
        Some(key) => key,
        None => find_key(compiled, keys, &envelope)?,
    };
    key.admit(envelope.messages.len(), compiled.options.rate_limit)
        .map_err(|wait| Refused {
            refusal: Refusal::RateLimited,
            wait: Some(wait),
        })?;
    let limits = &compiled.options.limits;
    let completion = Completion {
        kind: call.kind,
        defaults: &envelope.defaults,
        enrichment: Enrichment::new(sender, &compiled.options.enrichment),
        received_at: arrival.now,
        received_at_json: times::write(arrival.now),
        clock_tolerance: Some(compiled.options.clock_tolerance),
    };
    let policy = AcceptancePolicy {
        message_bytes: limits.message_bytes,
        completed_bytes: limits.completed_bytes,
        strict: compiled.options.strict.then_some(limits),
        is_single: call.shape == BodyShape::Single,
    };
    let recorder = arrival.sink.recorder(&key.source.name);
    let batch = Batch::of_request(&key.source, arrival.now, policy, &envelope.messages);
    let events = EventBuilder::new(&batch, recorder);
    prepare(events, policy, &completion, &envelope.messages, held)
}

/// The first key of a source among those that a call presents.
fn find_key<'k>(
    compiled: &'k CompiledOptions,
    keys: PresentedKeys<'_>,
    envelope: &Envelope<'_>,
) -> Result<&'k Key, Refusal> {
    let mut presented = keys
        .header
        .into_iter()
        .chain(envelope.write_keys())
        .chain(keys.query)
        .filter(|key| !key.is_empty())
        .peekable();
    presented.peek().ok_or(Refusal::MissingWriteKey)?;
    presented
        .find_map(|presented| compiled.keys.find(&presented))
        .ok_or(Refusal::UnknownWriteKey)
}

/// Prepares a request of Segment's webhook to the source of this name.
pub(crate) fn webhook(
    compiled: &CompiledOptions,
    name: &str,
    headers: &HeaderMap,
    body: &[u8],
    arrival: Arrival<'_>,
    held: &mut Share,
) -> Result<PreparedRequest, Refused> {
    let limits = &compiled.options.limits;
    let shape = BodyShape::Webhook {
        messages: limits.webhook_messages,
    };
    let text = decode_text(body)?;
    let envelope = Envelope::read(&text, shape)?;
    // Of a list, Segment signs the first message only.
    let signed = if text.trim_start().starts_with('[') {
        let first = envelope.messages.first().copied().unwrap_or_default();
        original_bytes(body, &text, first)
    } else {
        body
    };
    // The answer must not reveal which sources exist, nor must its time: without a source, verify against a webhook
    // that cannot be right.
    let source = compiled.source(name);
    let webhook = source.and_then(|source| source.webhook.as_ref());
    let dummy = Webhook::new("");
    let is_authentic = signature::is_authentic(webhook.unwrap_or(&dummy), headers, signed);
    let source = source
        .filter(|_| is_authentic && webhook.is_some())
        .ok_or(Refusal::InvalidSignature)?;
    let completion = Completion {
        kind: None,
        defaults: &envelope.defaults,
        // The request comes from Segment, not from the user.
        enrichment: Enrichment::default(),
        received_at: arrival.now,
        received_at_json: times::write(arrival.now),
        // Segment has corrected the times.
        clock_tolerance: None,
    };
    let policy = AcceptancePolicy {
        message_bytes: limits.webhook_bytes,
        completed_bytes: limits.completed_bytes,
        // Segment has accepted these messages.
        strict: None,
        is_single: false,
    };
    let recorder = arrival.sink.recorder(&source.name);
    let batch = Batch::of_request(source, arrival.now, policy, &envelope.messages);
    let events = EventBuilder::new(&batch, recorder);
    prepare(events, policy, &completion, &envelope.messages, held)
}

/// The text of a body, in which every Unicode escape stands for a character. Its depth is checked when it is parsed.
pub(crate) fn decode_text(body: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    if body.len() > MAX_LINE_BYTES {
        return Err(Refusal::PayloadTooLarge);
    }
    let text = simdutf8::basic::from_utf8(body).map_err(|_| Refusal::BadRequest)?;
    // Only escapes that begin like this can be half of a surrogate pair, and need to be repaired.
    let has_surrogates = memmem::find(body, b"\\u").is_some_and(|first| {
        let rest = body.get(first..).unwrap_or_default();
        ["\\ud", "\\uD"]
            .iter()
            .any(|half| memmem::find(rest, half.as_bytes()).is_some())
    });
    if has_surrogates {
        let line = Line::new(body).map_err(|_| Refusal::BadRequest)?;
        return Ok(Cow::Owned(line.text().to_owned()));
    }
    Ok(Cow::Borrowed(text))
}

/// The bytes of a part of the text as they were sent, which is what was signed. Repaired escapes keep their length, so
/// the offsets are the same.
fn original_bytes<'b>(body: &'b [u8], text: &str, part: &str) -> &'b [u8] {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let start = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    body.get(start..start.saturating_add(part.len()))
        .unwrap_or_default()
}

/// Completes and maps every message. A refused message of a batch is listed; the request is refused when there is no
/// other.
fn prepare(
    mut events: EventBuilder<'_>,
    policy: AcceptancePolicy<'_>,
    completion: &Completion<'_>,
    messages: &[&str],
    held: &mut Share,
) -> Result<PreparedRequest, Refused> {
    let (mut rejected, mut refusals, mut first_refusal) = (Vec::new(), 0usize, None);
    let mut bytes_left = policy.completed_bytes;
    for (index, message) in messages.iter().enumerate() {
        let bytes_before = events.bytes();
        match events.add(message, completion) {
            Ok(bytes) => {
                bytes_left = bytes_left
                    .checked_sub(bytes)
                    .ok_or(Refusal::PayloadTooLarge)?;
                if !held.grow(events.bytes() - bytes_before) {
                    return Err(Refusal::Overloaded.into());
                }
            }
            Err(refusal) if policy.is_single => return Err(refusal.into()),
            Err(refusal) => {
                refusals += 1;
                first_refusal = first_refusal.or(Some(refusal));
                let code = refusal.code();
                events.refuse(refusal);
                if rejected.len() < MAX_LISTED {
                    rejected.push(RejectedItem { index, code });
                }
            }
        }
    }
    if let Some(refusal) = first_refusal.filter(|_| refusals == messages.len()) {
        return Err(refusal.into());
    }
    let source = Arc::clone(events.source());
    let built = events.finish();
    Ok(PreparedRequest {
        source,
        frames: built.frames,
        outcomes: built.outcomes,
        recorder: built.recorder,
        rejected,
    })
}
