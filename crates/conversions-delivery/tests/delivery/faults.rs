//! What each kind of fault does to events: the table is the test.

use std::fmt::Write as _;
use std::time::Duration;

use conversions_transport::{AmbiguousKind, EventsBody, NotSentKind, SendError};
use facebook_conversions::reply::{GraphError, UnreadableKind};
use facebook_conversions::usage::ReplyHeaders;

use crate::meta::{Meta, graph};
use crate::stage::{DAY, NOW, dead, engine, event, event_at, events, finish, patient};

type Fault = fn() -> SendError;

fn unreadable(status: u16, kind: UnreadableKind) -> SendError {
    SendError::unreadable(status, kind, ReplyHeaders::default())
}

#[rustfmt::skip]
const FAULTS: &[(&str, Fault)] = &[
    ("connection refused",           || SendError::not_sent(NotSentKind::Refused)),
    ("TLS failure",                  || SendError::not_sent(NotSentKind::Tls)),
    ("timeout after writing",        || SendError::ambiguous(AmbiguousKind::Timeout)),
    ("reset after writing",          || SendError::ambiguous(AmbiguousKind::Reset)),
    ("502, HTML",                    || unreadable(502, UnreadableKind::Html)),
    ("200, empty",                   || unreadable(200, UnreadableKind::Empty)),
    ("200, truncated",               || unreadable(200, UnreadableKind::Truncated)),
    ("403, HTML",                    || unreadable(403, UnreadableKind::Html)),
    ("413, HTML",                    || unreadable(413, UnreadableKind::Html)),
    ("429, HTML",                    || unreadable(429, UnreadableKind::Html)),
    ("1 unknown",                    || graph(500, 1, None)),
    ("2 service down",               || graph(500, 2, None)),
    ("4 application limit",          || graph(400, 4, None)),
    ("17 user limit, 500",           || graph(500, 17, None)),
    ("80004 throttled",              || graph(400, 80_004, None)),
    ("368 blocked",                  || graph(400, 368, None)),
    ("190 token expired",            || graph(400, 190, Some(463))),
    ("200 permission",               || graph(403, 200, None)),
    ("100/33 no such pixel",         || graph(400, 100, Some(33))),
    ("104 bad proof",                || graph(400, 104, None)),
    ("2635 old version",             || graph(400, 2635, None)),
    ("100/2804003 too old",          || graph(400, 100, Some(2_804_003))),
    ("100/2804050 information",      || graph(400, 100, Some(2_804_050))),
    ("100 without subcode",          || graph(400, 100, None)),
    ("105 too many parameters",      || graph(400, 105, None)),
    ("999 of no error table",        || graph(400, 999, None)),
];

/// Four events meet the fault once, then Meta works.
async fn once(fault: Fault) -> String {
    let meta = Meta::new();
    meta.answers_next(fault);
    let engine = engine(&meta);
    let start = tokio::time::Instant::now();
    engine.append(events(4)).await.expect("room");
    let summary = finish(&engine, patient()).await;
    let shop = &summary.progress.destinations["shop"];
    let retries: Vec<_> = shop
        .retries
        .iter()
        .map(|(class, count)| format!("{count} {}", class.name()))
        .collect();
    format!(
        "{} delivered in {} requests after {} ({})",
        shop.delivered,
        shop.requests,
        waited(start.elapsed()),
        if retries.is_empty() {
            "no retry".to_owned()
        } else {
            retries.join(", ")
        },
    )
}

/// Four events meet the fault until they are too old.
async fn for_ever(fault: Fault) -> String {
    let meta = Meta::new();
    meta.always_answers(fault);
    let engine = engine(&meta);
    // Two hours before they are too old: for ever is not long.
    let old = NOW - 7 * DAY + 2 * 3600;
    let group: Vec<_> = (0..4)
        .map(|number| event_at(format!("e{number}"), old))
        .collect();
    engine.append(group).await.expect("room");
    let summary = finish(&engine, patient()).await;
    let shop = &summary.progress.destinations["shop"];
    let mut line = String::new();
    for (reason, count) in dead(&summary) {
        let _ = write!(line, "{count} {reason}, ");
    }
    if let Some(held) = &shop.held {
        let _ = write!(line, "held for {}, ", held.cause.name());
    }
    let _ = write!(line, "{} ambiguous", shop.ambiguous);
    line
}

fn waited(time: Duration) -> &'static str {
    match time.as_secs_f64() {
        0.0 => "no time",
        seconds if seconds <= 1.0 => "up to a second",
        seconds if (30.0..=60.0).contains(&seconds) => "about a minute",
        900.0 => "a quarter of an hour",
        _ => "?",
    }
}

#[tokio::test(start_paused = true)]
async fn the_fault_matrix() {
    let mut table = String::new();
    for (name, fault) in FAULTS {
        let _ = writeln!(
            table,
            "{name}\n    once:     {}\n    for ever: {}",
            once(*fault).await,
            for_ever(*fault).await
        );
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(start_paused = true)]
async fn an_ambiguous_request_is_repeated_byte_for_byte() {
    let meta = Meta::new();
    meta.answers_next(|| SendError::ambiguous(AmbiguousKind::Timeout));
    let engine = engine(&meta);
    engine.append(events(3)).await.expect("room");
    finish(&engine, patient()).await;
    let requests = meta.requests();
    assert_eq!(requests.len(), 2);
    let bodies = [0, 1].map(|index: usize| {
        let body = EventsBody::default().for_request(&requests[index].request);
        body.to_bytes()
    });
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test(start_paused = true)]
async fn an_expired_event_is_taken_out_and_the_rest_goes() {
    let meta = Meta::new();
    let engine = engine(&meta);
    // Meta's clock runs half a minute ahead of ours.
    meta.answers_next(|| graph(400, 100, Some(2_804_003)));
    let group = vec![
        event("new"),
        event_at("nearly seven days", NOW - 7 * DAY + 30),
    ];
    engine.append(group).await.expect("room");
    let summary = finish(&engine, patient()).await;
    assert_eq!(meta.sizes(), [2, 1]);
    assert_eq!(meta.accepted().into_keys().collect::<Vec<_>>(), ["new"]);
    assert_eq!(dead(&summary), [("event_time_too_old", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_too_large_teaches_the_next_ones() {
    let meta = Meta::new();
    meta.answers_next(|| unreadable(413, UnreadableKind::Empty));
    let engine = engine(&meta);
    engine.append(events(1000)).await.expect("room");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let later: Vec<_> = (0..1000).map(|n| event(format!("later {n}"))).collect();
    engine.append(later).await.expect("room");
    finish(&engine, patient()).await;
    assert_eq!(meta.sizes()[..3], [1000, 500, 500]);
    assert!(
        meta.sizes()[3..].iter().all(|size| *size < 600),
        "{:?}",
        meta.sizes()
    );
    assert_eq!(meta.accepted().len(), 2000);
}

#[tokio::test(start_paused = true)]
async fn refusals_in_a_row_are_counted_until_one_is_received() {
    let meta = Meta::new();
    meta.refuses((0..40).map(|number| format!("e{number}")));
    let engine = engine(&meta);
    engine.append(events(40)).await.expect("room");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let in_a_row = async || engine.progress().await.destinations["shop"].refused_in_a_row;
    assert_eq!(in_a_row().await, 40);
    engine.append(vec![event("good")]).await.expect("room");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(in_a_row().await, 0);
}

#[tokio::test(start_paused = true)]
async fn graph_says_it_is_transient_and_is_believed() {
    let meta = Meta::new();
    meta.answers_next(|| {
        SendError::refused(GraphError::new(400, 100, Some(2_804_050)).with_transient(true))
    });
    let engine = engine(&meta);
    engine.append(events(2)).await.expect("room");
    let summary = finish(&engine, patient()).await;
    assert_eq!(meta.sizes(), [2, 2]);
    assert_eq!(summary.progress.total().delivered, 2);
}
