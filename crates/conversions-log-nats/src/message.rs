//! Messages of the broker: one or several stored frames of one destination, back to back.
//!
//! In the stream of events the keys of the frames are places within the message, and the message's sequence number makes
//! them unique. In the stream of deferred events they are the keys that the events had before.

use bytes::Bytes;
use conversions_delivery::frame_codec::{self, Codec, DamagedEvent, MAGIC, ReadFrame, StoredFrame};
use conversions_delivery::{EventKey, LeasedFrame};
use conversions_transport::Frame;

/// A message has at most this many events, and this many bytes of events before compression unless it has one only: so
/// that it fits the broker's `max_payload`, and so that one that is lost on the way is repeated quickly.
pub(crate) const MAX_EVENTS: usize = 128;
pub(crate) const MAX_BYTES: usize = 256 << 10;

/// How many bits of a key are the place of the event in its message.
const PLACE_BITS: u32 = 12;

/// What a message holds.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Frames; what is damaged of them is apart.
    Frames {
        pieces: Vec<LeasedFrame>,
        damaged: Vec<DamagedEvent>,
    },
    /// A newer program wrote it.
    UnknownVersion,
    /// Nothing can be read of it.
    Unreadable,
}

/// The key of the first place of the message with this sequence number in the stream of events.
pub(crate) fn base_key(sequence: u64) -> u64 {
    sequence << PLACE_BITS
}

/// Cuts a frame into pieces that are a message each.
pub(crate) fn cut(frame: &Frame) -> Vec<Frame> {
    let mut pieces = Vec::new();
    let mut rest = frame.clone();
    while !rest.is_empty() {
        let events = rest.count_within(MAX_BYTES).clamp(1, MAX_EVENTS);
        pieces.push(rest.slice(0..events));
        rest = rest.slice(events..rest.len());
    }
    pieces
}

/// The bytes of a message with these frames.
pub(crate) fn write<'a>(frames: impl IntoIterator<Item = &'a StoredFrame>) -> Bytes {
    let mut bytes = Vec::new();
    for frame in frames {
        frame.write(Codec::Zstd, &mut bytes);
    }
    bytes.into()
}

/// Reads a message whose keys are counted from `base`.
pub(crate) fn open(bytes: &Bytes, base: u64) -> Opened {
    let (version, name) = MAGIC.split_last().unwrap_or((&0, &[]));
    match bytes.get(..MAGIC.len()).and_then(<[u8]>::split_last) {
        Some((other, same)) if same == name && other != version => return Opened::UnknownVersion,
        _ => {}
    }
    let (mut pieces, mut damaged) = (Vec::new(), Vec::new());
    let mut any = false;
    for ReadFrame {
        pieces: whole,
        damaged: broken,
        ..
    } in frames(bytes)
    {
        any = true;
        pieces.extend(whole.into_iter().map(|stored| LeasedFrame {
            first_key: EventKey(base.saturating_add(stored.first_key.0)),
            accepted_at: stored.accepted_at,
            frame: stored.frame,
        }));
        damaged.extend(broken.into_iter().map(|event| DamagedEvent {
            key: EventKey(base.saturating_add(event.key.0)),
            ..event
        }));
    }
    if any {
        Opened::Frames { pieces, damaged }
    } else {
        Opened::Unreadable
    }
}

/// The frames of a message, one after the other; where one cannot be read, those that are found elsewhere.
fn frames(bytes: &Bytes) -> Vec<ReadFrame> {
    let mut read = Vec::new();
    let mut rest = bytes.clone();
    while !rest.is_empty() {
        let Ok(frame) = frame_codec::read(&rest) else {
            let found = frame_codec::find_frames(&rest);
            let found = found.into_iter().map(|range| rest.slice(range));
            read.extend(found.filter_map(|bytes| frame_codec::read(&bytes).ok()));
            break;
        };
        rest = rest.slice(frame.length.clamp(1, rest.len())..);
        read.push(frame);
    }
    read
}

#[cfg(test)]
mod tests {
    use conversions_delivery::UnixMillis;
    use conversions_transport::{FrameBuilder, NewEvent};

    use super::*;

    fn frame(events: usize, bytes: usize) -> Frame {
        let mut builder = FrameBuilder::new("shop".into());
        for number in 0..events {
            let json = format!(r#"{{"event_id":"{number}","x":"{}"}}"#, "x".repeat(bytes));
            builder.add_new_event(&NewEvent::new("shop", json, 5));
        }
        builder.finish().remove(0)
    }

    fn stored(frame: Frame, first_key: u64) -> StoredFrame {
        StoredFrame {
            first_key: EventKey(first_key),
            accepted_at: UnixMillis(9),
            input: None,
            frame,
        }
    }

    fn keys(opened: &Opened) -> Vec<u64> {
        let Opened::Frames { pieces, .. } = opened else {
            return Vec::new();
        };
        let keys = pieces.iter().flat_map(|piece| piece.keys().keys());
        keys.map(|key| key.0).collect()
    }

    #[test]
    fn frames_are_cut_by_number_and_by_bytes_and_lose_nothing() {
        for (events, bytes, expected) in [(1, 9, 1), (128, 9, 1), (129, 9, 2), (3, 200_000, 3)] {
            let whole = frame(events, bytes);
            let pieces = cut(&whole);
            assert_eq!(pieces.len(), expected, "{events} events of {bytes}");
            assert!(pieces.iter().flat_map(Frame::events).eq(whole.events()));
        }
    }

    #[test]
    fn runs_of_a_message_keep_their_places() {
        let whole = frame(9, 9);
        let runs = [stored(whole.slice(0..2), 0), stored(whole.slice(5..9), 5)];
        let opened = open(&write(&runs), base_key(3));
        let places = [0, 1, 5, 6, 7, 8];
        assert_eq!(keys(&opened), places.map(|place| (3 << 12) + place));
    }

    #[test]
    fn a_flipped_bit_costs_at_most_one_event_and_never_the_other_frame() {
        let whole = frame(4, 9);
        let bytes = write(&[stored(whole.slice(0..2), 0), stored(whole.slice(2..4), 2)]);
        for bit in 32..bytes.len() * 8 {
            let mut flipped = bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let Opened::Frames { pieces, damaged } = open(&flipped.into(), 0) else {
                panic!("bit {bit}: nothing is read");
            };
            let read: usize = pieces.iter().map(|piece| piece.frame.len()).sum();
            assert_eq!(read + damaged.len(), 4, "bit {bit}");
            assert!(damaged.len() <= 1, "bit {bit}");
        }
    }

    #[test]
    fn what_a_newer_program_wrote_is_told_apart_from_rubbish() {
        let mut newer = write(&[stored(frame(1, 9), 0)]).to_vec();
        newer[3] = b'2';
        assert!(matches!(open(&newer.into(), 0), Opened::UnknownVersion));
        for rubbish in [&b""[..], b"x", b"sgF1", b"rubbish"] {
            let opened = open(&Bytes::copy_from_slice(rubbish), 0);
            assert!(matches!(opened, Opened::Unreadable));
        }
    }
}
