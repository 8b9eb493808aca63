//! Reading frames out of bytes.

use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use conversions_transport::{DedupKey, Frame, FrameEntry, FrameHeader};

use super::header::{Header, Reader, TRAILER};
use super::{
    DamagedEvent, ENTRY, FrameSummary, HAS_DIGEST, MAGIC, ReadFrame, StoredFrame, UnreadableFrame,
    checksum,
};
use crate::event::EventKey;
use crate::key_set::KeyRange;

/// Reads a frame at the beginning of `bytes`, which it shares and does not copy, unless the texts are compressed. What
/// follows it is left alone, but a frame whose first header is damaged must be all there is.
///
/// # Errors
///
/// [`UnreadableFrame`] when nothing can be read of it.
pub fn read(bytes: &Bytes) -> Result<ReadFrame, UnreadableFrame> {
    let header = Header::find(bytes).ok_or(UnreadableFrame)?;
    let layout = header.layout();
    let entries = bytes.get(layout.entries.clone()).ok_or(UnreadableFrame)?;
    if layout.texts.end > bytes.len() {
        return Err(UnreadableFrame);
    }
    let shared_texts = header.plain_texts(bytes.slice(layout.texts));
    let shared_texts = shared_texts.ok_or(UnreadableFrame)?;
    let texts: &[u8] = &shared_texts;
    let mut read = ReadFrame {
        length: layout.length,
        ..ReadFrame::default()
    };
    let mut piece = Piece::new(&header);
    let chunks = entries.as_chunks::<ENTRY>().0;
    for (number, entry) in (0..).zip(chunks) {
        match read_entry(number, entry, texts) {
            Ok((text, event)) => {
                if !piece.continues_at(text.start, texts) {
                    read.pieces.extend(piece.finish(&shared_texts));
                }
                piece.add(number, text, &event);
            }
            Err(text) => {
                read.pieces.extend(piece.finish(&shared_texts));
                read.damaged.push(DamagedEvent {
                    key: EventKey(header.first_key.saturating_add(number.into())),
                    bytes: shared_texts.slice(text),
                });
            }
        }
    }
    read.pieces.extend(piece.finish(&shared_texts));
    Ok(read)
}

/// Reads what stands in front of a frame.
///
/// # Errors
///
/// As [`read`].
pub fn read_summary(bytes: &[u8]) -> Result<FrameSummary, UnreadableFrame> {
    let header = Header::find(bytes).ok_or(UnreadableFrame)?;
    let layout = header.layout();
    let entry = bytes.get(layout.entries.start..).unwrap_or_default();
    let line = entry.get(25..33).and_then(<[u8]>::first_chunk);
    Ok(FrameSummary {
        keys: KeyRange::new(EventKey(header.first_key), header.events.into()),
        accepted_at: header.accepted_at,
        input: header.input,
        destination: Arc::clone(&header.names.destination),
        first_line: line
            .map(|line| u64::from_le_bytes(*line))
            .filter(|line| *line > 0),
        event_bytes: header.event_bytes(),
        length: layout.length,
    })
}

/// Where there are frames in bytes that may hold anything else besides, and may be damaged.
///
/// A frame is found by either of its headers.
#[must_use]
pub fn find_frames(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..) {
        let mut magics = rest.windows(MAGIC.len());
        let Some(skipped) = magics.position(|window| *window == MAGIC) else {
            break;
        };
        at += skipped;
        let last = found.last().map_or(0, |frame| frame.end);
        match frame_around(bytes, at).filter(|frame| frame.start >= last) {
            Some(frame) => {
                at = frame.end;
                found.push(frame);
            }
            None => at += 1,
        }
    }
    found
}

/// The frame of which a header is here, be it the first or the second one.
fn frame_around(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let header = Header::read(bytes.get(at..)?)?;
    let length = header.layout().length;
    // Behind the second header stand its length and a checksum of that.
    let header_end = at.checked_add(header.length)?;
    let trailer_end = header_end.checked_add(TRAILER)?;
    let is_second = header.is_trailer(bytes.get(header_end..trailer_end).unwrap_or_default());
    let frame = if is_second {
        trailer_end.checked_sub(length)?..trailer_end
    } else {
        at..at.checked_add(length)?
    };
    (frame.end <= bytes.len()).then_some(frame)
}

/// Reads an entry: where its text is, and what stands beside it. An event that is damaged has only what may be its
/// text.
fn read_entry(
    number: u32,
    entry: &[u8; ENTRY],
    texts: &[u8],
) -> Result<(Range<usize>, FrameEntry), Range<usize>> {
    let mut rest = Reader(entry);
    let parts = (|| {
        let sum = rest.u32()?;
        let [start, length] = [rest.u32()?, rest.u32()?];
        Some((
            sum,
            start,
            length,
            rest.u32()?,
            rest.byte()?,
            rest.u64()?,
            rest.u64()?,
            rest.0,
        ))
    })();
    let Some((sum, start, length, max_age, flags, event_time, line, digest)) = parts else {
        return Err(0..0);
    };
    let end = start.saturating_add(length);
    let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX).min(texts.len());
    let text = place(start)..place(end);
    let json = texts.get(text.clone()).unwrap_or_default();
    if checksum(number, entry.get(4..).unwrap_or_default(), json) != sum {
        return Err(text);
    }
    let dedup_key = digest.try_into().ok().filter(|_| flags & HAS_DIGEST != 0);
    let event = FrameEntry {
        end,
        max_age,
        event_time: event_time.cast_signed(),
        line: NonZeroU64::new(line),
        dedup_key: dedup_key.map(DedupKey),
    };
    Ok((text, event))
}

/// Successive whole events of a frame that is being read.
struct Piece<'a> {
    header: &'a Header,
    names: Arc<FrameHeader>,
    first: u32,
    /// Where the texts of the piece are, among those of the frame.
    texts: Range<usize>,
    entries: Vec<FrameEntry>,
}

impl<'a> Piece<'a> {
    fn new(header: &'a Header) -> Self {
        Self {
            header,
            names: Arc::new(header.names.clone()),
            first: 0,
            texts: 0..0,
            entries: Vec::with_capacity(usize::try_from(header.events).unwrap_or(0)),
        }
    }

    /// Whether a text that starts here follows the last one, with a comma between them.
    fn continues_at(&self, start: usize, texts: &[u8]) -> bool {
        self.entries.is_empty()
            || start == self.texts.end + 1 && texts.get(self.texts.end) == Some(&b',')
    }

    fn add(&mut self, number: u32, text: Range<usize>, event: &FrameEntry) {
        if self.entries.is_empty() {
            self.first = number;
            self.texts = text.clone();
        }
        self.texts.end = text.end;
        let end = u32::try_from(text.end - self.texts.start).unwrap_or(u32::MAX);
        self.entries.push(FrameEntry { end, ..*event });
    }

    /// Ends the piece. The next event begins another one.
    fn finish(&mut self, texts: &Bytes) -> Option<StoredFrame> {
        if self.entries.is_empty() {
            return None;
        }
        let entries: Arc<[FrameEntry]> = self.entries.drain(..).collect();
        let texts = texts.slice(self.texts.clone());
        let frame = Frame::from_parts(Arc::clone(&self.names), texts, entries).ok()?;
        Some(StoredFrame {
            first_key: EventKey(self.header.first_key.saturating_add(self.first.into())),
            accepted_at: self.header.accepted_at,
            input: self.header.input,
            frame,
        })
    }
}
