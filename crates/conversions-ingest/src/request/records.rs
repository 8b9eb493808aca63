//! From records of a broker to events.

use std::sync::Arc;

use jiff::Timestamp;
use memchr::memmem;
use segment_spec::{Kind, Raw};

use crate::limits::heavy_work;
use crate::options::Limits;
use crate::records::{
    MappedRecord, MappedRecords, RecordOutcomes, RecordTarget, RejectedMessage, SourceRecord,
};
use crate::refusal::Refusal;
use crate::request::completion::Completion;
use crate::request::decode_text;
use crate::request::enrichment::Enrichment;
use crate::request::envelope::{BodyShape, Envelope};
use crate::request::events::{AcceptancePolicy, Batch, EventBuilder};
use crate::request::times;
use crate::state::IngestState;

/// Maps records for a source; `None` when there is no such source.
pub(crate) fn map(
    state: &Arc<IngestState>,
    target: RecordTarget<'_>,
    records: &[SourceRecord<'_>],
) -> Option<MappedRecords> {
    let compiled = state.compiled();
    let source = compiled.source(target.source)?;
    let limits = &compiled.options.limits;
    let now = state.clock.now();
    let bytes = records.iter().map(|record| record.payload.len()).sum();
    let policy = AcceptancePolicy {
        message_bytes: limits.message_bytes,
        completed_bytes: limits.completed_bytes,
        strict: compiled.options.strict.then_some(limits),
        is_single: false,
    };
    let batch = Batch {
        source,
        destination: target.destination,
        now,
        policy,
        messages: records.len(),
        bytes,
    };
    let recorder = state.sink.recorder(&source.name);
    let (built, records) = heavy_work::run_blocking(bytes, || {
        let mut events = EventBuilder::new(&batch, recorder);
        let records: Vec<_> = records
            .iter()
            .map(|record| add(&mut events, record, limits, now))
            .collect();
        (events.finish(), records)
    });
    Some(MappedRecords {
        frames: built.frames,
        records,
        outcomes: RecordOutcomes {
            state: Arc::clone(state),
            source: Arc::clone(source),
            counts: built.outcomes,
            recorder: built.recorder,
        },
    })
}

/// Adds the events of a record.
fn add(
    events: &mut EventBuilder<'_>,
    record: &SourceRecord<'_>,
    limits: &Limits,
    now: Timestamp,
) -> MappedRecord {
    let before = events.accepted();
    let mut rejected = Vec::new();
    if let Err(refusal) = add_messages(events, record, limits, now, &mut rejected) {
        events.refuse(refusal);
        rejected.push(RejectedMessage {
            refusal,
            index: None,
            text: None,
        });
    }
    MappedRecord {
        events: usize::try_from(events.accepted() - before).unwrap_or(usize::MAX),
        rejected,
    }
}

/// Adds the events of every message of a record. Messages of a batch that are refused are listed.
fn add_messages(
    events: &mut EventBuilder<'_>,
    record: &SourceRecord<'_>,
    limits: &Limits,
    now: Timestamp,
    rejected: &mut Vec<RejectedMessage>,
) -> Result<(), Refusal> {
    if record.payload.len() > limits.batch_bytes {
        return Err(Refusal::PayloadTooLarge);
    }
    let text = decode_text(record.payload)?;
    let (envelope, is_batch) = read_envelope(&text, limits)?;
    let completion = Completion {
        kind: None,
        defaults: &envelope.defaults,
        enrichment: Enrichment::default(),
        received_at: now,
        received_at_json: times::write(record.written_at.unwrap_or(now)),
        clock_tolerance: None,
    };
    let mut bytes_left = limits.completed_bytes;
    for (index, message) in envelope.messages.iter().enumerate() {
        let added = if message.len() > bytes_left {
            Err(Refusal::PayloadTooLarge)
        } else {
            events.add(message, &completion)
        };
        match added {
            Ok(bytes) => bytes_left = bytes_left.saturating_sub(bytes),
            Err(refusal) if !is_batch => return Err(refusal),
            Err(refusal) => {
                events.refuse(refusal);
                rejected.push(RejectedMessage {
                    refusal,
                    index: Some(index),
                    text: Some((*message).to_owned()),
                });
            }
        }
    }
    Ok(())
}

/// Takes a record apart, and says whether it is a batch.
fn read_envelope<'t>(text: &'t str, limits: &Limits) -> Result<(Envelope<'t>, bool), Refusal> {
    // Hardly any message has this text, so that most are gone through once.
    let is_batch = memmem::find(text.as_bytes(), b"\"batch\"").is_some() && has_batch(text);
    let shape = if is_batch {
        BodyShape::Batch {
            messages: limits.batch_messages,
            default_bytes: limits.message_bytes,
        }
    } else {
        BodyShape::Single
    };
    Envelope::read(text, shape).map(|envelope| (envelope, is_batch))
}

/// Whether there is a list `batch` at the top.
fn has_batch(text: &str) -> bool {
    let batch = Raw::read(text).and_then(|record| record.get("batch"));
    batch.is_some_and(|batch| batch.kind() == Kind::Array)
}
