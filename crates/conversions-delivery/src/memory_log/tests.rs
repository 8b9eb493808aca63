use std::time::Duration;

use super::*;
use crate::append::AppendOutcome;
use conversions_transport::NewEvent;

const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

fn event(destination: &str, id: &str) -> NewEvent {
    NewEvent::new(
        destination,
        format!(r#"{{"event_id":"{id}"}}"#),
        NOW.seconds(),
    )
    .with_message_id(Some(id))
}

fn wanted(destination: &str, events: usize) -> Wanted<'_> {
    Wanted {
        destination,
        events,
        bytes: 1_000_000,
    }
}

fn keys(lease: &Lease) -> Vec<u64> {
    lease.events().map(|event| event.key.0).collect()
}

#[tokio::test]
async fn events_are_leased_in_order_and_never_twice() {
    let log = MemoryLog::default();
    let group = ["a", "b", "c"].map(|id| event("shop", id)).to_vec();
    log.append(group.into(), NOW).await.expect("room");
    let first = log.lease(wanted("shop", 2), NOW).await.expect("a lease");
    let second = log.lease(wanted("shop", 2), NOW).await.expect("a lease");
    assert_eq!(keys(&first), [1, 2]);
    assert_eq!(keys(&second), [3]);
    log.release("shop", &first.keys(), None)
        .await
        .expect("released");
    let again = log.lease(wanted("shop", 9), NOW).await.expect("a lease");
    assert_eq!(keys(&again), [1, 2]);
}

#[tokio::test]
async fn a_repeated_message_is_a_duplicate_at_its_destination_only() {
    let log = MemoryLog::default();
    let group = vec![event("shop", "a"), event("other", "a"), event("shop", "a")];
    let appended = log.append(group.into(), NOW).await.expect("room");
    let expected = [
        AppendOutcome::Stored(EventKey(1)),
        AppendOutcome::Stored(EventKey(2)),
        AppendOutcome::Duplicate,
    ];
    assert!(appended.outcomes().eq(expected), "{appended:?}");
    assert_eq!(appended.duplicates(), 1);
}

#[tokio::test]
async fn an_event_of_the_future_waits_until_it_is_due() {
    let log = MemoryLog::default();
    let mut ahead = event("shop", "a");
    ahead.event_time += 1800;
    log.append(vec![ahead].into(), NOW).await.expect("room");
    let early = log.lease(wanted("shop", 9), NOW).await.expect("a lease");
    assert!(early.is_empty());
    let due = early.next_due.expect("it is deferred");
    assert_eq!(due, NOW.plus(Duration::from_mins(30)));
    assert_eq!(log.backlog("shop").await.expect("a backlog").later, 1);
    let lease = log.lease(wanted("shop", 9), due).await.expect("a lease");
    assert_eq!(lease.events().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_full_share_makes_append_wait_and_leaves_others_alone() {
    let log = Arc::new(MemoryLog::new(MemoryLogOptions {
        events: 2,
        ..MemoryLogOptions::default()
    }));
    let group = vec![event("shop", "a"), event("shop", "b")];
    log.append(group.into(), NOW).await.expect("room");

    let third = log.append(vec![event("shop", "c")].into(), NOW);
    let waited = tokio::time::timeout(Duration::from_hours(1), third).await;
    assert!(waited.is_err(), "no room");
    log.append(vec![event("other", "a")].into(), NOW)
        .await
        .expect("its own share");

    let waiting = tokio::spawn({
        let log = Arc::clone(&log);
        async move { log.append(vec![event("shop", "c")].into(), NOW).await }
    });
    tokio::task::yield_now().await;
    let lease = log.lease(wanted("shop", 1), NOW).await.expect("a lease");
    log.acknowledge("shop", &lease.keys(), NOW)
        .await
        .expect("removed");
    let appended = waiting.await.expect("no panic").expect("room now");
    assert_eq!(
        appended.duplicates(),
        0,
        "the append that was given up left nothing behind"
    );
    assert_eq!(log.backlog("shop").await.expect("a backlog").events, 2);
}

#[tokio::test]
async fn the_byte_limit_of_a_lease_still_gives_one_event() {
    let log = MemoryLog::default();
    let group = ["a", "b"].map(|id| event("shop", id)).to_vec();
    log.append(group.into(), NOW).await.expect("room");
    let wanted = Wanted {
        destination: "shop",
        events: 9,
        bytes: 1,
    };
    assert_eq!(
        log.lease(wanted, NOW)
            .await
            .expect("a lease")
            .events()
            .count(),
        1
    );
}

#[tokio::test]
async fn duplicates_inside_and_across_frames_are_not_stored() {
    let log = MemoryLog::default();
    let group = ["a", "b", "a"].map(|id| event("shop", id)).to_vec();
    log.append(group.into(), NOW).await.expect("room");
    let group = ["b", "c", "a", "d"].map(|id| event("shop", id)).to_vec();
    let appended = log.append(group.into(), NOW).await.expect("room");
    assert_eq!(appended.frames[0].duplicates, [0, 2]);
    let lease = log.lease(wanted("shop", 9), NOW).await.expect("a lease");
    assert_eq!(keys(&lease), [1, 2, 5, 7]);
    let backlog = log.backlog("shop").await.expect("a backlog");
    assert_eq!((backlog.events, backlog.bytes), (4, 4 * 16));
    log.acknowledge("shop", &lease.keys(), NOW)
        .await
        .expect("removed");
    assert_eq!(
        log.backlog("shop").await.expect("a backlog"),
        Backlog::default()
    );
}
