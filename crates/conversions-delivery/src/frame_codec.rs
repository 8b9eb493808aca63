//! Frames as bytes: what an event log keeps on disk, or gives to a broker.
//!
//! The bytes describe themselves: destination, keys and times are in them. Every event has a checksum of its own, so
//! that damage to one costs no other. The header stands at both ends, so that damage to one of the two costs nothing.
//!
//! | part | bytes |
//! |---|---|
//! | header | see below |
//! | an entry for each event | CRC-32 of the rest of the entry, its number and its text (4), start and length of its text (4 + 4), greatest age in seconds (4), flags (1): 1 with digest, `event_time` in Unix seconds (8), line or 0 (8), digest of the `messageId` (12) |
//! | texts | the events' JSON, joined by commas, compressed by the codec |
//! | trailer | the header once more, then its length (4) and the CRC-32 of that length (4) |
//!
//! | header | bytes |
//! |---|---|
//! | magic | `sgF1`: the 1 is the version |
//! | length | of the header (4) |
//! | codec | of the texts (1): 0 as they are, 1 Zstandard |
//! | flags | 1 with source, 2 with test code, 4 with input, 8 when it is a replay (1) |
//! | events | number of events (4) |
//! | texts | bytes of the texts, as they are and compressed (4 + 4) |
//! | first key | key of the first event (8) |
//! | accepted at | Unix milliseconds (8) |
//! | input | 16, if flagged |
//! | destination, source, test code | each its length (4) and its UTF-8; the last two if flagged |
//! | replay of | the key that the event had before it was a dead letter (8), if flagged |
//! | CRC-32 | of all bytes of the header in front of it (4) |
//!
//! Numbers are little endian. A flipped bit in compressed texts may cost all events.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use conversions_transport::{DedupKey, Frame, FrameEvent};

use crate::append::InputId;
use crate::event::EventKey;
use crate::key_set::KeyRange;
use crate::time::UnixMillis;

mod codec;
mod header;
mod read;
pub use codec::Codec;
use header::Header;
pub use header::MAGIC;
pub use read::{find_frames, read, read_summary};

/// A frame as a log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFrame {
    /// The key of the first event. The others have the keys that follow.
    pub first_key: EventKey,
    /// When the events were appended.
    pub accepted_at: UnixMillis,
    /// The input that the events were read from, if it is to be resumed.
    pub input: Option<InputId>,
    /// The events.
    pub frame: Frame,
}

/// An event that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedEvent {
    /// Its key.
    pub key: EventKey,
    /// What is left of its text.
    pub bytes: Bytes,
}

/// What was read of a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadFrame {
    /// The events that are whole, in order; one piece unless something is damaged.
    pub pieces: Vec<StoredFrame>,
    /// The events that are not.
    pub damaged: Vec<DamagedEvent>,
    /// How many bytes the frame took.
    pub length: usize,
}

/// What stands in front of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameSummary {
    /// The keys of the events.
    pub keys: KeyRange,
    /// When they were appended.
    pub accepted_at: UnixMillis,
    /// The input that they were read from.
    pub input: Option<InputId>,
    /// Name of their destination.
    pub destination: Arc<str>,
    /// The line of the first event.
    pub first_line: Option<u64>,
    /// Bytes of the events' texts, without what is between them.
    pub event_bytes: u64,
    /// How many bytes the frame takes.
    pub length: usize,
}

/// The bytes are not a frame, or its header is damaged at both ends, or a newer version wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no frame of a version that is known here, or a damaged one")]
pub struct UnreadableFrame;

/// Bytes of an entry.
const ENTRY: usize = 4 + 4 + 4 + 4 + 1 + 8 + 8 + DedupKey::LEN;
const HAS_DIGEST: u8 = 1;

impl StoredFrame {
    /// The keys of the events.
    #[must_use]
    pub fn keys(&self) -> KeyRange {
        let count = u64::try_from(self.frame.len()).unwrap_or(u64::MAX);
        KeyRange::new(self.first_key, count)
    }

    /// The events with these keys; those that are not in the frame are left out.
    #[must_use]
    pub fn of_keys(&self, keys: Range<u64>) -> Self {
        let index = |key: u64| usize::try_from(key - self.first_key.0).unwrap_or(usize::MAX);
        let own = self.keys().range();
        let start = keys.start.clamp(own.start, own.end);
        let end = keys.end.clamp(start, own.end);
        Self {
            first_key: EventKey(start),
            accepted_at: self.accepted_at,
            input: self.input,
            frame: self.frame.slice(index(start)..index(end)),
        }
    }

    /// An upper bound of the bytes that [`write`](Self::write) appends.
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        let header = self.frame.header();
        let text = |text: Option<&Arc<str>>| text.map_or(0, |text| 4 + text.len());
        let names = 4
            + header.destination.len()
            + text(header.source.as_ref())
            + text(header.test_event_code.as_ref());
        2 * (header::FIXED + header::OPTIONAL + names)
            + header::TRAILER
            + self.frame.len() * (ENTRY + 1)
            + self.frame.event_bytes()
    }

    /// Appends the frame to `to`.
    pub fn write(&self, codec: Codec, to: &mut Vec<u8>) {
        let plain = self.frame.json();
        let plain_bytes = plain.len();
        let (codec, texts) = codec.compress(plain);
        let header = Header::of(self, codec, plain_bytes, texts.len());
        let header_start = to.len();
        header.write(to);
        let header_end = to.len();
        let mut start = 0;
        for (number, event) in (0..).zip(self.frame.events()) {
            write_entry(number, start, &event, to);
            start += event.json.len() + 1;
        }
        to.extend_from_slice(&texts);
        let trailer_start = to.len();
        to.extend_from_within(header_start..header_end);
        header::write_trailer(to.len() - trailer_start, to);
    }
}

fn write_entry(number: u32, start: usize, event: &FrameEvent<'_>, to: &mut Vec<u8>) {
    let number_of = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let max_age = u32::try_from(event.max_age.as_secs()).unwrap_or(u32::MAX);
    let at = to.len();
    to.extend([0; 4]);
    to.extend(number_of(start));
    to.extend(number_of(event.json.len()));
    to.extend(max_age.to_le_bytes());
    to.push(if event.dedup_key.is_some() {
        HAS_DIGEST
    } else {
        0
    });
    to.extend(event.event_time.to_le_bytes());
    to.extend(event.line.unwrap_or(0).to_le_bytes());
    to.extend(event.dedup_key.map_or([0; DedupKey::LEN], |key| key.0));
    let sum = checksum(number, to.get(at + 4..).unwrap_or_default(), event.json);
    for (to, from) in to.iter_mut().skip(at).zip(sum.to_le_bytes()) {
        *to = from;
    }
}

fn checksum(number: u32, entry: &[u8], text: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_le_bytes());
    hasher.update(entry);
    hasher.update(text);
    hasher.finalize()
}

#[cfg(test)]
mod tests;
