use conversions_transport::{FrameBuilder, FrameEntry, FrameHeader, NewEvent};

use super::*;

fn stored(full: bool) -> StoredFrame {
    let mut builder = FrameBuilder::new("shop".into());
    if full {
        builder = builder.with_source("web".into());
    }
    for (line, id) in (3..).zip(["m-1", "m-2", "m-3"]) {
        let json = format!(r#"{{"event_name":"Purchase","event_id":"{id}"}}"#);
        let mut event = NewEvent::new("shop", json, -5);
        if full {
            event = event
                .with_message_id(Some(id))
                .with_line(line)
                .with_test_event_code(Some("TEST1"));
        }
        builder.add_new_event(&event);
    }
    StoredFrame {
        first_key: EventKey(40),
        accepted_at: UnixMillis(1_767_225_600_123),
        input: full.then_some(InputId([7; 16])),
        frame: builder.finish().remove(0),
    }
}

fn bytes(stored: &StoredFrame) -> Bytes {
    let mut bytes = Vec::new();
    stored.write(Codec::None, &mut bytes);
    assert!(bytes.len() <= stored.max_bytes());
    bytes.into()
}

/// The events that were read, and the keys of the damaged ones.
fn outcome(read: &ReadFrame) -> (Vec<(u64, Bytes)>, Vec<u64>) {
    let events = read.pieces.iter().flat_map(|piece| {
        let keys = piece.keys().range();
        keys.zip((0..piece.frame.len()).map(|index| piece.frame.event_json(index)))
    });
    (
        events.collect(),
        read.damaged.iter().map(|event| event.key.0).collect(),
    )
}

#[test]
fn frames_and_their_slices_are_read_as_they_were_written() {
    for stored in [stored(true), stored(false)] {
        for keys in [40..43, 40..41, 41..43, 41..42, 0..99] {
            let slice = stored.of_keys(keys);
            let whole = bytes(&slice);
            let mut followed = whole.to_vec();
            followed.extend(b"what follows");
            for bytes in [whole.clone(), followed.into()] {
                let read = read(&bytes).expect("whole");
                assert_eq!(read.pieces, std::slice::from_ref(&slice));
                assert!(read.damaged.is_empty());
                assert_eq!(read.length, whole.len());
                let first = slice.frame.event(0).expect("an event");
                let summary = read_summary(&bytes).expect("whole");
                assert_eq!((summary.keys, summary.length), (slice.keys(), whole.len()));
                let event_bytes = u64::try_from(slice.frame.event_bytes());
                assert_eq!(Ok(summary.event_bytes), event_bytes);
                assert_eq!(
                    (summary.first_line, summary.input),
                    (first.line, slice.input)
                );
                assert_eq!(
                    (&*summary.destination, summary.accepted_at),
                    ("shop", slice.accepted_at)
                );
            }
        }
    }
}

#[test]
fn a_replay_keeps_the_key_that_it_had() {
    for full in [true, false] {
        let mut stored = stored(full).of_keys(40..41);
        let mut header = FrameHeader::clone(stored.frame.header());
        header.replay_of = Some(u64::MAX - 7);
        let event = stored.frame.event(0).expect("an event");
        let entry = FrameEntry::of(&event, event.json.len());
        let json = stored.frame.json();
        stored.frame = Frame::from_parts(header.into(), json, vec![entry]).expect("a frame");
        let read = read(&bytes(&stored)).expect("whole");
        assert_eq!(read.pieces, [stored]);
    }
}

#[test]
fn a_flipped_bit_costs_one_event_at_most_wherever_it_is() {
    for stored in [stored(true), stored(false)] {
        let whole = bytes(&stored);
        let (events, _) = outcome(&read(&whole).expect("whole"));
        let mut costs = [0; 2];
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let read = read(&flipped.into()).expect("one of the headers is whole");
            let (left, damaged) = outcome(&read);
            let expected: Vec<_> = events
                .iter()
                .filter(|(key, _)| !damaged.contains(key))
                .cloned()
                .collect();
            assert_eq!(left, expected, "bit {bit}");
            for piece in &read.pieces {
                assert_eq!(
                    (piece.accepted_at, piece.input),
                    (stored.accepted_at, stored.input)
                );
                assert_eq!(piece.frame.header(), stored.frame.header());
            }
            costs[damaged.len()] += 1;
        }
        assert!(costs[0] > 0 && costs[1] > 0, "{costs:?}");
    }
}

#[test]
fn a_frame_that_was_cut_or_is_none_is_unreadable() {
    let whole = bytes(&stored(true));
    for length in 0..whole.len() {
        let cut = whole.slice(..length);
        // Only the second header may be missing.
        if let Ok(read) = read(&cut) {
            assert_eq!(outcome(&read).0.len(), 3, "cut at {length}");
        }
    }
    assert_eq!(read(&Bytes::from_static(b"no frame")), Err(UnreadableFrame));
    assert_eq!(read_summary(b""), Err(UnreadableFrame));
}

#[test]
fn frames_are_found_among_other_bytes_whatever_bit_is_flipped() {
    let (one, two) = (bytes(&stored(true)), bytes(&stored(false)));
    let all = [b"before", &one[..], b"between sgF1", &two, b"after"].concat();
    let first = 6..6 + one.len();
    let second = first.end + 12..first.end + 12 + two.len();
    for bit in 0..all.len() * 8 {
        let mut flipped = all.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            find_frames(&flipped),
            [first.clone(), second.clone()],
            "bit {bit}"
        );
    }
    assert!(find_frames(b"sgF1").is_empty());
}

#[cfg(feature = "zstd")]
#[test]
fn compressed_frames_are_shorter_and_read_as_they_were_written() {
    let mut builder = FrameBuilder::new("shop".into());
    for number in 0..100 {
        let json = format!(
            r#"{{"event_name":"Purchase","event_id":"m-{number}","x":"{}"}}"#,
            "x".repeat(99)
        );
        builder.add_new_event(&NewEvent::new("shop", json, number));
    }
    let stored = StoredFrame {
        frame: builder.finish().remove(0),
        ..stored(true)
    };
    let plain = bytes(&stored);
    let mut compressed = Vec::new();
    stored.write(Codec::Zstd, &mut compressed);
    assert!(
        compressed.len() < plain.len() / 2,
        "{} of {}",
        compressed.len(),
        plain.len()
    );
    assert_eq!(read(&compressed.into()).expect("whole").pieces, [stored]);
}
