//! The entries of a frame: events, ids of messages, input offsets, and keys of delivered events.
//!
//! | entry | bytes |
//! |---|---|
//! | 1 destination | name: the entries that follow are of it |
//! | 2 event | key (8), record |
//! | 3 ids | the entries of `dedup.rs` one after the other |
//! | 4 input | id (16), time (8), four counts (8 each), 0 or 1; with 1 the line (8) and the note |
//! | 5 delivered | key (8) |
//!
//! Numbers are little endian; names, records, ids and notes have their length (4) before them.

use bytes::Bytes;
use conversions_delivery::{InputId, UnixMillis};

use super::{HEADER_BYTES, reading};
use crate::input_counts::InputCounts;

const DESTINATION: u8 = 1;
const EVENT: u8 = 2;
const IDS: u8 = 3;
const INPUT: u8 = 4;
const DELIVERED: u8 = 5;

/// A frame that is being built: room for its header, then the entries.
#[derive(Debug)]
pub(crate) struct FrameBuilder {
    bytes: Vec<u8>,
}

impl Default for FrameBuilder {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

/// One entry of a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    /// What follows belongs to this destination.
    Destination(&'a str),
    /// An event was appended.
    Event {
        /// Its key.
        key: u64,
        /// The record, as the tables have it.
        record: &'a [u8],
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
    /// An event was delivered.
    Delivered {
        /// Its key.
        key: u64,
    },
}

impl FrameBuilder {
    /// An empty frame with room for `bytes` of entries.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        let mut frame = Vec::with_capacity(HEADER_BYTES.saturating_add(bytes));
        frame.extend([0; HEADER_BYTES]);
        Self { bytes: frame }
    }

    /// The bytes of the frame, under this number.
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
            Entry::Event { key, record } => {
                to.push(EVENT);
                to.extend(key.to_le_bytes());
                write_bytes(to, record);
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
            Entry::Delivered { key } => {
                to.push(DELIVERED);
                to.extend(key.to_le_bytes());
            }
        }
    }

    /// Reads the entries. `None` stands for one that this version does not know, and ends the frame.
    pub(crate) fn read(bytes: &[u8]) -> impl Iterator<Item = Option<Entry<'_>>> {
        let mut rest = Reader(bytes);
        std::iter::from_fn(move || {
            if rest.0.is_empty() {
                return None;
            }
            let entry = rest.entry();
            if entry.is_none() {
                rest.0 = &[];
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
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn entry(&mut self) -> Option<Entry<'a>> {
        let [kind] = self.take()?;
        Some(match kind {
            DESTINATION => Entry::Destination(std::str::from_utf8(self.bytes()?).ok()?),
            EVENT => Entry::Event {
                key: self.number()?,
                record: self.bytes()?,
            },
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
                key: self.number()?,
            },
            _ => return None,
        })
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take()?))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(u32::from_le_bytes(self.take()?)).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}
