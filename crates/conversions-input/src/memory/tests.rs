use std::time::Duration;

use super::*;

const SOON: Duration = Duration::from_secs(1);

async fn take(input: &MemoryInput) -> Vec<Position> {
    match tokio::time::timeout(SOON, input.next()).await {
        Ok(Ok(Arrival::Records(records))) => {
            records.into_iter().map(|record| record.position).collect()
        }
        Ok(other) => panic!("{other:?}"),
        Err(_) => Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_reads_on_at_the_first_unsettled_record() {
    let topic = MemoryTopic::new("orders", 1);
    for _ in 0..3 {
        topic.push(0, "{}");
    }
    let input = MemoryInput::open(&topic, Limits::default());
    let taken = take(&input).await;
    input.settle(&taken[..1]).await.unwrap();
    input.settle(&taken[2..]).await.unwrap();
    assert_eq!(topic.committed(0), 1);
    assert_eq!(input.lag().await, Ok(Some(2)));
    drop(input);
    let again = MemoryInput::open(&topic, Limits::default());
    assert_eq!(take(&again).await, taken[1..]);
}

#[tokio::test(start_paused = true)]
async fn reading_begins_at_what_the_caller_has_stored_when_that_is_further() {
    #[derive(Debug)]
    struct Stored(u64);
    impl Checkpoints for Stored {
        fn next_offset(&self, _: &Partition) -> Option<u64> {
            Some(self.0)
        }
    }
    let topic = MemoryTopic::new("orders", 1);
    let positions: Vec<_> = (0..4).filter_map(|_| topic.push(0, "{}")).collect();
    let first = MemoryInput::open_after(&topic, Limits::default(), &Stored(1));
    assert_eq!(take(&first).await, positions[1..]);
    first.settle(&positions).await.unwrap();
    assert_eq!(topic.committed(0), 4);
    let second = MemoryInput::open_after(&topic, Limits::default(), &Stored(2));
    assert_eq!(take(&second).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_comes_later_wakes_the_caller() {
    let topic = MemoryTopic::new("orders", 2);
    let input = MemoryInput::open(&topic, Limits::default());
    let (taken, pushed) = tokio::join!(take(&input), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        topic.push_tombstone(1)
    });
    assert_eq!(Some(taken), pushed.map(|position| vec![position]));
}

#[tokio::test(start_paused = true)]
async fn what_is_settled_after_the_time_of_a_revocation_does_not_count() {
    let topic = MemoryTopic::new("orders", 1);
    topic.push(0, "{}");
    topic.push(0, "{}");
    let input = MemoryInput::open(&topic, Limits::default());
    let taken = take(&input).await;
    input.revoke(&[0], Duration::from_secs(10));
    assert!(matches!(input.next().await, Ok(Arrival::Revoked { .. })));
    input.settle(&taken[..1]).await.unwrap();
    assert_eq!(topic.committed(0), 1);
    tokio::time::advance(Duration::from_secs(11)).await;
    input.settle(&taken).await.unwrap();
    assert_eq!(topic.committed(0), 1);
    input.assign(&[0]);
    assert_eq!(take(&input).await, taken[1..]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_unavailable_confirms_nothing() {
    let topic = MemoryTopic::new("orders", 1);
    topic.push(0, "{}");
    let input = MemoryInput::open(&topic, Limits::default());
    let taken = take(&input).await;
    topic.set_available(false);
    let rejection = Rejection {
        position: taken[0].clone(),
        reason: "not JSON".to_owned(),
        payload: Payload::Tombstone,
    };
    assert!(input.settle(&taken).await.is_err());
    assert!(input.reject(rejection.clone()).await.is_err());
    topic.set_available(true);
    input.reject(rejection.clone()).await.unwrap();
    input.settle(&taken).await.unwrap();
    assert_eq!(topic.rejections(), [rejection]);
    assert_eq!(topic.committed(0), 1);
    input.leave().await.unwrap();
    assert!(matches!(input.next().await, Err(InputError::Left)));
    assert_eq!(input.settle(&taken).await, Err(InputError::Left));
}
