//! How a run ends.

use std::time::Duration;

use conversions_delivery::{AppendError, Ended, FinishOptions};

use crate::meta::{Meta, graph};
use crate::stage::{NOW, engine, engine_with, event, event_at, events, finish, patient, plain};

#[tokio::test(start_paused = true)]
async fn shutdown_lets_requests_in_flight_end_and_begins_nothing_new() {
    let meta = Meta::slow(Duration::from_secs(10));
    let mut options = plain();
    options.batch_events = 10;
    options.concurrency = 2;
    let engine = engine_with(&meta, options);
    engine.append(events(100)).await.expect("room");
    let shutdown = tokio::time::sleep(Duration::from_secs(15));
    let summary = engine.finish(patient(), shutdown).await;
    assert_eq!(summary.ended, Ended::Shutdown);
    let total = summary.progress.total();
    assert_eq!(
        (total.requests, total.delivered, total.pending),
        (4, 40, 60)
    );
    assert_eq!(summary.lowest_pending_line, Some(41), "where to go on");
    assert_eq!(summary.took, Duration::from_secs(20));
    assert_eq!(
        engine.append(vec![event("late")]).await,
        Err(AppendError::ShuttingDown)
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_that_outlasts_the_grace_is_abandoned_and_its_events_stay_pending() {
    let meta = Meta::slow(Duration::from_hours(1));
    let engine = engine(&meta);
    engine.append(events(5)).await.expect("room");
    let shutdown = tokio::time::sleep(Duration::from_secs(1));
    let summary = engine.finish(patient(), shutdown).await;
    assert_eq!(
        (summary.ended, summary.progress.total().pending),
        (Ended::Shutdown, 5)
    );
    assert_eq!(summary.took, Duration::from_secs(31));
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_the_next_attempt_ends_with_the_shutdown() {
    let meta = Meta::new();
    meta.always_answers(|| graph(400, 368, None));
    let engine = engine(&meta);
    engine.append(events(5)).await.expect("room");
    let shutdown = tokio::time::sleep(Duration::from_secs(1));
    let summary = engine.finish(patient(), shutdown).await;
    assert_eq!(summary.took, Duration::from_secs(1));
    assert_eq!(summary.progress.total().pending, 5);
}

#[tokio::test(start_paused = true)]
async fn a_run_without_progress_ends() {
    let meta = Meta::new();
    meta.always_answers(|| graph(503, 2, None));
    let engine = engine(&meta);
    engine.append(events(5)).await.expect("room");
    let summary = finish(&engine, FinishOptions::default()).await;
    assert_eq!(summary.ended, Ended::NoProgress);
    assert_eq!(summary.took, Duration::from_mins(10));
    let error = summary.progress.destinations["shop"]
        .last_error
        .clone()
        .expect("an error");
    assert_eq!((error.status, error.code), (Some(503), Some(2)));
}

#[tokio::test(start_paused = true)]
async fn progress_extends_the_deadline() {
    let meta = Meta::slow(Duration::from_secs(400));
    let mut options = plain();
    options.batch_events = 1;
    let engine = engine_with(&meta, options);
    engine.append(events(5)).await.expect("room");
    let summary = finish(&engine, FinishOptions::default()).await;
    assert_eq!(
        (summary.ended, summary.took),
        (Ended::Done, Duration::from_secs(2000))
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_input_is_not_stuck() {
    let meta = Meta::new();
    let engine = engine(&meta);
    engine.append(events(5)).await.expect("room");
    let stuck = tokio::time::timeout(
        Duration::from_hours(24),
        engine.wait_until_stuck(FinishOptions::default()),
    )
    .await;
    assert!(stuck.is_err(), "{stuck:?}");
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_not_due_for_long_is_left_pending() {
    let meta = Meta::new();
    let engine = engine(&meta);
    engine
        .append(vec![event_at("soon", NOW + 3000)])
        .await
        .expect("room");
    let summary = finish(&engine, FinishOptions::default()).await;
    assert_eq!(
        (summary.ended, summary.progress.total().pending),
        (Ended::NoProgress, 1)
    );
}
