//! A token that is wrong stops its destination, loses nothing, and is noticed when it works again.

use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{Ended, FinishOptions, HoldCause};

use crate::meta::{Meta, graph};
use crate::stage::{engine, engine_with, events, finish, patient, plain};

fn expired() -> conversions_transport::SendError {
    graph(400, 190, Some(463))
}

#[tokio::test(start_paused = true)]
async fn a_held_destination_probes_now_and_then_and_resumes_by_itself() {
    let meta = Meta::new();
    meta.always_answers(expired);
    let mut options = plain();
    options.concurrency = 4;
    options.batch_events = 10;
    let engine = engine_with(&meta, options);
    engine.append(events(100)).await.expect("room");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let at_first = meta.requests().len();
    assert!(at_first <= 4, "{at_first} requests in flight found out");
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(meta.requests().len(), at_first + 60, "one probe a minute");
    let progress = engine.progress().await;
    let held: Vec<_> = progress
        .held()
        .map(|(name, held)| (name, held.cause))
        .collect();
    assert_eq!(held, [("shop", HoldCause::Authentication)]);
    assert_eq!(progress.total().pending, 100);

    meta.works_again();
    let summary = finish(&engine, patient()).await;
    assert_eq!(summary.ended, Ended::Done);
    assert_eq!(summary.progress.total().delivered, 100);
    assert_eq!(summary.progress.held().count(), 0);
    assert_eq!(summary.progress.total().dead_lettered, 0);
}

#[tokio::test(start_paused = true)]
async fn a_reload_probes_a_held_destination_at_once() {
    let (old, new) = (Meta::new(), Meta::new());
    old.always_answers(expired);
    let engine = engine(&old);
    engine.append(events(3)).await.expect("room");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(engine.reload("shop", Arc::clone(&new) as _, plain()));
    assert!(!engine.reload("nowhere", Arc::clone(&new) as _, plain()));
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(new.accepted().len(), 3);
    finish(&engine, patient()).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_to_end_on_a_hold_ends_at_once() {
    let meta = Meta::new();
    meta.always_answers(expired);
    let engine = engine(&meta);
    let start = tokio::time::Instant::now();
    engine.append(events(3)).await.expect("room");
    let summary = finish(&engine, FinishOptions::default()).await;
    assert_eq!(summary.ended, Ended::Held);
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(
        (meta.requests().len(), summary.progress.total().pending),
        (1, 3)
    );
    assert_eq!(summary.lowest_pending_line, Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_hold_is_reported_to_a_reader_that_waits_for_room() {
    let meta = Meta::new();
    meta.always_answers(expired);
    let engine = engine(&meta);
    let feeding = async {
        loop {
            engine
                .append(
                    events(1000)
                        .into_iter()
                        .map(|event| event.with_message_id(None))
                        .collect::<Vec<_>>(),
                )
                .await?;
        }
        #[expect(unreachable_code, reason = "gives the block its type")]
        Ok::<(), conversions_delivery::AppendError>(())
    };
    tokio::select! {
        fed = feeding => panic!("endless input ended: {fed:?}"),
        ended = engine.wait_until_stuck(FinishOptions::default()) => assert_eq!(ended, Ended::Held),
    }
}

#[tokio::test(start_paused = true)]
async fn an_inconclusive_probe_keeps_the_destination_held() {
    let meta = Meta::new();
    meta.answers_next(expired);
    meta.answers_next(|| graph(500, 2, None));
    let engine = engine(&meta);
    let start = tokio::time::Instant::now();
    engine.append(events(3)).await.expect("room");
    finish(&engine, patient()).await;
    let at: Vec<_> = meta
        .requests()
        .iter()
        .map(|seen| seen.at.duration_since(start).as_secs())
        .collect();
    assert_eq!(at, [0, 60, 120]);
}
