//! The entries of a record: frames of events, ids of messages, input offsets, and keys of delivered events.
//!
//! | entry | bytes |
//! |---|---|
//! | 1 destination | name: the delivered events that follow are of it |
//! | 2 frame | as [`frame_codec`] writes it |
//! | 3 ids | the entries of `dedup.rs` one after the other |
//! | 4 input | id (16), time (8), four counts (8 each), 0 or 1; with 1 the line (8) and the note |
//! | 5 delivered | first key (8), number of events (8) |
//!
//! Numbers are little endian; names, frames, ids and notes have their length (4) before them.

use bytes::Bytes;
use conversions_delivery::frame_codec::{Codec, StoredFrame};
use conversions_delivery::{EventKey, InputId, KeyRange, UnixMillis};

use super::{HEADER_BYTES, Location, reading};
use crate::input_counts::InputCounts;

const DESTINATION: u8 = 1;
const FRAME: u8 = 2;
const IDS: u8 = 3;
const INPUT: u8 = 4;
const DELIVERED: u8 = 5;

/// A record that is being built: room for its header, then the entries.
#[derive(Debug)]
pub(crate) struct CommitBuilder {
    bytes: Vec<u8>,
    /// Where the frames are: start and length.
    frames: Vec<(usize, usize)>,
}

impl Default for CommitBuilder {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

/// One entry of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    /// What follows belongs to this destination.
    Destination(&'a str),
    /// Events were appended.
    Frame {
        /// Where the frame begins, in the bytes of all entries.
        offset: usize,
        /// Its bytes.
        bytes: Bytes,
    },
    /// Ids of messages were seen.
    Ids(&'a [u8]),
    /// An input was read further, or counts of it have changed.
    Input {
        /// The input.
        input: InputId,
        /// The last line that is dealt with, and the note.
        offset: Option<(u64, Bytes)>,
        /// What to add to its counts.
        counts: InputCounts,
        /// When.
        at: UnixMillis,
    },
    /// Events were delivered.
    Delivered {
        /// Their keys.
        keys: KeyRange,
    },
}

impl CommitBuilder {
    /// An empty record with room for `bytes` of entries.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        let mut record = Vec::with_capacity(HEADER_BYTES.saturating_add(bytes));
        record.extend([0; HEADER_BYTES]);
        Self {
            bytes: record,
            frames: Vec::new(),
        }
    }

    /// The bytes of the record, under this number.
    pub(super) fn finish(&mut self, number: u64) -> &[u8] {
        if let Some((header, entries)) = self.bytes.split_first_chunk_mut() {
            *header = reading::header(number, entries);
        }
        &self.bytes
    }

    pub(crate) fn write(&mut self, entry: &Entry<'_>) {
        let to = &mut self.bytes;
        match entry {
            Entry::Destination(name) => {
                to.push(DESTINATION);
                write_bytes(to, name.as_bytes());
            }
            Entry::Frame { bytes, .. } => {
                to.push(FRAME);
                write_bytes(to, bytes);
            }
            Entry::Ids(ids) => {
                to.push(IDS);
                write_bytes(to, ids);
            }
            Entry::Input {
                input,
                offset,
                counts,
                at,
            } => {
                to.push(INPUT);
                to.extend(input.0);
                to.extend(at.0.to_le_bytes());
                for count in [
                    counts.appended,
                    counts.duplicates,
                    counts.delivered,
                    counts.dead_lettered,
                ] {
                    to.extend(count.to_le_bytes());
                }
                to.push(u8::from(offset.is_some()));
                if let Some((line, note)) = offset {
                    to.extend(line.to_le_bytes());
                    write_bytes(to, note);
                }
            }
            Entry::Delivered { keys } => {
                to.push(DELIVERED);
                to.extend(keys.first.0.to_le_bytes());
                to.extend(keys.count.to_le_bytes());
            }
        }
    }

    /// Adds the frame of events that were appended.
    pub(crate) fn write_frame(&mut self, stored: &StoredFrame) {
        let to = &mut self.bytes;
        to.push(FRAME);
        let length_at = to.len();
        to.extend([0; 4]);
        stored.write(Codec::None, to);
        let bytes = to.len() - length_at - 4;
        self.frames.push((length_at + 4, bytes));
        let length = u32::try_from(bytes).unwrap_or(u32::MAX);
        for (to, from) in to.iter_mut().skip(length_at).zip(length.to_le_bytes()) {
            *to = from;
        }
    }

    /// Where the frames are in the journal, in order, when the record is here.
    pub(crate) fn locations(&self, record: &Location) -> impl Iterator<Item = Location> {
        self.frames.iter().map(|(start, length)| Location {
            segment: record.segment,
            offset: record.offset + u64::try_from(*start).unwrap_or(u64::MAX),
            length: u32::try_from(*length).unwrap_or(u32::MAX),
        })
    }

    /// Reads the entries, whose frames share the memory of `bytes`. `None` stands for one that this version does not
    /// know, and ends the record.
    pub(crate) fn read(bytes: &Bytes) -> impl Iterator<Item = Option<Entry<'_>>> {
        let mut rest = Reader {
            all: bytes,
            rest: bytes,
        };
        std::iter::from_fn(move || {
            if rest.rest.is_empty() {
                return None;
            }
            let entry = rest.entry();
            if entry.is_none() {
                rest.rest = &[];
            }
            Some(entry)
        })
    }
}

fn write_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    // A commit has some megabytes, so the length always fits.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    to.extend(length.to_le_bytes());
    to.extend(bytes);
}

/// Bytes that are still to be read.
struct Reader<'a> {
    all: &'a Bytes,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn entry(&mut self) -> Option<Entry<'a>> {
        let [kind] = self.take()?;
        Some(match kind {
            DESTINATION => Entry::Destination(std::str::from_utf8(self.bytes()?).ok()?),
            FRAME => {
                let bytes = self.all.slice_ref(self.bytes()?);
                let left = self.rest.len() + bytes.len();
                Entry::Frame {
                    offset: self.all.len() - left,
                    bytes,
                }
            }
            IDS => Entry::Ids(self.bytes()?),
            INPUT => Entry::Input {
                input: InputId(self.take()?),
                at: UnixMillis(i64::from_le_bytes(self.take()?)),
                counts: InputCounts {
                    appended: self.number()?,
                    duplicates: self.number()?,
                    delivered: self.number()?,
                    dead_lettered: self.number()?,
                },
                offset: match self.take()? {
                    [0] => None,
                    [_] => Some((self.number()?, Bytes::copy_from_slice(self.bytes()?))),
                },
            },
            DELIVERED => Entry::Delivered {
                keys: KeyRange::new(EventKey(self.number()?), self.number()?),
            },
            _ => return None,
        })
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take()?))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(u32::from_le_bytes(self.take()?)).ok()?;
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }
}
