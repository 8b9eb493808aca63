//! Reads frames.

use std::num::NonZeroU64;
use std::sync::Arc;

use bytes::Bytes;
use conversions_transport::{DedupKey, Frame, FrameEntry, FrameHeader};

use super::{
    CRC, Codec, DecodedFrame, ENTRY, FrameError, HAS_CODE, HAS_DIGEST, MAGIC, VERSION, entry_crc,
    header_crc,
};
use crate::time::UnixMillis;

/// The longest texts that are decompressed: a damaged length must not take all memory.
const MAX_TEXTS: usize = 1 << 30;

pub(super) fn decode(destination: &Arc<str>, bytes: &Bytes) -> Result<DecodedFrame, FrameError> {
    let mut rest = Reader(bytes);
    if rest.take().map_err(|_| FrameError::NotAFrame)? != MAGIC {
        return Err(FrameError::NotAFrame);
    }
    let [version, codec, flags, _] = rest.take()?;
    if version != VERSION {
        return Err(FrameError::UnknownVersion(version));
    }
    let [count, stored_len, texts_len] = [rest.length()?, rest.length()?, rest.length()?];
    let accepted_at = UnixMillis(i64::from_le_bytes(rest.take()?));
    let code = if flags & HAS_CODE == 0 {
        None
    } else {
        let length = usize::from(u16::from_le_bytes(rest.take()?));
        Some(rest.slice(length)?)
    };
    let header = bytes.get(..bytes.len() - rest.0.len()).unwrap_or_default();
    let crc = u32::from_le_bytes(rest.take()?);
    if crc != header_crc(destination, header) || texts_len > MAX_TEXTS {
        return Err(FrameError::Damaged);
    }
    let codec = Codec::of_number(codec).ok_or(FrameError::UnknownCodec(codec))?;
    let test_event_code = code
        .map(|code| std::str::from_utf8(code).map(Arc::from))
        .transpose()
        .map_err(|_| FrameError::Damaged)?;
    let entries_len = count.checked_mul(ENTRY + CRC).ok_or(FrameError::Damaged)?;
    let entries = rest.slice(entries_len)?;
    let texts_at = bytes.len() - rest.0.len();
    rest.slice(stored_len)?;
    let stored = bytes.slice(texts_at..texts_at + stored_len);
    let texts = codec
        .decompress(stored, texts_len)
        .ok_or(FrameError::DamagedTexts)?;
    let records = entries
        .chunks_exact(ENTRY + CRC)
        .map(|entry| Record::read(crc, entry, &texts));
    let (entries, damaged) = lay_out(&records.collect::<Vec<_>>(), texts.len());
    let header = FrameHeader {
        test_event_code,
        ..FrameHeader::new(Arc::clone(destination))
    };
    let frame = Frame::from_parts(Arc::new(header), texts, entries);
    Ok(DecodedFrame {
        accepted_at,
        frame: frame.map_err(|_| FrameError::Damaged)?,
        damaged,
    })
}

/// An entry whose checksum is right.
struct Record {
    start: usize,
    entry: FrameEntry,
}

impl Record {
    fn read(header_crc: u32, bytes: &[u8], texts: &[u8]) -> Option<Self> {
        let (facts, crc) = bytes.split_at_checked(ENTRY)?;
        let mut rest = Reader(facts);
        let start = rest.length().ok()?;
        let end = u32::from_le_bytes(rest.take().ok()?);
        let text = texts.get(start..usize::try_from(end).ok()?)?;
        // The comma behind a text is sent with it.
        let has_comma = texts
            .get(start + text.len())
            .is_none_or(|separator| *separator == b',');
        if !has_comma || crc != entry_crc(header_crc, facts, text).to_le_bytes() {
            return None;
        }
        let max_age = u32::from_le_bytes(rest.take().ok()?);
        let event_time = i64::from_le_bytes(rest.take().ok()?);
        let line = NonZeroU64::new(u64::from_le_bytes(rest.take().ok()?));
        let [flags] = rest.take().ok()?;
        let digest = DedupKey(rest.take().ok()?);
        Some(Self {
            start,
            entry: FrameEntry {
                end,
                max_age,
                event_time,
                line,
                dedup_key: (flags & HAS_DIGEST != 0).then_some(digest),
            },
        })
    }
}

/// The entries of a frame, and which of them are damaged. A damaged one gets the text between its neighbours; of several
/// in a row, the last one gets it.
fn lay_out(records: &[Option<Record>], texts: usize) -> (Vec<FrameEntry>, Vec<usize>) {
    let mut damaged = Vec::new();
    let mut entries = Vec::with_capacity(records.len());
    let mut next_start = 0;
    for (index, record) in records.iter().enumerate() {
        let entry = if let Some(record) = record {
            record.entry
        } else {
            damaged.push(index);
            let end = match records.get(index + 1) {
                Some(Some(next)) => next.start.saturating_sub(1),
                Some(None) => next_start,
                None => texts,
            };
            FrameEntry {
                end: u32::try_from(end.max(next_start)).unwrap_or(u32::MAX),
                max_age: 0,
                event_time: 0,
                line: None,
                dedup_key: None,
            }
        };
        entries.push(entry);
        next_start = usize::try_from(entry.end)
            .unwrap_or(usize::MAX)
            .saturating_add(1);
    }
    (entries, damaged)
}

/// Bytes that are still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(FrameError::CutOff)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn length(&mut self) -> Result<usize, FrameError> {
        let length = u32::from_le_bytes(self.take()?);
        usize::try_from(length).map_err(|_| FrameError::Damaged)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], FrameError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(FrameError::CutOff)?;
        self.0 = rest;
        Ok(taken)
    }
}
