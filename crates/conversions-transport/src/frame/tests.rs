use facebook_conversions::ActionSource;

use super::*;
use crate::NewEvent;

const HOUR: i64 = 3600;

fn event(number: i64) -> NewEvent {
    let id = format!("m-{number}");
    let json = format!(
        r#"{{"event_id":"{id}","n":{}}}"#,
        10_i64.pow(u32::try_from(number).unwrap())
    );
    NewEvent::new("shop", json, number * HOUR)
        .with_message_id(Some(&id))
        .with_line(number.unsigned_abs() + 1)
}

fn frames(events: &[NewEvent], builder: FrameBuilder) -> Vec<Frame> {
    let mut builder = builder;
    for event in events {
        builder.add_new_event(event);
    }
    builder.finish()
}

fn builder() -> FrameBuilder {
    FrameBuilder::new("shop".into())
}

fn texts(frame: &Frame) -> Vec<Vec<u8>> {
    frame.events().map(|event| event.json.to_vec()).collect()
}

#[test]
fn every_slice_has_the_events_of_its_range_and_shares_their_memory() {
    let events: Vec<_> = (0..6).map(event).collect();
    let whole = frames(&events, builder()).remove(0);
    for start in 0..=7 {
        for end in start..=7 {
            let slice = whole.slice(start..end);
            let expected = events.get(start.min(6)..end.min(6)).unwrap();
            assert_eq!(
                texts(&slice),
                expected
                    .iter()
                    .map(|event| event.event.to_vec())
                    .collect::<Vec<_>>()
            );
            assert_eq!(slice.json(), texts(&slice).join(&b','));
            assert_eq!(
                slice.event_bytes(),
                expected
                    .iter()
                    .map(|event| event.event.len())
                    .sum::<usize>()
            );
            assert!(
                whole.json().as_ptr_range().contains(&slice.json().as_ptr()) || slice.is_empty()
            );
            for inner in 0..=slice.len() {
                let (first, rest) = (slice.slice(0..inner), slice.slice(inner..9));
                assert_eq!([texts(&first), texts(&rest)].concat(), texts(&slice));
                assert_eq!(
                    first.event_bytes() + rest.event_bytes(),
                    slice.event_bytes()
                );
                assert_eq!(slice.count_within(first.event_bytes()), inner);
            }
        }
    }
}

#[test]
fn events_keep_their_facts() {
    let mut one = event(3).with_action_source(ActionSource::PhysicalStore);
    one.message_id = None;
    one.line = None;
    let events = [event(2), one];
    let frame = frames(&events, builder().with_source("web".into())).remove(0);
    let seen: Vec<_> = frame.events().collect();
    assert_eq!(frame.source().map(|source| &**source), Some("web"));
    assert_eq!(
        (seen[0].event_time, seen[1].event_time),
        (2 * HOUR, 3 * HOUR)
    );
    assert_eq!(seen[0].max_age, ActionSource::Website.max_age());
    assert_eq!(seen[1].max_age, ActionSource::PhysicalStore.max_age());
    assert_eq!((seen[0].line, seen[1].line), (Some(3), None));
    assert_eq!(seen[0].dedup_key, Some(DedupKey::new("shop", "m-2")));
    assert_eq!(seen[1].dedup_key, None);
    assert_eq!(frame.event(2), None);
    assert_eq!(frame.event_json(1), events[1].event);
    assert!(frame.event_json(2).is_empty());
}

#[test]
fn a_frame_ends_where_the_test_code_changes() {
    let codes = [None, Some("A"), Some("A"), Some("B"), None];
    let events: Vec<_> = (0..)
        .zip(codes)
        .map(|(n, code)| event(n).with_test_event_code(code))
        .collect();
    let frames = frames(&events, builder());
    let seen: Vec<_> = frames
        .iter()
        .map(|frame| (frame.test_event_code().map(|code| &**code), frame.len()))
        .collect();
    assert_eq!(seen, [(None, 1), (Some("A"), 2), (Some("B"), 1), (None, 1)]);
    let all: Vec<_> = frames.iter().flat_map(texts).collect();
    assert_eq!(
        all,
        events
            .iter()
            .map(|event| event.event.to_vec())
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_full_frame_is_followed_by_another_and_a_large_event_has_its_own() {
    let event_of = |size: usize| NewEvent::new("shop", "x".repeat(size), 0);
    let by_count = frames(&vec![event_of(1); 5], builder().with_limits(2, 1000));
    assert_eq!(
        by_count.iter().map(Frame::len).collect::<Vec<_>>(),
        [2, 2, 1]
    );
    let sizes = [40, 40, 40, 200, 10, 89, 1];
    let by_bytes = frames(&sizes.map(event_of), builder().with_limits(100, 100));
    assert_eq!(
        by_bytes.iter().map(Frame::event_bytes).collect::<Vec<_>>(),
        [80, 40, 200, 99, 1]
    );
    assert!(frames(&[], builder()).is_empty());
}

#[test]
fn parts_make_the_same_frame_and_wrong_ones_none() {
    let events: Vec<_> = (0..3).map(event).collect();
    let whole = frames(&events, builder()).remove(0);
    let mut end = 0;
    let entries: Vec<_> = whole
        .events()
        .map(|event| {
            let entry = FrameEntry::of(&event, end + event.json.len());
            end += event.json.len() + 1;
            entry
        })
        .collect();
    let of = |entries: Vec<FrameEntry>, json: Bytes| {
        Frame::from_parts(Arc::clone(whole.header()), json, entries)
    };
    assert_eq!(of(entries.clone(), whole.json()).as_ref(), Ok(&whole));
    let cut = whole.json().slice(1..);
    assert_eq!(of(entries.clone(), cut), Err(NotAFrame));
    let mut swapped = entries;
    swapped.swap(0, 1);
    assert_eq!(of(swapped, whole.json()), Err(NotAFrame));
}
