use std::time::Duration;

use super::*;
use crate::record::Payload;

fn partition(number: u32) -> Partition {
    Partition::of_topic("orders", number)
}

fn record(number: u32, offset: u64, bytes: usize) -> Record {
    let payload = Payload::Bytes(vec![b'x'; bytes].into());
    Record::new(partition(number).at(offset), payload)
}

fn intake(limits: Limits, partitions: u32) -> Intake {
    let mut intake = Intake::new(limits);
    for number in 0..partitions {
        intake.assign(&partition(number), None);
    }
    intake
}

/// The positions of the next batch; nothing when there is none.
fn next(intake: &mut Intake) -> Vec<Position> {
    match intake.next() {
        Some(Arrival::Records(records)) => {
            records.into_iter().map(|record| record.position).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn a_batch_ends_before_it_has_too_many_bytes_and_holds_a_large_record_alone() {
    let limits = Limits {
        batch_bytes: 100,
        ..Limits::default()
    };
    let mut intake = intake(limits, 1);
    for (offset, bytes) in [(0, 60), (1, 40), (2, 1), (3, 5_000), (4, 1)] {
        intake.push(record(0, offset, bytes));
    }
    let offsets = |batch: Vec<Position>| batch.iter().map(|one| one.offset).collect::<Vec<_>>();
    assert_eq!(offsets(next(&mut intake)), [0, 1]);
    assert_eq!(offsets(next(&mut intake)), [2]);
    assert_eq!(offsets(next(&mut intake)), [3]);
    assert_eq!(offsets(next(&mut intake)), [4]);
}

#[test]
fn partitions_take_turns() {
    let limits = Limits {
        batch_records: 2,
        ..Limits::default()
    };
    let mut intake = intake(limits, 2);
    for offset in 0..4 {
        intake.push(record(0, offset, 1));
        intake.push(record(1, offset, 1));
    }
    let mut served = Vec::new();
    for _ in 0..4 {
        served.push(
            next(&mut intake)
                .first()
                .and_then(|one| one.partition.number),
        );
    }
    assert_eq!(served, [Some(0), Some(1), Some(0), Some(1)]);
}

#[test]
fn a_full_intake_reads_on_when_half_of_it_is_settled() {
    let limits = Limits {
        unsettled_bytes: 10 * (100 + OVERHEAD),
        ..Limits::default()
    };
    let mut intake = intake(limits, 1);
    for offset in 0..10 {
        assert!(intake.wants(&partition(0)), "{offset}");
        intake.push(record(0, offset, 100));
    }
    assert!(!intake.wants(&partition(0)));
    let batch = next(&mut intake);
    intake.settle(&batch[..5]);
    assert!(!intake.wants(&partition(0)));
    intake.settle(&batch[5..6]);
    assert!(intake.wants(&partition(0)));
}

#[test]
fn a_partition_with_one_stuck_record_stops_alone() {
    let limits = Limits {
        span: 4,
        ..Limits::default()
    };
    let mut intake = intake(limits, 2);
    for offset in 0..4 {
        intake.push(record(0, offset, 1));
    }
    let batch = next(&mut intake);
    intake.settle(&batch[1..]);
    assert!(!intake.wants(&partition(0)));
    assert!(intake.wants(&partition(1)));
    assert!(intake.to_commit().is_empty());
    intake.settle(&batch);
    assert!(intake.wants(&partition(0)));
    assert_eq!(intake.to_commit(), [(partition(0), 4)]);
}

#[test]
fn what_waits_in_a_revoked_partition_is_forgotten_and_what_is_handed_out_can_be_settled() {
    let limits = Limits {
        batch_records: 1,
        ..Limits::default()
    };
    let mut intake = intake(limits, 2);
    for offset in 0..3 {
        intake.push(record(0, offset, 1));
    }
    let taken = next(&mut intake);
    intake.push(record(1, 0, 1));
    intake.revoke(&[partition(0)], Duration::from_secs(10));
    let told = intake.next();
    assert!(
        matches!(told, Some(Arrival::Revoked { partitions, .. }) if partitions == [partition(0)])
    );
    intake.push(record(0, 3, 1));
    assert_eq!(next(&mut intake), [partition(1).at(0)]);
    assert_eq!(next(&mut intake), []);
    assert_eq!(intake.unsettled(&[partition(0)]), 1);
    intake.settle(&taken);
    assert_eq!(intake.to_commit(), [(partition(0), 1)]);
    intake.settle(&[partition(1).at(0)]);
    intake.forget(&[partition(0)]);
    assert_eq!(intake.bytes, 0);
}

#[test]
fn nothing_is_handed_out_while_paused() {
    let mut intake = intake(Limits::default(), 1);
    intake.push(record(0, 7, 1));
    intake.set_paused(true);
    assert_eq!(next(&mut intake), []);
    assert!(!intake.wants(&partition(0)));
    intake.set_paused(false);
    assert_eq!(next(&mut intake), [partition(0).at(7)]);
}

#[test]
fn a_commit_is_due_once() {
    let mut intake = intake(Limits::default(), 1);
    intake.push(record(0, 7, 1));
    let batch = next(&mut intake);
    assert!(intake.settle(&batch));
    assert!(!intake.settle(&batch));
    let commits = intake.to_commit();
    assert_eq!(commits, [(partition(0), 8)]);
    intake.committed(&commits);
    assert!(intake.to_commit().is_empty());
}
