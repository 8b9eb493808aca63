//! Events that were dead letters and are sent again.

use super::*;

fn accept(trace: &Trace, id: &str, key: u64) {
    let mut batch = trace.batch();
    let event = NewTracedEvent {
        at: 10,
        source: "web",
        event: "Order Completed",
        destination: "shop",
        ids: [Some(id), Some("event"), None],
        ..NewTracedEvent::default()
    };
    batch.push(&event, None);
    trace.accepted(&mut batch, &[Some(key)]);
}

fn settle(trace: &Trace, key: u64, dead_letter_reason: &str) {
    let settlement = SettlementRecord {
        destination: "shop",
        at: 20,
        dead_letter_reason,
        ..SettlementRecord::default()
    };
    trace.settled(&settlement, [(key, 1)].into_iter());
}

fn fail(trace: &Trace, key: u64) {
    let attempt = AttemptRecord {
        destination: "shop",
        outcome: "refused",
        ..AttemptRecord::default()
    };
    trace.attempted(&attempt, [(key, 1)].into_iter());
}

fn replay(trace: &Trace, destination: &str, replay_of: u64, key: u64) {
    trace.replayed(&ReplayRecord {
        destination,
        at: 30,
        replay_of,
        key,
        event: "Purchase",
        ids: [Some("event"), Some("order")],
    });
}

/// The keys as dead letters, how many requests had failed, and whether its end is known; then key, requests and end of now.
type Life = (Vec<(u64, usize, bool)>, Option<u64>, usize, Option<bool>);

fn life(event: &TracedEvent) -> Life {
    let replays = event.replays.iter().map(|replay| {
        let is_known = replay.dead_letter.is_some();
        (replay.letter, replay.attempts.len(), is_known)
    });
    let end = event.end.as_ref().map(|end| end.is_delivered);
    (replays.collect(), event.key, event.attempts.len(), end)
}

#[test]
fn a_life_goes_on_through_replays_on_disk_and_among_the_newest() {
    let dir = tempfile::tempdir().expect("a folder");
    let trace = Trace::open(dir.path(), TraceOptions::default()).expect("a folder");
    accept(&trace, "message", 5);
    fail(&trace, 5);
    settle(&trace, 5, "refused");
    replay(&trace, "shop", 5, 8);
    replay(&trace, "ads", 5, 9);
    // The log may hand it out again, and then it is told again.
    replay(&trace, "shop", 5, 8);
    fail(&trace, 8);
    fail(&trace, 8);
    settle(&trace, 8, "refused");
    trace.flush();
    replay(&trace, "shop", 8, 13);
    settle(&trace, 13, "");

    let whole = (vec![(5, 1, true), (8, 2, true)], Some(13), 0, Some(true));
    let found = trace.search("message").expect("read").events;
    assert_eq!(found.iter().map(life).collect::<Vec<_>>(), [whole]);
    let recent: Vec<_> = trace.recent().iter().map(|one| (**one).clone()).collect();
    let [ads, shop] = recent.as_slice() else {
        panic!("{recent:?}");
    };
    assert_eq!((life(shop), shop.first_key()), (life(&found[0]), Some(5)));
    assert!(ads.is_beginning_lost && ads.event == "Purchase");
    // By the ids that a replay has, the other one is found too.
    assert_eq!(trace.search("event").expect("read").events.len(), 2);
}

#[test]
fn a_replay_is_found_although_the_event_itself_is_forgotten() {
    let dir = tempfile::tempdir().expect("a folder");
    let options = TraceOptions {
        max_events: 16,
        ..TraceOptions::default()
    };
    let trace = Trace::open(dir.path(), options).expect("a folder");
    accept(&trace, "message", 5);
    settle(&trace, 5, "refused");
    for key in 100..1200 {
        accept(&trace, "other", key);
        if key % 32 == 0 {
            trace.flush();
        }
    }
    assert!(trace.search("message").expect("read").events.is_empty());
    replay(&trace, "shop", 5, 2000);
    settle(&trace, 2000, "refused");
    replay(&trace, "shop", 2000, 2001);
    for id in ["order", "event"] {
        let events = trace.search(id).expect("read").events;
        let lost: Vec<_> = events.iter().filter(|one| one.is_beginning_lost).collect();
        let [event] = lost.as_slice() else {
            panic!("{id}: {lost:?}");
        };
        assert_eq!((event.at, event.event.as_str()), (30, "Purchase"));
        let expected = (vec![(5, 0, false), (2000, 0, true)], Some(2001), 0, None);
        assert_eq!(life(event), expected);
    }
}
