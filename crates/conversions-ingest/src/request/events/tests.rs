use std::time::Duration;

use conversions_mapping::{Mapping, Settings};
use conversions_transport::DedupKey;
use segment_spec::Raw;

use super::*;
use crate::request::batch_defaults::BatchDefaults;
use crate::request::enrichment::Enrichment;
use crate::request::times;

const ORDER: &str = r#"{"event":"Order Completed","userId":"u","properties":{"revenue":9.5}}"#;

/// What `then` makes of the events of no messages, with the batch's context.
fn with_events<T>(
    context: Option<&str>,
    then: impl FnOnce(EventBuilder<'_>, &Completion<'_>) -> T,
) -> T {
    let received_at = "2026-11-23T12:00:00Z".parse().expect("a time");
    let defaults = BatchDefaults::new([context.and_then(Raw::read), None], [None; 2]);
    let completion = Completion {
        kind: Some("track"),
        defaults: &defaults,
        enrichment: Enrichment::default(),
        received_at,
        received_at_json: times::write(received_at),
        clock_tolerance: Some(Duration::from_secs(10)),
    };
    let limits = Limits::default();
    let policy = AcceptancePolicy {
        message_bytes: 100,
        completed_bytes: 1000,
        strict: Some(&limits),
        is_single: false,
    };
    let destination = |name: &str| {
        let mapping = Mapping::new(Settings::default()).expect("settings");
        Arc::new(DestinationMapping::new(name, mapping))
    };
    let source = Arc::new(Source::new(
        "web",
        vec![destination("shop"), destination("ads")],
    ));
    let batch = Batch::of_request(&source, received_at, policy, &[]);
    then(EventBuilder::new(&batch, None), &completion)
}

#[test]
fn a_refused_message_leaves_no_event() {
    with_events(None, |mut events, completion| {
        let long = format!("{{\"event\":\"{}\"}}", "x".repeat(100));
        for (text, code) in [
            ("[]", "not_an_object"),
            ("7", "not_an_object"),
            (r#"{"event":"E"}"#, "no_user_anon_id"),
            (&long, "message_too_large"),
        ] {
            let added = events.add(text, completion).map_err(Refusal::code);
            assert_eq!(added, Err(code), "{text}");
        }
        assert_eq!(events.bytes(), 0);
        assert!(events.finish().frames.is_empty());
    });
}

#[test]
fn every_destination_gets_the_text_of_its_own_event() {
    with_events(None, |mut events, completion| {
        events.add(ORDER, completion).expect("an event");
        events.add(ORDER, completion).expect("an event");
        let BuiltEvents {
            frames, outcomes, ..
        } = events.finish();
        let names: Vec<_> = frames
            .iter()
            .map(|frame| (&**frame.destination(), frame.len()))
            .collect();
        assert_eq!(names, [("shop", 2), ("ads", 2)]);
        for frame in &frames {
            for taken in frame.events() {
                let event: serde_json::Value = serde_json::from_slice(taken.json).expect("JSON");
                assert_eq!(event["custom_data"]["value"], 9.5);
                let id = event["event_id"].as_str().expect("an id");
                assert_eq!(
                    taken.dedup_key,
                    Some(DedupKey::new(frame.destination(), id))
                );
            }
        }
        assert_eq!(
            outcomes.as_slice().iter().map(|one| one.count).sum::<u64>(),
            4
        );
    });
}

#[test]
fn the_batch_context_counts_towards_the_size_of_each_message() {
    let context = r#"{"userAgent":"shared"}"#;
    with_events(Some(context), |mut events, completion| {
        let added = events.add(ORDER, completion);
        assert_eq!(added, Ok(ORDER.len() + context.len()));
    });
}
