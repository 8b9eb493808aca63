//! `commit = "delivered"`: the broker is the log.

use std::collections::BTreeSet;
use std::time::Duration;

use conversions_input::MemoryTopic;
use conversions_transport::SendError;

use super::stage::{
    Meta, delivered, expired_token, internal_error, invalid_event, message, push, until,
};

const MINUTE: Duration = Duration::from_mins(1);

/// Refuses requests with this event.
fn refuse_with(ids: &[String], id: &str, error: fn() -> SendError) -> Result<(), SendError> {
    if ids.iter().any(|one| one == id) {
        return Err(error());
    }
    Ok(())
}

fn ids(numbers: std::ops::Range<usize>) -> BTreeSet<String> {
    numbers.map(|number| format!("m{number}")).collect()
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_moves_no_position_and_loses_nothing() {
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    meta.answer(|_| Err(expired_token()));
    let stage = delivered(&topic, &meta, 100);
    push(&topic, 0..50);
    tokio::time::sleep(MINUTE).await;
    assert_eq!(topic.committed(0), 0);
    push(&topic, 50..80);
    tokio::time::sleep(5 * MINUTE).await;
    assert_eq!((topic.committed(0), meta.delivered().len()), (0, 0));
    meta.answer(|_| Ok(()));
    until("all are delivered", || topic.committed(0) == 80).await;
    let delivered = meta.delivered();
    assert_eq!(delivered.len(), 80, "none twice");
    assert_eq!(delivered.into_iter().collect::<BTreeSet<_>>(), ids(0..80));
    drop(stage);
}

#[tokio::test(start_paused = true)]
async fn the_fifth_of_ten_is_refused_and_the_position_waits_for_its_dead_letter() {
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    meta.answer(|ids| refuse_with(ids, "m4", invalid_event));
    push(&topic, 0..10);
    let stage = delivered(&topic, &meta, 100);
    until("nine are delivered", || meta.delivered().len() == 9).await;
    until("all are settled", || topic.committed(0) == 10).await;
    let rejections = topic.rejections();
    assert_eq!(rejections.len(), 1);
    assert_eq!(rejections[0].position.to_string(), "orders/0 at 4");
    assert_eq!(
        rejections[0].reason,
        "dead_letter at shop: refused, status 400, code 100, subcode 2804019"
    );
    drop(stage);
}

#[tokio::test(start_paused = true)]
async fn without_a_place_for_a_dead_letter_the_position_stays_before_it() {
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    push(&topic, 0..10);
    let stage = delivered(&topic, &meta, 1);
    let unavailable = topic.clone();
    meta.answer(move |ids| {
        // From here on the topic takes neither letters nor positions.
        unavailable.set_available(false);
        refuse_with(ids, "m4", invalid_event)
    });
    until("the others are delivered", || meta.delivered().len() == 9).await;
    tokio::time::sleep(MINUTE).await;
    assert_eq!((topic.committed(0), topic.rejections().len()), (0, 0));
    meta.answer(|_| Ok(()));
    topic.set_available(true);
    until("all are settled", || topic.committed(0) == 10).await;
    assert_eq!(topic.rejections().len(), 1);
    drop(stage);
}

#[tokio::test(start_paused = true)]
async fn rubbish_is_rejected_with_position_and_reason() {
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    topic.push(0, message("m0"));
    topic.push(0, "not JSON");
    topic.push_tombstone(0);
    topic.push(0, vec![b'x'; 10 << 20]);
    topic.push(0, format!(r#"{{"batch":[{},7]}}"#, message("m1")));
    topic.push(0, message("m2"));
    let stage = delivered(&topic, &meta, 100);
    until("all are settled", || topic.committed(0) == 6).await;
    let rejections: Vec<_> = topic
        .rejections()
        .iter()
        .map(|one| format!("{}: {}, {}", one.position, one.reason, one.payload.len()))
        .collect();
    assert_eq!(
        rejections,
        [
            "orders/0 at 1: bad_request, 8",
            "orders/0 at 2: tombstone, 0",
            "orders/0 at 3: payload_too_large, 10485760",
            "orders/0 at 4: not_an_object, message 1 of the batch, 1",
        ]
    );
    assert_eq!(meta.delivered(), ["m0", "m1", "m2"]);
    assert_eq!(stage.consumer.totals().rejected, 4);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_settled_with_its_last_event_and_a_repetition_with_what_it_repeats() {
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    let batch: Vec<_> = ["m0", "m1", "m2"].map(message).into();
    topic.push(0, format!(r#"{{"batch":[{}]}}"#, batch.join(",")));
    topic.push(0, message("m1"));
    topic.push(0, message("m3"));
    meta.answer(|ids| refuse_with(ids, "m1", internal_error));
    let stage = delivered(&topic, &meta, 1);
    until("the others are delivered", || meta.delivered().len() == 3).await;
    tokio::time::sleep(MINUTE).await;
    assert_eq!(topic.committed(0), 0);
    meta.answer(|_| Ok(()));
    until("all are settled", || topic.committed(0) == 3).await;
    assert_eq!(meta.delivered().len(), 4, "the repetition was not sent");
    // What was delivered is known: it is settled at once.
    meta.answer(|_| Err(expired_token()));
    topic.push(0, message("m0"));
    until("the repetition is settled", || topic.committed(0) == 4).await;
    drop(stage);
}

#[tokio::test(start_paused = true)]
async fn a_held_destination_stops_reading_and_memory_stays_bounded() {
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    meta.answer(|_| Err(expired_token()));
    push(&topic, 0..30_000);
    let stage = delivered(&topic, &meta, 1000);
    tokio::time::sleep(2 * MINUTE).await;
    let waiting = stage.delivery.progress().await.total().pending;
    assert!((10_000..=20_000).contains(&waiting), "{waiting}");
    assert_eq!(topic.committed(0), 0);
    meta.answer(|_| Ok(()));
    until("all are delivered", || topic.committed(0) == 30_000).await;
    assert_eq!(meta.delivered().len(), 30_000);
}

#[tokio::test(start_paused = true)]
async fn what_waits_in_a_revoked_partition_is_left_to_the_other_member() {
    let (topic, meta) = (MemoryTopic::new("orders", 2), Meta::new());
    meta.answer(|_| Err(expired_token()));
    push(&topic, 0..40);
    topic.push(1, message("other"));
    let stage = delivered(&topic, &meta, 10);
    tokio::time::sleep(Duration::from_secs(5)).await;
    stage.input.revoke(&[0], Duration::from_secs(10));
    tokio::time::sleep(Duration::from_secs(11)).await;
    meta.answer(|_| Ok(()));
    until("the other partition goes on", || topic.committed(1) == 1).await;
    tokio::time::sleep(5 * MINUTE).await;
    let sent = meta.delivered().len();
    assert!(sent <= 31, "at most what was in hand: {sent}");
    assert_eq!(topic.committed(0), 0, "it is not ours any more");
    stage.input.assign(&[0]);
    until("it came back", || topic.committed(0) == 40).await;
    let all: BTreeSet<_> = meta.delivered().into_iter().collect();
    assert_eq!(all.len(), 41);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_partition_is_settled_within_its_time_if_it_can_be() {
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    push(&topic, 0..40);
    let stage = delivered(&topic, &meta, 10);
    until("it has begun", || !meta.delivered().is_empty()).await;
    stage.input.revoke(&[0], Duration::from_secs(10));
    until("all are settled", || topic.committed(0) == 40).await;
    assert_eq!(meta.delivered().len(), 40);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_asked_to_end_settles_what_it_can_and_leaves() {
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    push(&topic, 0..500);
    let stage = delivered(&topic, &meta, 100);
    until("it has begun", || !meta.delivered().is_empty()).await;
    stage.stop(Duration::from_secs(10)).await;
    let committed = usize::try_from(topic.committed(0)).expect("small");
    assert_eq!(committed, meta.delivered().len(), "nothing comes again");

    meta.answer(|_| Err(expired_token()));
    push(&topic, 500..600);
    let stage = delivered(&topic, &meta, 100);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = tokio::time::Instant::now();
    stage.stop(Duration::from_secs(10)).await;
    assert!(begun.elapsed() < Duration::from_mins(1));
    assert_eq!(topic.committed(0), committed as u64);
}
