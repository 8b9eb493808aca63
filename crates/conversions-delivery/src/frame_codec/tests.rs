use conversions_transport::{FrameBuilder, NewEvent};
use facebook_conversions::ActionSource;

use super::*;

const NOW: UnixMillis = UnixMillis(1_767_225_600_123);

fn shop() -> Arc<str> {
    Arc::from("shop")
}

/// A frame of events of different sizes and facts.
fn frame(events: usize, code: Option<&str>) -> Frame {
    let mut builder = FrameBuilder::new(shop());
    for number in 0..events {
        let text = format!(r#"{{"n":{number},"x":"{}"}}"#, "y".repeat(number * 3 % 11));
        let mut event = NewEvent::new("shop", text, -5 + i64::try_from(number).unwrap())
            .with_test_event_code(code);
        if number % 2 == 0 {
            event = event
                .with_action_source(ActionSource::PhysicalStore)
                .with_message_id(Some(&number.to_string()))
                .with_line(u64::MAX);
        }
        builder.add_new_event(&event);
    }
    builder.finish().remove(0)
}

fn bytes(frame: &Frame) -> Bytes {
    encode(frame, NOW, Codec::None).to_bytes()
}

#[test]
fn frames_are_read_as_they_were_written() {
    for (events, code) in [(1, None), (5, Some("TEST123")), (100, None)] {
        let frame = frame(events, code);
        let encoded = encode(&frame, NOW, Codec::None);
        assert_eq!(
            encoded.texts.as_ptr(),
            frame.json().as_ptr(),
            "nothing is copied"
        );
        let bytes = encoded.to_bytes();
        let decoded = decode(&shop(), &bytes).unwrap();
        assert_eq!((decoded.frame, decoded.accepted_at), (frame.clone(), NOW));
        assert!(decoded.damaged.is_empty());
        let slice = frame.slice(events / 2..events);
        let decoded = decode(&shop(), &self::bytes(&slice)).unwrap();
        assert_eq!(decoded.frame, slice);
    }
}

#[test]
fn a_flipped_bit_costs_one_event_or_is_found_in_the_header() {
    let frame = frame(6, Some("T"));
    let whole = bytes(&frame);
    let mut errors = 0;
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match decode(&shop(), &flipped.into()) {
            Err(_) => errors += 1,
            Ok(decoded) => {
                assert_eq!(decoded.damaged.len(), 1, "bit {bit}");
                assert_eq!(decoded.frame.len(), frame.len());
                let both = decoded.frame.events().zip(frame.events()).enumerate();
                for (place, (read, written)) in both {
                    assert!(read == written || decoded.damaged == [place], "bit {bit}");
                }
            }
        }
    }
    assert_eq!(errors, (HEADER + 3 + CRC) * 8, "each bit of the header");
}

#[test]
fn several_damaged_records_leave_the_others() {
    let frame = frame(6, None);
    for lost in [&[0, 1][..], &[2, 3, 4], &[4, 5], &[0, 1, 2, 3, 4, 5]] {
        let mut bytes = bytes(&frame).to_vec();
        for place in lost {
            bytes[HEADER + CRC + place * (ENTRY + CRC)] ^= 0xff;
        }
        let decoded = decode(&shop(), &bytes.into()).unwrap();
        assert_eq!(decoded.damaged, lost);
        for (place, (read, written)) in decoded.frame.events().zip(frame.events()).enumerate() {
            assert!(read == written || lost.contains(&place));
        }
    }
}

#[test]
fn what_is_no_whole_frame_of_this_version_and_place_is_told_apart() {
    let whole = bytes(&frame(3, Some("T")));
    for length in 0..whole.len() {
        let expected = if length < 4 {
            FrameError::NotAFrame
        } else {
            FrameError::CutOff
        };
        let error = decode(&shop(), &whole.slice(..length)).unwrap_err();
        assert_eq!(error, expected, "{length} bytes");
    }
    assert_eq!(
        decode(&"ads".into(), &whole).unwrap_err(),
        FrameError::Damaged
    );
    let with = |place: usize, byte: u8| {
        let mut bytes = whole.to_vec();
        bytes[place] = byte;
        decode(&shop(), &bytes.into()).unwrap_err()
    };
    assert_eq!(with(0, b'x'), FrameError::NotAFrame);
    assert_eq!(with(4, 2), FrameError::UnknownVersion(2));
    assert_eq!(
        with(5, 9),
        FrameError::Damaged,
        "the checksum covers the codec"
    );
}

#[test]
fn a_codec_that_is_not_known_is_named() {
    let frame = frame(2, None);
    let mut bytes = bytes(&frame).to_vec();
    bytes[5] = 200;
    let crc = header_crc("shop", &bytes[..HEADER]);
    bytes[HEADER..HEADER + CRC].copy_from_slice(&crc.to_le_bytes());
    let error = decode(&shop(), &bytes.into()).unwrap_err();
    assert_eq!(error, FrameError::UnknownCodec(200));
}

#[cfg(feature = "zstd")]
#[test]
fn compressed_frames_are_read_and_their_damage_is_noticed() {
    let frame = frame(500, None);
    let encoded = encode(&frame, NOW, Codec::Zstd);
    assert!(encoded.texts.len() < frame.json().len() / 2);
    let bytes = encoded.to_bytes();
    assert_eq!(decode(&shop(), &bytes).unwrap().frame, frame);
    for bit in (0..encoded.texts.len() * 8).step_by(7) {
        let mut flipped = bytes.to_vec();
        flipped[encoded.head.len() + bit / 8] ^= 1 << (bit % 8);
        match decode(&shop(), &flipped.into()) {
            Err(error) => assert_eq!(error, FrameError::DamagedTexts, "bit {bit}"),
            Ok(decoded) => {
                let both = decoded.frame.events().zip(frame.events()).enumerate();
                for (place, (read, written)) in both {
                    assert!(
                        read == written || decoded.damaged.contains(&place),
                        "bit {bit}"
                    );
                }
            }
        }
    }
    let small = self::frame(2, None);
    let encoded = encode(&small, NOW, Codec::Zstd);
    assert_eq!(encoded.texts, small.json(), "too short to compress");
}
