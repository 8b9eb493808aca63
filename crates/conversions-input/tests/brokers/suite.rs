//! The suite that every input passes. Each case has a topic or stream of its own.

use std::time::Duration;

use conversions_input::{Arrival, InputError, Limits, Payload, Record, Rejection};

pub(crate) use crate::checkpoints::{
    reading_begins_at_what_the_caller_has_stored,
    what_is_stored_of_a_topic_that_was_made_anew_is_discarded,
};

#[cfg(any(feature = "kafka", feature = "nats"))]
pub(crate) use crate::sharing::two_members_share_the_records;

use crate::fixture::{A_WHILE, Fixture, PATIENCE, settle, take, take_for, text, texts};

/// Declares a test for each case: `suite!(fixture)`, where `fixture()` makes a fixture, or `None` without a broker.
macro_rules! suite {
    ($fixture:path: $($case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(fixture) = $fixture(stringify!($case)).await {
                    $crate::suite::$case(&fixture).await;
                }
            }
        )*
    };
    ($fixture:path) => {
        $crate::suite::suite! { $fixture:
            records_of_a_partition_come_in_order
            what_was_not_settled_comes_again_after_a_restart
            what_a_killed_member_had_not_settled_comes_again
            what_was_settled_does_not_come_again_after_a_kill
            a_member_that_leaves_gives_back_what_it_did_not_settle
            a_rejected_record_is_kept_with_position_and_reason
            a_payload_that_is_too_large_is_rejected_without_it
            a_paused_member_gets_nothing_and_keeps_what_it_has
            two_members_share_the_records
            garbage_large_and_empty_records_come_as_they_are
            no_more_is_handed_out_than_may_be_unsettled
            lag_falls_as_records_are_settled
            reading_begins_at_what_the_caller_has_stored
            what_is_stored_of_a_topic_that_was_made_anew_is_discarded
            a_member_that_has_left_does_nothing_more
        }
    };
}
pub(crate) use suite;

pub(crate) async fn produce(fixture: &dyn Fixture, count: usize) {
    for number in 0..count {
        fixture.produce(0, text(&format!("record {number}"))).await;
    }
}

pub(crate) fn numbered(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers
        .into_iter()
        .map(|number| format!("record {number}"))
        .collect()
}

pub(crate) async fn records_of_a_partition_come_in_order(fixture: &dyn Fixture) {
    produce(fixture, 300).await;
    let limits = Limits {
        batch_records: 7,
        ..Limits::default()
    };
    let input = fixture.open(limits).await;
    let records = take(&*input, 300).await;
    assert_eq!(texts(&records), numbered(0..300));
    let offsets: Vec<u64> = records
        .iter()
        .map(|record| record.position.offset)
        .collect();
    assert!(offsets.is_sorted_by(|a, b| a < b), "{offsets:?}");
    assert!(records.iter().all(|record| record.timestamp.is_some()));
}

pub(crate) async fn what_was_not_settled_comes_again_after_a_restart(fixture: &dyn Fixture) {
    produce(fixture, 6).await;
    let input = fixture.open(Limits::default()).await;
    let records = take(&*input, 6).await;
    // In no order: 5, 0, 3, 1 are settled, 2 and 4 are not.
    for number in [5, 0, 3, 1] {
        settle(&*input, &records[number..=number]).await;
    }
    input.leave().await.expect("left");
    let again = fixture.open(Limits::default()).await;
    let expected = if fixture.promises().is_contiguous {
        numbered(2..6)
    } else {
        numbered([2, 4])
    };
    let mut came = texts(&take(&*again, expected.len()).await);
    came.sort();
    assert_eq!(came, expected);
    assert_eq!(texts(&take_for(&*again, A_WHILE).await), [""; 0]);
}

pub(crate) async fn what_a_killed_member_had_not_settled_comes_again(fixture: &dyn Fixture) {
    produce(fixture, 3).await;
    let killed = fixture.open(Limits::default()).await;
    take(&*killed, 3).await;
    drop(killed);
    tokio::time::sleep(fixture.promises().gone_within).await;
    let other = fixture.open(Limits::default()).await;
    let mut came = texts(&take(&*other, 3).await);
    came.sort();
    assert_eq!(came, numbered(0..3));
}

pub(crate) async fn what_was_settled_does_not_come_again_after_a_kill(fixture: &dyn Fixture) {
    produce(fixture, 4).await;
    let killed = fixture.open(Limits::default()).await;
    let records = take(&*killed, 4).await;
    settle(&*killed, &records[..2]).await;
    tokio::time::sleep(fixture.promises().commits_within).await;
    drop(killed);
    tokio::time::sleep(fixture.promises().gone_within).await;
    let other = fixture.open(Limits::default()).await;
    let mut came = texts(&take(&*other, 2).await);
    came.sort();
    assert_eq!(came, numbered(2..4));
}

pub(crate) async fn a_member_that_leaves_gives_back_what_it_did_not_settle(fixture: &dyn Fixture) {
    produce(fixture, 3).await;
    let first = fixture.open(Limits::default()).await;
    let records = take(&*first, 3).await;
    settle(&*first, &records[..1]).await;
    first.leave().await.expect("left");
    let started = tokio::time::Instant::now();
    let second = fixture.open(Limits::default()).await;
    let mut came = texts(&take(&*second, 2).await);
    came.sort();
    assert_eq!(came, numbered(1..3));
    let waited = started.elapsed();
    assert!(
        waited < Duration::from_secs(8),
        "the second member waited {waited:?}"
    );
}

pub(crate) async fn a_rejected_record_is_kept_with_position_and_reason(fixture: &dyn Fixture) {
    produce(fixture, 2).await;
    let input = fixture.open(Limits::default()).await;
    let records = take(&*input, 2).await;
    let record = &records[1];
    input
        .reject(Rejection {
            position: record.position.clone(),
            reason: "line 1 is not JSON\nat all".to_owned(),
            payload: record.payload.clone(),
        })
        .await
        .expect("rejected");
    let kept = fixture.rejected().await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0].position, record.position.to_string());
    assert_eq!(kept[0].payload, b"record 1");
    assert!(kept[0].reason.starts_with("line 1 is not JSON"), "{kept:?}");
    assert_eq!(kept[0].left_out, None);
    // To reject is not to settle.
    input.leave().await.expect("left");
    let again = fixture.open(Limits::default()).await;
    assert_eq!(take(&*again, 2).await.len(), 2);
}

pub(crate) async fn a_payload_that_is_too_large_is_rejected_without_it(fixture: &dyn Fixture) {
    produce(fixture, 1).await;
    let input = fixture.open(Limits::default()).await;
    let record = take(&*input, 1).await.remove(0);
    // No broker of the tests takes that much.
    let length = 70_000_000;
    input
        .reject(Rejection {
            position: record.position.clone(),
            reason: "too large".to_owned(),
            payload: Payload::Bytes(vec![b'x'; length].into()),
        })
        .await
        .expect("rejected");
    let kept = fixture.rejected().await;
    assert_eq!(kept.len(), 1);
    match &kept[0].left_out {
        Some(left_out) => assert_eq!((left_out.as_str(), kept[0].payload.len()), ("70000000", 0)),
        None => assert_eq!(kept[0].payload.len(), length),
    }
}

pub(crate) async fn a_paused_member_gets_nothing_and_keeps_what_it_has(fixture: &dyn Fixture) {
    produce(fixture, 2).await;
    let input = fixture.open(Limits::default()).await;
    let held = take(&*input, 2).await;
    input.pause();
    fixture.produce(0, text("record 2")).await;
    let pause = fixture.promises().comes_again_within + A_WHILE;
    assert_eq!(texts(&take_for(&*input, pause).await), [""; 0]);
    input.resume();
    let later = take(&*input, 1).await;
    assert_eq!(texts(&later), numbered([2]));
    settle(&*input, &held).await;
    settle(&*input, &later).await;
    // Nothing of it was given to somebody else meanwhile.
    let other = fixture.open(Limits::default()).await;
    let (own, others) = tokio::join!(take_for(&*input, A_WHILE), take_for(&*other, A_WHILE));
    assert_eq!((texts(&own), texts(&others)), (vec![], vec![]));
}

pub(crate) async fn garbage_large_and_empty_records_come_as_they_are(fixture: &dyn Fixture) {
    let garbage = Payload::Bytes(vec![0xff, 0, b'{', 0xc3, 0x28].into());
    let large = Payload::Bytes(vec![b'x'; 10_000_000].into());
    let payloads = [
        text("before"),
        garbage,
        large,
        Payload::Tombstone,
        text("after"),
    ];
    for payload in &payloads {
        fixture.produce(0, payload.clone()).await;
    }
    let limits = Limits {
        unsettled_bytes: 1 << 20,
        ..Limits::default()
    };
    let input = fixture.open(limits).await;
    let mut came = Vec::new();
    while came.len() < payloads.len() {
        let next = tokio::time::timeout(PATIENCE, input.next())
            .await
            .expect("something comes");
        if let Ok(Arrival::Records(records)) = next {
            settle(&*input, &records).await;
            came.extend(records.into_iter().map(|record| record.payload));
        }
    }
    assert!(came == payloads, "{came:?}");
}

pub(crate) async fn no_more_is_handed_out_than_may_be_unsettled(fixture: &dyn Fixture) {
    for _ in 0..60 {
        fixture
            .produce(0, Payload::Bytes(vec![b'x'; 10_000].into()))
            .await;
    }
    let limits = Limits {
        batch_bytes: 20_000,
        unsettled_bytes: 100_000,
        ..Limits::default()
    };
    let input = fixture.open(limits).await;
    let mut open = take_some(&*input).await;
    open.extend(take_for(&*input, A_WHILE * 2).await);
    assert!(
        (8..=13).contains(&open.len()),
        "{} are unsettled",
        open.len()
    );
    let mut count = open.len();
    while count < 60 {
        settle(&*input, &std::mem::take(&mut open)).await;
        open = take_some(&*input).await;
        count += open.len();
    }
    assert_eq!(count, 60);
}

/// Takes one batch.
async fn take_some(input: &dyn conversions_input::Input) -> Vec<Record> {
    let next = tokio::time::timeout(PATIENCE, input.next())
        .await
        .expect("something comes");
    match next {
        Ok(Arrival::Records(records)) => records,
        Ok(_) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

pub(crate) async fn lag_falls_as_records_are_settled(fixture: &dyn Fixture) {
    let partitions = fixture.promises().partitions;
    for number in 0..5 {
        fixture.produce(number % partitions, text("{}")).await;
    }
    let input = fixture.open(Limits::default()).await;
    let records = take(&*input, 5).await;
    wait_for_lag(&*input, 5).await;
    settle(&*input, &records[..3]).await;
    wait_for_lag(&*input, 2).await;
    settle(&*input, &records[3..]).await;
    wait_for_lag(&*input, 0).await;
}

async fn wait_for_lag(input: &dyn conversions_input::Input, expected: u64) {
    let mut last = None;
    for _ in 0..75 {
        last = input.lag().await.expect("known");
        if last == Some(expected) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the lag is {last:?}, not {expected}");
}

pub(crate) async fn a_member_that_has_left_does_nothing_more(fixture: &dyn Fixture) {
    produce(fixture, 2).await;
    let input = fixture.open(Limits::default()).await;
    let records = take(&*input, 2).await;
    input.leave().await.expect("left");
    let position = records[0].position.clone();
    assert!(matches!(input.next().await, Err(InputError::Left)));
    assert_eq!(
        input.settle(std::slice::from_ref(&position)).await,
        Err(InputError::Left)
    );
    let rejection = Rejection {
        position,
        reason: "late".to_owned(),
        payload: Payload::Tombstone,
    };
    assert_eq!(input.reject(rejection).await, Err(InputError::Left));
}
