//! Two members of a group at work.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conversions_input::{Arrival, Input, Limits, Record};
use tokio::time::Instant;

use crate::fixture::{Fixture, PATIENCE, settle, take, text, texts};

const BEFORE: u32 = 40;
const AFTER: u32 = 60;
/// How long the second member has to join before more is written.
const JOINS_WITHIN: Duration = Duration::from_secs(4);

pub(crate) async fn two_members_share_the_records(fixture: &dyn Fixture) {
    let partitions = fixture.promises().partitions;
    let first = fixture.open(Limits::default()).await;
    for number in 0..BEFORE {
        fixture
            .produce(number % partitions, text(&format!("before {number}")))
            .await;
    }
    let mut in_flight = take(&*first, BEFORE as usize).await;
    let settled: Vec<_> = in_flight.drain(..20).collect();
    settle(&*first, &settled).await;
    // The other member joins while half is in flight; the first settles that when it is asked to give partitions back.
    let second = fixture.open(Limits::default()).await;
    let count = AtomicUsize::new(0);
    let (firsts, seconds, ()) = tokio::join!(
        share(&*first, in_flight, &count),
        share(&*second, Vec::new(), &count),
        async {
            tokio::time::sleep(JOINS_WITHIN).await;
            for number in 0..AFTER {
                fixture
                    .produce(number % partitions, text(&format!("after {number}")))
                    .await;
            }
        }
    );
    let mut came = BTreeSet::new();
    for text in texts(&firsts).into_iter().chain(texts(&seconds)) {
        assert!(
            text.starts_with("after "),
            "{text} came again while it was settled or in the first member's hand"
        );
        assert!(came.insert(text.clone()), "{text} came twice");
    }
    assert_eq!(came.len(), AFTER as usize, "{came:?}");
    if partitions > 1 {
        assert!(!seconds.is_empty(), "the second member got no partition");
    }
}

/// Takes and settles until both members have all that was written. What is in flight is settled when a partition is
/// revoked, or after a while.
async fn share(input: &dyn Input, in_flight: Vec<Record>, count: &AtomicUsize) -> Vec<Record> {
    let until = Instant::now() + PATIENCE;
    let mut late = std::pin::pin!(tokio::time::sleep(JOINS_WITHIN));
    let mut in_flight = Some(in_flight);
    let mut taken = Vec::new();
    while count.load(Ordering::Relaxed) < AFTER as usize && Instant::now() < until {
        tokio::select! {
            next = input.next() => match next {
                Ok(Arrival::Records(records)) => {
                    settle(input, &records).await;
                    count.fetch_add(records.len(), Ordering::Relaxed);
                    taken.extend(records);
                }
                Ok(Arrival::Revoked { partitions, within }) => {
                    assert!(!partitions.is_empty());
                    assert!(within > Duration::from_secs(1), "{within:?}");
                    settle(input, &in_flight.take().unwrap_or_default()).await;
                }
                Ok(_) => {}
                Err(error) => assert!(!error.is_fatal(), "{error}"),
            },
            () = &mut late, if in_flight.is_some() => {
                settle(input, &in_flight.take().unwrap_or_default()).await;
            }
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
    }
    taken
}
