//! An event as bytes on disk, with a checksum of its own: a flipped bit is noticed wherever it is.
//!
//! | bytes | |
//! |---|---|
//! | 4 | CRC-32 of destination, key and everything that follows |
//! | 1 | version: 1 |
//! | 1 | flags: 1 `physical_store`, 2 with test code, 4 with line, 8 with input |
//! | 8 | accepted at, Unix milliseconds |
//! | 8 | `event_time`, Unix seconds |
//! | 8, if flagged | line |
//! | 16, if flagged | input |
//! | 2 and more, if flagged | test code, its length first |
//! | rest | JSON text of the event |
//!
//! Numbers are little endian.

use std::time::Duration;

use conversions_delivery::{EventKey, InputId, UnixMillis};

use crate::max_age;

const VERSION: u8 = 1;
const SIXTY_TWO_DAYS: u8 = 1;
const HAS_CODE: u8 = 1 << 1;
const HAS_LINE: u8 = 1 << 2;
const HAS_INPUT: u8 = 1 << 3;

/// What is stored of an event besides its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) accepted_at: UnixMillis,
    pub(crate) event_time: i64,
    pub(crate) max_age: Duration,
    pub(crate) line: Option<u64>,
    pub(crate) input: Option<InputId>,
    pub(crate) test_event_code: Option<&'a str>,
    pub(crate) event: &'a [u8],
}

/// The bytes are not those that were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DamagedRecord;

impl<'a> Record<'a> {
    /// Appends the bytes to `to`. They are only readable with the same destination and key.
    pub(crate) fn write(&self, destination: &str, key: EventKey, to: &mut Vec<u8>) {
        let start = to.len();
        let mut flags = 0;
        if max_age::is_extended(self.max_age) {
            flags |= SIXTY_TWO_DAYS;
        }
        to.extend([0; 4]);
        let flags_at = to.len() + 1;
        to.extend([VERSION, 0]);
        to.extend(self.accepted_at.0.to_le_bytes());
        to.extend(self.event_time.to_le_bytes());
        if let Some(line) = self.line {
            flags |= HAS_LINE;
            to.extend(line.to_le_bytes());
        }
        if let Some(InputId(input)) = self.input {
            flags |= HAS_INPUT;
            to.extend(input);
        }
        // The length takes two bytes. Meta's codes have some ten characters, so a longer one is a mistake, and is left
        // out.
        if let Some((code, length)) = self
            .test_event_code
            .and_then(|code| Some((code, u16::try_from(code.len()).ok()?)))
        {
            flags |= HAS_CODE;
            to.extend(length.to_le_bytes());
            to.extend(code.as_bytes());
        }
        to.extend(self.event);
        if let Some(at) = to.get_mut(flags_at) {
            *at = flags;
        }
        let sum = checksum(destination, key, to.get(start + 4..).unwrap_or_default());
        for (to, from) in to.iter_mut().skip(start).zip(sum.to_le_bytes()) {
            *to = from;
        }
    }

    /// Reads what [`write`](Self::write) wrote.
    pub(crate) fn read(
        destination: &str,
        key: EventKey,
        bytes: &'a [u8],
    ) -> Result<Self, DamagedRecord> {
        let mut rest = Reader(bytes);
        let sum = u32::from_le_bytes(rest.take()?);
        if sum != checksum(destination, key, rest.0) {
            return Err(DamagedRecord);
        }
        let [version, flags] = rest.take()?;
        if version != VERSION {
            return Err(DamagedRecord);
        }
        let has = |flag| flags & flag != 0;
        Ok(Self {
            accepted_at: UnixMillis(i64::from_le_bytes(rest.take()?)),
            event_time: i64::from_le_bytes(rest.take()?),
            max_age: max_age::from_bit(has(SIXTY_TWO_DAYS)),
            line: if has(HAS_LINE) {
                Some(u64::from_le_bytes(rest.take()?))
            } else {
                None
            },
            input: if has(HAS_INPUT) {
                Some(InputId(rest.take()?))
            } else {
                None
            },
            test_event_code: if has(HAS_CODE) {
                Some(rest.take_text()?)
            } else {
                None
            },
            event: rest.0,
        })
    }
}

/// Bytes that are still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], DamagedRecord> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(DamagedRecord)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn take_text(&mut self) -> Result<&'a str, DamagedRecord> {
        let length = usize::from(u16::from_le_bytes(self.take()?));
        let (text, rest) = self.0.split_at_checked(length).ok_or(DamagedRecord)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| DamagedRecord)
    }
}

fn checksum(destination: &str, EventKey(key): EventKey, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(destination.as_bytes());
    hasher.update(&key.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record<'static> {
        Record {
            accepted_at: UnixMillis(1_767_225_600_123),
            event_time: -5,
            max_age: max_age::from_bit(true),
            line: Some(u64::MAX),
            input: Some(InputId([7; 16])),
            test_event_code: Some("TEST123"),
            event: br#"{"event_name":"Purchase"}"#,
        }
    }

    fn bytes(record: &Record<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        record.write("shop", EventKey(9), &mut bytes);
        bytes
    }

    #[test]
    fn records_are_read_as_they_were_written() {
        let full = record();
        let bare = Record {
            max_age: max_age::from_bit(false),
            line: None,
            input: None,
            test_event_code: None,
            event: b"",
            ..full
        };
        for record in [full, bare] {
            let bytes = bytes(&record);
            assert_eq!(Record::read("shop", EventKey(9), &bytes), Ok(record));
            assert_eq!(
                Record::read("shop", EventKey(8), &bytes),
                Err(DamagedRecord),
                "another key"
            );
            assert_eq!(
                Record::read("shep", EventKey(9), &bytes),
                Err(DamagedRecord),
                "another place"
            );
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let whole = bytes(&record());
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                Record::read("shop", EventKey(9), &flipped),
                Err(DamagedRecord),
                "bit {bit}"
            );
        }
        for length in 0..whole.len() {
            assert_eq!(
                Record::read("shop", EventKey(9), &whole[..length]),
                Err(DamagedRecord)
            );
        }
    }
}
