//! Replays as records: a dead letter became an event again, under another key.
//!
//! Beside both keys stand the ids and the name of the event: the record of the event itself may be gone by then.

use super::{REPLAY, Record, put_record};
use crate::codec::{Decoder, put_number, put_signed, put_text};

/// A dead letter that is to be sent again.
#[derive(Clone, Copy, Default)]
pub struct ReplayRecord<'a> {
    /// Name of the destination.
    pub destination: &'a str,
    /// When it was put back: Unix milliseconds.
    pub at: i64,
    /// The key that the event had.
    pub replay_of: u64,
    /// The key that it has now.
    pub key: u64,
    /// Meta's name of the event.
    pub event: &'a str,
    /// `event_id` and `order_id`, those that there are. Only fingerprints of them are kept.
    pub ids: [Option<&'a str>; 2],
}

/// Keys and names; the ids are left out.
impl std::fmt::Debug for ReplayRecord<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplayRecord")
            .field("destination", &self.destination)
            .field("replay_of", &self.replay_of)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Appends a replay; `put_ids` appends the number of its ids and their fingerprints.
pub(in crate::trace) fn put_replay(
    out: &mut Vec<u8>,
    one: &ReplayRecord<'_>,
    put_ids: impl FnOnce(&mut Vec<u8>),
) {
    put_record(out, |out| {
        out.push(REPLAY);
        put_ids(out);
        put_signed(out, one.at);
        put_text(out, one.destination);
        put_number(out, one.replay_of);
        put_number(out, one.key);
        put_text(out, one.event);
    });
}

/// A replay, as it is read.
#[derive(Clone, Copy)]
pub(in crate::trace) struct Replay<'a> {
    ids: &'a [u8],
    pub(in crate::trace) at: i64,
    pub(in crate::trace) destination: &'a str,
    pub(in crate::trace) letter: u64,
    pub(in crate::trace) key: u64,
    pub(in crate::trace) event: &'a str,
}

impl Replay<'_> {
    pub(in crate::trace) fn has_id(&self, fingerprint: u64) -> bool {
        let sought = fingerprint.to_le_bytes();
        self.ids.chunks_exact(8).any(|id| id == sought)
    }
}

/// Reads a replay; `None` if the record is of another kind.
pub(in crate::trace) fn read_replay<'a>(record: &Record<'a>) -> Option<Replay<'a>> {
    let mut decoder = Decoder(record.body);
    if record.kind != REPLAY {
        return None;
    }
    let count = usize::from(decoder.byte()?);
    Some(Replay {
        ids: decoder.bytes(count * 8)?,
        at: decoder.signed()?,
        destination: decoder.text()?,
        letter: decoder.number()?,
        key: decoder.number()?,
        event: decoder.text()?,
    })
}
