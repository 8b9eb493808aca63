//! The header of a stored frame, which stands at both of its ends.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use conversions_transport::FrameHeader;

use super::{Codec, ENTRY, StoredFrame};
use crate::append::InputId;
use crate::time::UnixMillis;

/// What every stored frame begins with: its name and its version.
pub const MAGIC: [u8; 4] = *b"sgF1";
/// Bytes of a header without input, names and their lengths.
pub(super) const FIXED: usize = 4 + 4 + 1 + 1 + 4 + 4 + 4 + 8 + 8 + 4;
/// Bytes of the members that not every header has, without names.
pub(super) const OPTIONAL: usize = 16 + 8;
/// Bytes of the trailer besides its copy of the header.
pub(super) const TRAILER: usize = 4 + 4;

const HAS_SOURCE: u8 = 1;
const HAS_CODE: u8 = 1 << 1;
const HAS_INPUT: u8 = 1 << 2;
const IS_REPLAY: u8 = 1 << 3;

/// The header.
pub(super) struct Header {
    pub(super) events: u32,
    codec: Codec,
    plain_bytes: u32,
    text_bytes: u32,
    pub(super) first_key: u64,
    pub(super) accepted_at: UnixMillis,
    pub(super) input: Option<InputId>,
    pub(super) names: FrameHeader,
    /// Bytes of the header itself; known when it was read.
    pub(super) length: usize,
}

/// Where the parts of a frame are.
pub(super) struct Layout {
    pub(super) entries: Range<usize>,
    pub(super) texts: Range<usize>,
    /// Bytes of the whole frame.
    pub(super) length: usize,
}

impl Header {
    pub(super) fn of(
        stored: &StoredFrame,
        codec: Codec,
        plain_bytes: usize,
        text_bytes: usize,
    ) -> Self {
        Self {
            events: u32::try_from(stored.frame.len()).unwrap_or(u32::MAX),
            codec,
            plain_bytes: length_of(plain_bytes),
            text_bytes: length_of(text_bytes),
            first_key: stored.first_key.0,
            accepted_at: stored.accepted_at,
            input: stored.input,
            names: FrameHeader::clone(stored.frame.header()),
            length: 0,
        }
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) {
        let start = to.len();
        let FrameHeader {
            destination,
            source,
            test_event_code: code,
            replay_of,
        } = &self.names;
        let mut flags = 0;
        flags |= if source.is_some() { HAS_SOURCE } else { 0 };
        flags |= if code.is_some() { HAS_CODE } else { 0 };
        flags |= if self.input.is_some() { HAS_INPUT } else { 0 };
        flags |= if replay_of.is_some() { IS_REPLAY } else { 0 };
        to.extend(MAGIC);
        to.extend([0; 4]);
        to.extend([self.codec.number(), flags]);
        to.extend(self.events.to_le_bytes());
        to.extend(self.plain_bytes.to_le_bytes());
        to.extend(self.text_bytes.to_le_bytes());
        to.extend(self.first_key.to_le_bytes());
        to.extend(self.accepted_at.0.to_le_bytes());
        if let Some(InputId(input)) = self.input {
            to.extend(input);
        }
        for name in [Some(destination), source.as_ref(), code.as_ref()]
            .into_iter()
            .flatten()
        {
            to.extend(length_of(name.len()).to_le_bytes());
            to.extend(name.as_bytes());
        }
        if let Some(key) = replay_of {
            to.extend(key.to_le_bytes());
        }
        let length = length_of(to.len() - start + 4);
        for (to, from) in to.iter_mut().skip(start + 4).zip(length.to_le_bytes()) {
            *to = from;
        }
        let sum = crc32fast::hash(to.get(start..).unwrap_or_default());
        to.extend(sum.to_le_bytes());
    }

    /// The header of a frame: the first one or, if that is damaged, the one at the end.
    pub(super) fn find(bytes: &[u8]) -> Option<Self> {
        if let Some(header) = Self::read(bytes) {
            return Some(header);
        }
        let (rest, trailer) = bytes.split_at_checked(bytes.len().checked_sub(TRAILER)?)?;
        let mut trailer = Reader(trailer);
        let length = trailer.u32()?;
        if trailer.u32()? != crc32fast::hash(&length.to_le_bytes()) {
            return None;
        }
        let start = rest.len().checked_sub(usize::try_from(length).ok()?)?;
        let header = Self::read(rest.get(start..)?)?;
        (header.layout().length == bytes.len()).then_some(header)
    }

    /// Reads a header at the beginning of `bytes`.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = Reader(bytes.strip_prefix(&MAGIC)?);
        let length = usize::try_from(rest.u32()?).ok()?;
        let (body, sum) = bytes.get(..length)?.split_last_chunk()?;
        if u32::from_le_bytes(*sum) != crc32fast::hash(body) {
            return None;
        }
        let [codec, flags] = [rest.byte()?, rest.byte()?];
        let has = |flag| flags & flag != 0;
        let header = Self {
            events: rest.u32()?,
            codec: Codec::of_number(codec)?,
            plain_bytes: rest.u32()?,
            text_bytes: rest.u32()?,
            first_key: rest.u64()?,
            accepted_at: UnixMillis(rest.u64()?.cast_signed()),
            input: if has(HAS_INPUT) {
                Some(InputId(rest.take()?))
            } else {
                None
            },
            names: FrameHeader {
                destination: rest.name()?,
                source: if has(HAS_SOURCE) {
                    Some(rest.name()?)
                } else {
                    None
                },
                test_event_code: if has(HAS_CODE) {
                    Some(rest.name()?)
                } else {
                    None
                },
                replay_of: if has(IS_REPLAY) {
                    Some(rest.u64()?)
                } else {
                    None
                },
            },
            length,
        };
        Some(header)
    }

    /// Bytes of the events' texts without the commas.
    pub(super) fn event_bytes(&self) -> u64 {
        let commas = self.events.saturating_sub(1);
        self.plain_bytes.saturating_sub(commas).into()
    }

    /// Whether these bytes are what follows the second header.
    pub(super) fn is_trailer(&self, bytes: &[u8]) -> bool {
        let mut trailer = Vec::with_capacity(TRAILER);
        write_trailer(self.length, &mut trailer);
        *bytes == *trailer
    }

    /// The texts as they were before they were compressed; `None` when that is not possible any more.
    pub(super) fn plain_texts(&self, texts: Bytes) -> Option<Bytes> {
        let length = usize::try_from(self.plain_bytes).ok()?;
        self.codec.decompress(texts, length)
    }

    /// Where the parts of the frame are. The header was read.
    pub(super) fn layout(&self) -> Layout {
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let entries_end = number(self.events)
            .saturating_mul(ENTRY)
            .saturating_add(self.length);
        let texts_end = entries_end.saturating_add(number(self.text_bytes));
        Layout {
            entries: self.length..entries_end,
            texts: entries_end..texts_end,
            length: texts_end.saturating_add(self.length + TRAILER),
        }
    }
}

/// Appends what follows the second header.
pub(super) fn write_trailer(header_length: usize, to: &mut Vec<u8>) {
    let length = length_of(header_length).to_le_bytes();
    to.extend(length);
    to.extend(crc32fast::hash(&length).to_le_bytes());
}

fn length_of(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Bytes that are still to be read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn name(&mut self) -> Option<Arc<str>> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (name, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(name).ok().map(Arc::from)
    }
}
