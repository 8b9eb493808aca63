//! The records of a segment, as bytes.
//!
//! A record is its length, its kind and its members. An event is written once, when it is accepted; requests and
//! settlements name events by the ranges of their keys.

use crate::codec::{Decoder, put_number, put_signed, put_text};
use crate::trace::event::{TracedAttempt, TracedEnd, TracedEvent, TracedOutcome};

pub(super) const EVENT: u8 = 1;
pub(super) const ATTEMPT: u8 = 2;
pub(super) const SETTLEMENT: u8 = 3;
/// Stands for the key of an event that has none.
pub(super) const NO_KEY: u64 = u64::MAX;
/// The reason of an event that the log had before.
const DUPLICATE: &str = "duplicate";

/// A request to Meta that failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct AttemptRecord<'a> {
    /// Name of the destination.
    pub destination: &'a str,
    /// When the answer came: Unix milliseconds.
    pub at: i64,
    /// Which request of these events it was, counted from 1.
    pub number: u32,
    /// From request to answer, in milliseconds.
    pub took_ms: u32,
    /// How it failed, a stable name.
    pub outcome: &'a str,
    /// HTTP status.
    pub status: Option<u16>,
    /// Graph's `code`.
    pub code: Option<i64>,
    /// Graph's `error_subcode`.
    pub subcode: Option<i64>,
    /// The id by which Meta's support finds the request.
    pub fbtrace_id: &'a str,
}

/// The end of events that were settled together.
#[derive(Clone, Copy, Debug, Default)]
pub struct SettlementRecord<'a> {
    /// Name of the destination.
    pub destination: &'a str,
    /// When: Unix milliseconds.
    pub at: i64,
    /// Why they were given up; empty when Meta has them.
    pub dead_letter_reason: &'a str,
    /// Requests that they were part of.
    pub attempts: u32,
    /// Events in the last request.
    pub batch_events: u32,
    /// The id by which Meta's support finds the last request.
    pub fbtrace_id: &'a str,
}

/// Appends a record: the length of what `put` appends, and that.
fn put_record(out: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    put(out);
    let length = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// Stands for the key of an accepted event until [`set_keys`].
const KEY_TO_COME: u64 = u64::MAX - 1;

/// Appends an event whose key is not known yet; `put` appends what follows key and repetition.
pub(super) fn put_event(out: &mut Vec<u8>, is_accepted: bool, put: impl FnOnce(&mut Vec<u8>)) {
    put_record(out, |out| {
        out.push(EVENT);
        let key = if is_accepted { KEY_TO_COME } else { NO_KEY };
        out.extend_from_slice(&key.to_le_bytes());
        out.push(0);
        put(out);
    });
}

/// Gives the accepted events their keys in order; `None`, and an event for which there is none, is a repetition or
/// unknown, and has no key.
pub(super) fn set_keys(events: &mut [u8], keys: &[Option<u64>]) {
    let mut keys = keys.iter();
    let mut rest = events;
    while let Some((length, more)) = rest.split_first_chunk_mut::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let Some((event, next)) = more.split_at_mut_checked(length) else {
            return;
        };
        if let [_, key @ .., is_duplicate] = event.get_mut(..10).unwrap_or_default()
            && key == KEY_TO_COME.to_le_bytes()
        {
            let stored = keys.next();
            *is_duplicate = u8::from(stored == Some(&None));
            let stored = stored.copied().flatten().unwrap_or(NO_KEY);
            key.copy_from_slice(&stored.to_le_bytes());
        }
        rest = next;
    }
}

pub(super) fn put_attempt(
    out: &mut Vec<u8>,
    one: &AttemptRecord<'_>,
    keys: impl Iterator<Item = (u64, u64)>,
) {
    put_record(out, |out| {
        out.push(ATTEMPT);
        put_signed(out, one.at);
        put_text(out, one.destination);
        put_number(out, u64::from(one.number));
        put_number(out, u64::from(one.took_ms));
        put_text(out, one.outcome);
        put_number(out, u64::from(one.status.unwrap_or(0)));
        for code in [one.code, one.subcode] {
            out.push(u8::from(code.is_some()));
            put_signed(out, code.unwrap_or(0));
        }
        put_text(out, one.fbtrace_id);
        put_keys(out, keys);
    });
}

pub(super) fn put_settlement(
    out: &mut Vec<u8>,
    one: &SettlementRecord<'_>,
    keys: impl Iterator<Item = (u64, u64)>,
) {
    put_record(out, |out| {
        out.push(SETTLEMENT);
        put_signed(out, one.at);
        put_text(out, one.destination);
        put_text(out, one.dead_letter_reason);
        put_number(out, u64::from(one.attempts));
        put_number(out, u64::from(one.batch_events));
        put_text(out, one.fbtrace_id);
        put_keys(out, keys);
    });
}

/// Ranges of keys, joined where they touch: the distance to the end of the range before, and the length.
fn put_keys(out: &mut Vec<u8>, keys: impl Iterator<Item = (u64, u64)>) {
    let mut end = 0_u64;
    let mut range: Option<(u64, u64)> = None;
    let mut put = |(first, count): (u64, u64)| {
        put_signed(out, first.wrapping_sub(end).cast_signed());
        put_number(out, count);
        end = first.wrapping_add(count);
    };
    for (next, more) in keys {
        match &mut range {
            Some((first, count)) if first.checked_add(*count) == Some(next) => *count += more,
            _ => {
                if let Some(done) = range.replace((next, more)) {
                    put(done);
                }
            }
        }
    }
    if let Some(done) = range {
        put(done);
    }
}

/// Ranges of keys, as they are read: first key and count.
#[derive(Clone)]
pub(super) struct KeyRanges<'a> {
    decoder: Decoder<'a>,
    end: u64,
}

impl Iterator for KeyRanges<'_> {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        let first = self
            .end
            .wrapping_add(self.decoder.signed()?.cast_unsigned());
        let count = self.decoder.number()?;
        self.end = first.wrapping_add(count);
        Some((first, count))
    }
}

impl KeyRanges<'_> {
    pub(super) fn contains(&self, key: u64) -> bool {
        let mut ranges = self.clone();
        ranges.any(|(first, count)| key.checked_sub(first).is_some_and(|offset| offset < count))
    }

    pub(super) fn events(&self) -> u32 {
        let total = self
            .clone()
            .fold(0_u64, |sum, (_, count)| sum.saturating_add(count));
        u32::try_from(total).unwrap_or(u32::MAX)
    }
}

/// The records in these bytes, each without its length: kind first. Ends at the first that is not whole.
pub(super) fn records(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut decoder = Decoder(bytes);
    std::iter::from_fn(move || {
        let length = u32::from_le_bytes(decoder.array()?);
        let (kind, rest) = decoder.bytes(length.try_into().ok()?)?.split_first()?;
        Some((*kind, rest))
    })
}

/// Whether the event in these bytes has an id of this fingerprint. Reads no more than it must.
pub(super) fn has_id(event: &[u8], fingerprint: u64) -> bool {
    let mut decoder = Decoder(event);
    let ids = decoder.bytes(9).and_then(|_| decoder.byte());
    let ids = ids.and_then(|count| decoder.bytes(usize::from(count) * 8));
    let sought = fingerprint.to_le_bytes();
    ids.is_some_and(|ids| ids.chunks_exact(8).any(|id| id == sought))
}

/// Reads an event.
pub(super) fn read_event(event: &[u8]) -> Option<TracedEvent> {
    let mut decoder = Decoder(event);
    let key = u64::from_le_bytes(decoder.array()?);
    let is_duplicate = decoder.byte()? != 0;
    let ids = usize::from(decoder.byte()?);
    decoder.bytes(ids * 8)?;
    let (at, outcome) = (decoder.signed()?, decoder.byte()?);
    let mut text = || decoder.text().map(str::to_owned);
    let mut event = TracedEvent {
        at,
        outcome: TracedOutcome::from_byte(outcome),
        key: (key != NO_KEY).then_some(key),
        source: text()?,
        library: text()?,
        kind: text()?,
        event: text()?,
        destination: text()?,
        reason: text()?,
        ..TracedEvent::default()
    };
    if is_duplicate {
        event.outcome = TracedOutcome::Skipped;
        DUPLICATE.clone_into(&mut event.reason);
    }
    Some(event)
}

/// What a record of a request or a settlement says, and of which events.
pub(super) struct Happened<'a> {
    pub(super) destination: &'a str,
    pub(super) keys: KeyRanges<'a>,
    pub(super) what: What,
}

pub(super) enum What {
    Attempt(TracedAttempt),
    End(TracedEnd),
}

impl What {
    /// Adds it to an event that it is about.
    pub(super) fn add_to(&self, event: &mut TracedEvent) {
        match self {
            Self::Attempt(attempt) => event.attempts.push(attempt.clone()),
            // A dead letter that is replayed ends a second time.
            Self::End(end) => event.end = Some(end.clone()),
        }
    }
}

/// Reads a request or a settlement.
pub(super) fn read_happened(kind: u8, record: &[u8]) -> Option<Happened<'_>> {
    let mut decoder = Decoder(record);
    let at = decoder.signed()?;
    let destination = decoder.text()?;
    let mut what = match kind {
        ATTEMPT => What::Attempt(read_attempt(at, &mut decoder)?),
        SETTLEMENT => What::End(read_end(at, &mut decoder)?),
        _ => return None,
    };
    let keys = KeyRanges { decoder, end: 0 };
    if let What::Attempt(attempt) = &mut what {
        attempt.batch_events = keys.events();
    }
    Some(Happened {
        destination,
        keys,
        what,
    })
}

fn read_attempt(at: i64, decoder: &mut Decoder<'_>) -> Option<TracedAttempt> {
    let (number, took_ms) = (decoder.small()?, decoder.small()?);
    let outcome = decoder.text()?.to_owned();
    let status = u16::try_from(decoder.number()?).ok()?;
    let mut code = || {
        let is_there = decoder.byte()? != 0;
        let code = decoder.signed()?;
        Some(is_there.then_some(code))
    };
    let (code, subcode) = (code()?, code()?);
    Some(TracedAttempt {
        at,
        number,
        took_ms,
        batch_events: 0,
        outcome,
        status: (status != 0).then_some(status),
        code,
        subcode,
        fbtrace_id: decoder.text()?.to_owned(),
    })
}

fn read_end(at: i64, decoder: &mut Decoder<'_>) -> Option<TracedEnd> {
    let reason = decoder.text()?.to_owned();
    Some(TracedEnd {
        at,
        is_delivered: reason.is_empty(),
        reason,
        attempts: decoder.small()?,
        batch_events: decoder.small()?,
        fbtrace_id: decoder.text()?.to_owned(),
    })
}

#[cfg(test)]
mod tests;
