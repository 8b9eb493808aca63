//! Slower when Meta asks for it, and before.

use std::time::Duration;

use conversions_transport::SendError;
use facebook_conversions::reply::{EventsReceived, GraphError};
use facebook_conversions::usage::ReplyHeaders;
use tokio::time::Instant;

use crate::meta::Meta;
use crate::stage::{engine, engine_with, events, finish, patient, plain};

fn usage(percent: u32) -> ReplyHeaders {
    let value = format!(r#"{{"call_count":{percent},"total_time":1,"total_cputime":1}}"#);
    ReplyHeaders::read(|name| (name == "x-app-usage").then_some(&*value), &[])
}

fn seconds(meta: &Meta, start: Instant) -> Vec<u64> {
    meta.requests()
        .iter()
        .map(|seen| seen.at.duration_since(start).as_secs())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_kept_by_all_requests_of_the_destination() {
    let meta = Meta::new();
    meta.answers_next(|| {
        let headers = ReplyHeaders {
            retry_after: Some(Duration::from_mins(5)),
            ..ReplyHeaders::default()
        };
        SendError::refused_with(GraphError::new(400, 80_004, None), headers)
    });
    let mut options = plain();
    options.batch_events = 10;
    let engine = engine_with(&meta, options);
    let start = Instant::now();
    engine.append(events(30)).await.expect("room");
    let summary = finish(&engine, patient()).await;
    assert_eq!(seconds(&meta, start), [0, 300, 300, 300]);
    assert_eq!(summary.progress.destinations["shop"].delivered, 30);
}

#[tokio::test(start_paused = true)]
async fn without_a_hint_the_pause_is_long_and_grows() {
    let meta = Meta::new();
    for _ in 0..3 {
        meta.answers_next(|| SendError::refused(GraphError::new(400, 4, None)));
    }
    let engine = engine(&meta);
    let start = Instant::now();
    engine.append(events(1)).await.expect("room");
    finish(&engine, patient()).await;
    let at = seconds(&meta, start);
    let waits: Vec<_> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let bounds = [(30..=60), (60..=120), (120..=240)];
    assert_eq!(waits.len(), 3);
    for (wait, bound) in waits.iter().zip(bounds) {
        assert!(bound.contains(wait), "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_spaced_before_the_limit_and_pause_just_below_it() {
    let meta = Meta::new();
    for percent in [10, 85, 96, 20] {
        meta.receives_next(EventsReceived {
            headers: usage(percent),
            ..EventsReceived::default()
        });
    }
    let mut options = plain();
    options.batch_events = 10;
    let engine = engine_with(&meta, options);
    let start = Instant::now();
    engine.append(events(60)).await.expect("room");
    let summary = finish(&engine, patient()).await;
    assert_eq!(seconds(&meta, start), [0, 0, 2, 62, 62, 62]);
    assert_eq!(
        summary.progress.destinations["shop"].usage_percent,
        Some(20.0)
    );
}
