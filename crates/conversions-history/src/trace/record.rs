//! The records of a segment, as bytes.
//!
//! A record is its length, its kind and its members. An event is written once, when it is accepted; requests and
//! settlements name events by the ranges of their keys.

mod event_record;
mod replay;

use crate::codec::{Decoder, put_number, put_signed, put_text};
use crate::trace::event::{TracedAttempt, TracedEnd, TracedEvent};

pub(super) use event_record::{EventWriter, has_id, read_event};
pub use replay::ReplayRecord;
pub(super) use replay::{Replay, put_replay, read_replay};

pub(super) const EVENT: u8 = 1;
pub(super) const ATTEMPT: u8 = 2;
pub(super) const SETTLEMENT: u8 = 3;
pub(super) const REPLAY: u8 = 4;

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

/// A record among others.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) kind: u8,
    /// What follows the kind.
    pub(super) body: &'a [u8],
    /// The records before it.
    before: &'a [u8],
}

/// The records in these bytes. Ends at the first that is not whole.
pub(super) fn records(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut decoder = Decoder(bytes);
    std::iter::from_fn(move || {
        let before = bytes.get(..bytes.len() - decoder.0.len())?;
        let length = u32::from_le_bytes(decoder.array()?);
        let (kind, body) = decoder.bytes(length.try_into().ok()?)?.split_first()?;
        Some(Record {
            kind: *kind,
            body,
            before,
        })
    })
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
            Self::End(end) => event.end = Some(end.clone()),
        }
    }
}

/// Reads a request or a settlement.
pub(super) fn read_happened<'a>(record: &Record<'a>) -> Option<Happened<'a>> {
    let mut decoder = Decoder(record.body);
    let at = decoder.signed()?;
    let destination = decoder.text()?;
    let mut what = match record.kind {
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
