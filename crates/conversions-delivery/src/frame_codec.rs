//! Frames as bytes: the same in a file and as a message of a broker.
//!
//! ```text
//! frame  = header  entry*  texts
//! header = "sgFr"  version u8: 1  codec u8  flags u8: 1 with test code  0 u8
//!          events u32  texts u32, as they are written  texts u32, as they were
//!          accepted at i64 (Unix milliseconds)  [length u16  test code]  crc32 u32
//! entry  = start u32  end u32  age limit u32 (seconds)  event_time i64 (Unix seconds)  line u64 (0: none)
//!          flags u8: 1 with digest  digest 12 bytes  crc32 u32
//! texts  = the JSON texts of the events, joined by commas; compressed by the codec
//! ```
//!
//! All numbers are little endian. The checksum of the header covers the destination too, and that of an entry the
//! checksum of the header and the text of its event, so that a frame or a record in the wrong place is noticed. A
//! damaged record costs that event only; of compressed texts a damaged byte costs all.
//!
//! A reader takes the versions that it knows. It must not dead-letter others: a newer program wrote them.

use std::sync::Arc;

use bytes::Bytes;
use conversions_transport::{DedupKey, Frame};

use crate::time::UnixMillis;

mod codec;
mod read;
pub use codec::Codec;

/// The bytes with which each frame begins.
pub const MAGIC: [u8; 4] = *b"sgFr";
/// The version that is written.
pub const VERSION: u8 = 1;

const HAS_CODE: u8 = 1;
const HAS_DIGEST: u8 = 1;
/// Bytes of the header without test code and checksum.
const HEADER: usize = 28;
/// Bytes of an entry without its checksum.
const ENTRY: usize = 29 + DedupKey::LEN;
/// Bytes of a checksum.
const CRC: usize = 4;

/// A frame as bytes, in two pieces: the texts are those of the frame, not copied, unless they were compressed.
#[derive(Clone, Debug)]
pub struct EncodedFrame {
    /// Header and entries.
    pub head: Bytes,
    /// The texts of the events.
    pub texts: Bytes,
}

impl EncodedFrame {
    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.head.len().saturating_add(self.texts.len())
    }

    /// Whether there is no byte, which is never so.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All bytes, copied together.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        [&*self.head, &*self.texts].concat().into()
    }
}

/// A frame that was read.
#[derive(Clone, Debug)]
pub struct DecodedFrame {
    /// When it was accepted.
    pub accepted_at: UnixMillis,
    /// The events. Its memory is that of the bytes that were read, unless the texts were compressed.
    pub frame: Frame,
    /// The places of events whose record is damaged: neither their text nor what stands beside it can be trusted.
    pub damaged: Vec<usize>,
}

/// Why bytes are no frame that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// They begin differently.
    #[error("these bytes are not a frame of events")]
    NotAFrame,
    /// A newer program wrote it.
    #[error("this frame of events has version {0}, which a newer version of this program reads")]
    UnknownVersion(u8),
    /// It is compressed in a way that this program was built without, or that is newer than it.
    #[error(
        "the texts of this frame are compressed by codec {0}, which this program does not know"
    )]
    UnknownCodec(u8),
    /// The header does not match its checksum, or is not one of this destination.
    #[error("the header of this frame of events is damaged")]
    Damaged,
    /// The compressed texts cannot be decompressed.
    #[error("the compressed texts of this frame of events are damaged")]
    DamagedTexts,
    /// The end is missing.
    #[error("this frame of events is cut off")]
    CutOff,
}

/// Writes a frame. Its source is not part of it.
///
/// A test code of more than 65,535 bytes is left out: Meta's have some ten.
#[must_use]
pub fn encode(frame: &Frame, accepted_at: UnixMillis, codec: Codec) -> EncodedFrame {
    let json = frame.json();
    let texts_len = json.len();
    let (codec, texts) = codec.compress(json.clone());
    let code = frame
        .test_event_code()
        .and_then(|code| Some((code, u16::try_from(code.len()).ok()?)));
    let code_len = code.map_or(0, |(code, _)| 2 + code.len());
    let mut head = Vec::with_capacity(HEADER + code_len + CRC + frame.len() * (ENTRY + CRC));
    head.extend(MAGIC);
    let flags = if code.is_some() { HAS_CODE } else { 0 };
    head.extend([VERSION, codec.number(), flags, 0]);
    for length in [frame.len(), texts.len(), texts_len] {
        head.extend(u32_of(length).to_le_bytes());
    }
    head.extend(accepted_at.0.to_le_bytes());
    if let Some((code, length)) = code {
        head.extend(length.to_le_bytes());
        head.extend(code.as_bytes());
    }
    let header_crc = header_crc(frame.destination(), &head);
    head.extend(header_crc.to_le_bytes());
    let mut start = 0;
    for event in frame.events() {
        let end = start + event.json.len();
        let entry_at = head.len();
        for number in [
            u32_of(start),
            u32_of(end),
            u32::try_from(event.max_age.as_secs()).unwrap_or(u32::MAX),
        ] {
            head.extend(number.to_le_bytes());
        }
        head.extend(event.event_time.to_le_bytes());
        head.extend(event.line.unwrap_or_default().to_le_bytes());
        match event.dedup_key {
            Some(DedupKey(digest)) => {
                head.push(HAS_DIGEST);
                head.extend(digest);
            }
            None => head.extend([0; 1 + DedupKey::LEN]),
        }
        let entry = head.get(entry_at..).unwrap_or_default();
        let crc = entry_crc(header_crc, entry, event.json);
        head.extend(crc.to_le_bytes());
        start = end + 1;
    }
    EncodedFrame {
        head: head.into(),
        texts,
    }
}

/// Reads a frame of this destination. Bytes behind it are not looked at.
///
/// # Errors
///
/// [`FrameError`] when nothing of it can be read.
pub fn decode(destination: &Arc<str>, bytes: &Bytes) -> Result<DecodedFrame, FrameError> {
    read::decode(destination, bytes)
}

fn u32_of(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn header_crc(destination: &str, header: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(destination.as_bytes());
    hasher.update(header);
    hasher.finalize()
}

fn entry_crc(header_crc: u32, entry: &[u8], text: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&header_crc.to_le_bytes());
    hasher.update(entry);
    hasher.update(text);
    hasher.finalize()
}

#[cfg(test)]
mod tests;
