//! A process is killed at random points, again and again, with a receiver that fails in every way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use conversions_input::MemoryTopic;

use super::stage::{Meta, delivered, expired_token, internal_error, invalid_event, message, until};

const PARTITIONS: u32 = 3;

/// What was pushed: the id of each record by its position; rubbish has none.
type Pushed = BTreeMap<(u32, u64), Option<String>>;

fn push(topic: &MemoryTopic, pushed: &mut Pushed, random: &mut fastrand::Rng) {
    for _ in 0..random.usize(..40) {
        let partition = random.u32(..PARTITIONS);
        let id = format!("m{}", pushed.len());
        let (payload, id) = match random.u8(..10) {
            0 => ("rubbish".to_owned(), None),
            _ => (message(&id), Some(id)),
        };
        let position = topic.push(partition, payload).expect("a partition");
        pushed.insert((partition, position.offset), id);
    }
}

/// Records that the position has moved over are delivered, dead letters, or rejected.
fn check(topic: &MemoryTopic, meta: &Meta, pushed: &Pushed) {
    let delivered: BTreeSet<_> = meta.delivered().into_iter().collect();
    let rejected: BTreeSet<_> = topic
        .rejections()
        .iter()
        .map(|one| {
            (
                one.position.partition.number.unwrap_or(0),
                one.position.offset,
            )
        })
        .collect();
    for (place, id) in pushed {
        if place.1 < topic.committed(place.0) {
            let is_delivered = id.as_ref().is_some_and(|id| delivered.contains(id));
            assert!(is_delivered || rejected.contains(place), "{place:?} {id:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_position_moves_over_an_unsettled_record_and_everything_arrives() {
    for seed in 0..12 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (topic, meta) = (MemoryTopic::new("orders", PARTITIONS), Meta::new());
        let mut pushed = Pushed::new();
        for _ in 0..15 {
            push(&topic, &mut pushed, &mut random);
            let mode = random.u8(..4);
            meta.answer(move |ids| match mode {
                0 => Err(expired_token()),
                1 => Err(internal_error()),
                2 if ids.iter().any(|id| id.ends_with('7')) => Err(invalid_event()),
                _ => Ok(()),
            });
            let stage = delivered(&topic, &meta, random.usize(1..30));
            for _ in 0..random.usize(..6) {
                tokio::time::sleep(Duration::from_millis(random.u64(..2000))).await;
                push(&topic, &mut pushed, &mut random);
                let partition = random.u32(..PARTITIONS);
                match random.u8(..4) {
                    0 => {
                        let within = Duration::from_secs(random.u64(..12));
                        stage.input.revoke(&[partition], within);
                    }
                    1 => stage.input.assign(&[partition]),
                    _ => {}
                }
                check(&topic, &meta, &pushed);
            }
            // Killed: nothing is told to the broker any more.
            drop(stage);
            check(&topic, &meta, &pushed);
        }
        meta.answer(|_| Ok(()));
        let stage = delivered(&topic, &meta, 100);
        let all = |partition| pushed.keys().filter(|place| place.0 == partition).count() as u64;
        until("all are settled", || {
            (0..PARTITIONS).all(|partition| topic.committed(partition) == all(partition))
        })
        .await;
        check(&topic, &meta, &pushed);
        stage.stop(Duration::from_secs(10)).await;
    }
}
