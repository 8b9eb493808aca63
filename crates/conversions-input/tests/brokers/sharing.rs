//! Two members of a group at work.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conversions_input::{Arrival, Input, Limits, Record};
use tokio::time::Instant;

use crate::fixture::{Fixture, PATIENCE, settle, take, text, texts};
use crate::stalls::Stalls;

const BEFORE: u32 = 40;
const AFTER: u32 = 60;
/// How long the second member has to join before more is written.
const JOINS_WITHIN: Duration = Duration::from_secs(4);
/// A broker gives what a member has in hand to another one when it hears nothing for some seconds.
const TOO_LONG: Duration = Duration::from_secs(1);

pub(crate) async fn two_members_share_the_records(fixture: &dyn Fixture) {
    let stalls = Stalls::watch();
    let Err(wrong) = share_records(fixture).await else {
        return;
    };
    let stall = stalls.longest();
    assert!(stall > TOO_LONG, "{wrong}");
    println!("not judged, because the tests stood still for {stall:?}: {wrong}");
}

/// Says what is wrong.
async fn share_records(fixture: &dyn Fixture) -> Result<(), String> {
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
    let (firsts, seconds) = (firsts?, seconds?);
    let mut came = BTreeSet::new();
    for text in texts(&firsts).into_iter().chain(texts(&seconds)) {
        if !text.starts_with("after ") {
            return Err(format!(
                "{text} came again while it was settled or in the first member's hand"
            ));
        }
        if !came.insert(text.clone()) {
            return Err(format!("{text} came twice"));
        }
    }
    if came.len() != AFTER as usize {
        return Err(format!("of {AFTER} these came: {came:?}"));
    }
    if partitions > 1 && seconds.is_empty() {
        return Err("the second member got no partition".to_owned());
    }
    Ok(())
}

/// Takes and settles until both members have all that was written. What is in flight is settled when a partition is
/// revoked, or after a while.
async fn share(
    input: &dyn Input,
    in_flight: Vec<Record>,
    count: &AtomicUsize,
) -> Result<Vec<Record>, String> {
    let until = Instant::now() + PATIENCE;
    let mut late = std::pin::pin!(tokio::time::sleep(JOINS_WITHIN));
    let mut in_flight = Some(in_flight);
    let mut taken = Vec::new();
    let mut lost = Ok(());
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
                    if within <= Duration::from_secs(1) {
                        lost = Err(format!("partitions were lost, to be settled within {within:?}"));
                    }
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
    lost.map(|()| taken)
}
