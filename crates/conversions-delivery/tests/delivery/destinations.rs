//! Many destinations: each on its own.

use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{Ended, FinishOptions};
use conversions_transport::NewEvent;

use crate::meta::{Meta, graph};
use crate::stage::{builder, event, finish, plain};

fn to(destination: &str, count: usize) -> Vec<NewEvent> {
    (0..count)
        .map(|number| NewEvent {
            destination: Arc::from(destination),
            ..event(format!("{destination} {number}"))
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_slow_and_a_held_destination_do_not_delay_a_third() {
    let (slow, held, quick) = (
        Meta::slow(Duration::from_hours(1)),
        Meta::new(),
        Meta::new(),
    );
    held.always_answers(|| graph(400, 190, None));
    let engine = builder()
        .destination("slow", Arc::clone(&slow) as _, plain())
        .destination("held", Arc::clone(&held) as _, plain())
        .destination("quick", Arc::clone(&quick) as _, plain())
        .start();
    let start = tokio::time::Instant::now();
    for _ in 0..5 {
        for name in ["slow", "held", "quick"] {
            let events = to(name, 1000)
                .into_iter()
                .map(|event| event.with_message_id(None));
            engine
                .append(events.collect::<Vec<_>>())
                .await
                .expect("room");
        }
    }
    while quick.requests().len() < 5 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    let progress = engine.progress().await;
    let pending = |name| progress.destinations[name].backlog.events;
    assert_eq!(
        (pending("slow"), pending("held"), pending("quick")),
        (5000, 5000, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_ends_as_held_when_only_held_destinations_are_left() {
    let (held, slow) = (Meta::new(), Meta::slow(Duration::from_secs(5)));
    held.always_answers(|| graph(400, 190, None));
    let engine = builder()
        .destination("held", Arc::clone(&held) as _, plain())
        .destination("slow", Arc::clone(&slow) as _, plain())
        .start();
    let mut group = to("held", 2);
    group.extend(to("slow", 2));
    engine.append(group).await.expect("room");
    let summary = finish(&engine, FinishOptions::default()).await;
    assert_eq!(summary.ended, Ended::Held);
    let total = summary.progress.total();
    assert_eq!((total.delivered, total.pending), (2, 2));
}
