//! Batches, duplicates, time.

use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{AppendError, DestinationOptions, Ended};
use facebook_conversions::reply::EventsReceived;

use crate::meta::{Meta, graph, ids};
use crate::stage::{
    DAY, NOW, dead, engine, engine_with, event, event_at, events, finish, patient, plain, run,
};

#[tokio::test(start_paused = true)]
async fn everything_arrives_once_in_full_batches() {
    let meta = Meta::new();
    let summary = run(&meta, events(2500)).await;
    assert_eq!(summary.ended, Ended::Done);
    assert_eq!(meta.sizes(), [1000, 1000, 500]);
    assert_eq!(meta.accepted().len(), 2500);
    assert!(meta.accepted().values().all(|times| *times == 1));
    let total = summary.progress.total();
    assert_eq!(
        (total.accepted, total.delivered, total.pending),
        (2500, 2500, 0)
    );
    assert_eq!((total.requests, total.retries), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_message_is_delivered_once() {
    let meta = Meta::new();
    let summary = run(&meta, vec![event("a"), event("b"), event("a")]).await;
    assert_eq!(meta.accepted().into_values().collect::<Vec<_>>(), [1, 1]);
    assert_eq!(summary.progress.total().duplicates, 1);
}

#[tokio::test(start_paused = true)]
async fn the_byte_cap_closes_batches() {
    let meta = Meta::new();
    let options = DestinationOptions {
        batch_bytes: event("e0").event.len() * 10,
        ..plain()
    };
    let engine = engine_with(&meta, options);
    engine.append(events(10)).await.expect("room");
    engine.append(events(25)).await.expect("room");
    finish(&engine, patient()).await;
    assert!(
        meta.sizes().iter().all(|size| *size <= 10),
        "{:?}",
        meta.sizes()
    );
    assert_eq!(meta.accepted().len(), 25);
}

#[tokio::test(start_paused = true)]
async fn test_codes_and_age_limits_go_in_their_own_requests() {
    let meta = Meta::new();
    let old = NOW - 40 * DAY;
    let group = vec![
        event("plain"),
        event("test").with_test_event_code(Some("TEST1")),
        event_at("store", old)
            .with_action_source(facebook_conversions::ActionSource::PhysicalStore),
        event("plain too"),
    ];
    run(&meta, group).await;
    let mut requests: Vec<_> = meta
        .requests()
        .iter()
        .map(|seen| {
            (
                seen.request.test_event_code().map(str::to_owned),
                ids(&seen.request).collect::<Vec<_>>(),
            )
        })
        .collect();
    requests.sort();
    let texts = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        requests,
        [
            (None, texts(&["plain", "plain too"])),
            (None, texts(&["store"])),
            (Some("TEST1".to_owned()), texts(&["test"])),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_waits_for_more_events_but_not_while_draining() {
    let meta = Meta::new();
    let options = DestinationOptions {
        linger: Duration::from_secs(1),
        ..plain()
    };
    let engine = engine_with(&meta, options);
    let start = tokio::time::Instant::now();
    engine.append(vec![event("a")]).await.expect("room");
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(meta.sizes(), [0; 0]);
    engine.append(vec![event("b")]).await.expect("room");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(meta.sizes(), [2]);
    assert_eq!(
        meta.requests()[0].at.duration_since(start),
        Duration::from_secs(1)
    );

    engine.append(vec![event("c")]).await.expect("room");
    let before = tokio::time::Instant::now();
    finish(&engine, patient()).await;
    assert_eq!(meta.sizes(), [2, 1]);
    assert_eq!(
        before.elapsed(),
        Duration::ZERO,
        "no more events are coming"
    );
}

#[tokio::test(start_paused = true)]
async fn at_most_concurrency_requests_are_in_flight() {
    let meta = Meta::slow(Duration::from_secs(1));
    let options = DestinationOptions {
        concurrency: 3,
        batch_events: 10,
        ..plain()
    };
    let engine = engine_with(&meta, options);
    let start = tokio::time::Instant::now();
    engine.append(events(60)).await.expect("room");
    finish(&engine, patient()).await;
    assert_eq!(meta.most_in_flight(), 3);
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn an_event_of_the_next_hour_waits_until_it_is_due() {
    let meta = Meta::new();
    let start = tokio::time::Instant::now();
    let summary = run(
        &meta,
        vec![
            event("now"),
            event_at("soon", NOW + 1800),
            event_at("ahead", NOW + 60),
        ],
    )
    .await;
    assert_eq!(summary.ended, Ended::Done);
    assert_eq!(meta.sizes(), [2, 1]);
    assert_eq!(
        meta.requests()[1].at.duration_since(start),
        Duration::from_mins(30)
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_that_grew_too_old_in_the_log_never_reaches_a_batch() {
    let meta = Meta::new();
    meta.always_answers(|| graph(500, 2, None));
    let engine = engine(&meta);
    let almost = NOW - 7 * DAY + 3600;
    engine
        .append(vec![event_at("old", almost), event("new")])
        .await
        .expect("room");
    tokio::time::sleep(Duration::from_hours(2)).await;
    meta.works_again();
    let summary = finish(&engine, patient()).await;
    assert_eq!(dead(&summary), [("event_time_too_old", 1)]);
    assert_eq!(meta.accepted().into_keys().collect::<Vec<_>>(), ["new"]);
}

#[tokio::test(start_paused = true)]
async fn the_first_attempt_may_use_the_age_limit_to_the_full() {
    let meta = Meta::new();
    let summary = run(
        &meta,
        vec![
            event_at("seven days", NOW - 7 * DAY),
            event_at("older", NOW - 7 * DAY - 1),
        ],
    )
    .await;
    assert_eq!(
        meta.accepted().into_keys().collect::<Vec<_>>(),
        ["seven days"]
    );
    assert_eq!(dead(&summary), [("event_time_too_old", 1)]);
}

#[tokio::test(start_paused = true)]
async fn an_accepted_request_with_remarks_is_counted_and_not_repeated() {
    let meta = Meta::new();
    meta.receives_next(EventsReceived {
        events_received: Some(1),
        messages: vec!["event_time is in the future".to_owned()],
        ..EventsReceived::default()
    });
    let summary = run(&meta, events(2)).await;
    let shop = &summary.progress.destinations["shop"];
    assert_eq!((shop.delivered, shop.requests), (2, 1));
    assert_eq!(
        (
            shop.warnings.messages,
            shop.warnings.events_received_differs
        ),
        (1, 1)
    );
    let last = shop.warnings.last.as_ref().expect("a remark");
    assert_eq!((last.sent, last.received), (2, Some(1)));
    assert!(
        !format!("{last:?}").contains("future"),
        "messages may quote events"
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_with_an_unknown_destination_is_refused_as_a_whole() {
    let meta = Meta::new();
    let engine = engine(&meta);
    let mut stranger = event("a");
    stranger.destination = Arc::from("nowhere");
    let refused = engine.append(vec![event("b"), stranger]).await;
    assert_eq!(
        refused,
        Err(AppendError::UnknownDestination("nowhere".to_owned()))
    );
    assert_eq!(
        finish(&engine, patient()).await.progress.total().accepted,
        0
    );
}
