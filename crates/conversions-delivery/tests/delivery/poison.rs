//! Bad events among good ones: exactly those are given up, and finding them is cheap.

use std::collections::BTreeSet;

use conversions_delivery::{MemoryLog, Randomness, SeededRandomness};
use conversions_transport::NewEvent;
use std::sync::Arc;

use crate::meta::Meta;
use crate::stage::{builder, event, events, finish, patient, plain, run};

/// Sends `count` events of which some are bad; returns the requests beyond the one that would have done.
async fn extra_requests(count: usize, bad_events: &BTreeSet<usize>) -> usize {
    let meta = Meta::new();
    meta.refuses(bad_events.iter().map(|bad| format!("e{bad}")));
    let log = Arc::new(MemoryLog::default());
    let engine = builder()
        .log(log.clone())
        .destination("shop", Arc::clone(&meta) as _, plain())
        .start();
    engine.append(events(count)).await.expect("room");
    let summary = finish(&engine, patient()).await;

    let lines: BTreeSet<u64> = log
        .dead_letters()
        .iter()
        .filter_map(|letter| letter.line)
        .collect();
    let expected: BTreeSet<u64> = bad_events.iter().map(|bad| *bad as u64 + 1).collect();
    assert_eq!(lines, expected, "exactly the bad events are dead-lettered");
    assert_eq!(meta.accepted().len(), count - bad_events.len());
    assert!(
        meta.accepted().values().all(|times| *times == 1),
        "no event is sent twice"
    );
    let total = summary.progress.total();
    assert_eq!(total.delivered + total.dead_lettered, count as u64);
    assert_eq!(total.retries, 0, "a split is no retry");
    meta.requests().len() - 1
}

#[tokio::test(start_paused = true)]
async fn one_refused_event_costs_at_most_two_requests_per_halving() {
    for count in (1..=33_usize).chain([127, 128, 129, 999, 1000]) {
        let places: BTreeSet<usize> = if count <= 33 {
            (0..count).collect()
        } else {
            [0, 1, count / 2 - 1, count / 2, count / 3, count - 1].into()
        };
        for bad in places {
            let extra = extra_requests(count, &[bad].into()).await;
            // 2 * log2(count) + 1, in whole requests.
            let count_squared = count * count;
            let bound = usize::try_from(count_squared.ilog2()).expect("small") + 1;
            assert!(
                extra <= bound,
                "{extra} extra requests for bad event {bad} of {count}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn bisecting_finds_every_refused_event_and_no_other() {
    let random = SeededRandomness::new(42);
    let mut counted = Vec::new();
    for wanted in [0, 1, 2, 10, 500, 1000] {
        let mut bad_events = BTreeSet::new();
        while bad_events.len() < wanted {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "below 1000"
            )]
            bad_events.insert((random.fraction() * 1000.0) as usize);
        }
        counted.push((wanted, extra_requests(1000, &bad_events).await));
    }
    let at_most: Vec<_> = counted
        .iter()
        .map(|(bad_events, extra)| *extra <= (bad_events * 20).min(1999))
        .collect();
    assert_eq!(at_most, [true; 6], "{counted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_carries_what_meta_said() {
    let meta = Meta::new();
    meta.refuses(["bad"]);
    let log = Arc::new(MemoryLog::default());
    let engine = builder()
        .log(log.clone())
        .destination("shop", Arc::clone(&meta) as _, plain())
        .start();
    let group: Vec<NewEvent> = vec![
        event("good"),
        event("bad").with_test_event_code(None).with_line(7),
    ];
    engine.append(group).await.expect("room");
    finish(&engine, patient()).await;
    let letters = log.dead_letters();
    let [letter] = letters.as_slice() else {
        panic!("one letter, not {letters:?}");
    };
    let verdict = letter.verdict.as_ref().expect("Meta answered");
    assert_eq!(
        (verdict.status, verdict.code, verdict.subcode),
        (Some(400), Some(100), Some(2_804_050))
    );
    assert_eq!(letter.reason.name(), "refused");
    assert_eq!((letter.attempts, letter.line), (2, Some(7)));
    assert_eq!(letter.labels().event_id.as_deref(), Some("bad"));
}

#[tokio::test(start_paused = true)]
async fn a_fault_in_the_middle_of_a_split_loses_nothing() {
    let meta = Meta::new();
    meta.refuses(["e3"]);
    meta.answers_next(crate::meta::refusal);
    meta.answers_next(|| {
        conversions_transport::SendError::ambiguous(conversions_transport::AmbiguousKind::Timeout)
    });
    meta.answers_next(|| crate::meta::graph(500, 2, None));
    let summary = run(&meta, events(8)).await;
    assert_eq!(meta.accepted().len(), 7);
    let shop = &summary.progress.destinations["shop"];
    assert_eq!((shop.ambiguous, shop.retries.values().sum::<u64>()), (1, 2));
}
