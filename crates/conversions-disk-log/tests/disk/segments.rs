//! Segments of the journal: written once, not read at the start, removed when their events are delivered.

use std::fs;
use std::path::Path;

use conversions_delivery::{DurableLog, EventLog, InputId, Wanted};
use conversions_disk_log::{DiskLog, DiskLogOptions};
use conversions_transport::NewEvent;

use crate::stage::{Disks, NOW, lease, options};

/// Segments of 1 MB.
fn small_segments() -> DiskLogOptions {
    DiskLogOptions {
        disk_bytes: 8 << 20,
        ..options()
    }
}

fn large(destination: &str, count: usize) -> Vec<NewEvent> {
    let event = |number| {
        let json = format!(r#"{{"event_id":"e{number}","x":"{}"}}"#, "x".repeat(1000));
        NewEvent::new(destination, json, NOW.seconds())
    };
    (0..count).map(event).collect()
}

fn segments(folder: &Path) -> usize {
    let names = fs::read_dir(folder).expect("a folder");
    let names = names.map(|file| file.expect("a file").file_name());
    names
        .filter(|name| name.to_string_lossy().ends_with(".journal"))
        .count()
}

async fn checkpoint(log: &DiskLog) {
    let nothing = log.resumption(InputId([0; 16])).await;
    assert_eq!(nothing.expect("readable"), None);
}

async fn deliver_all(log: &DiskLog, destination: &str) -> usize {
    let mut delivered = 0;
    loop {
        let wanted = Wanted {
            destination,
            events: 100,
            bytes: 1_000_000,
        };
        let lease = log.lease(wanted, NOW).await.expect("a lease");
        if lease.is_empty() {
            return delivered;
        }
        delivered += lease.events().count();
        let keys = lease.keys();
        log.acknowledge(destination, &keys, NOW)
            .await
            .expect("acknowledged");
    }
}

#[tokio::test]
async fn segments_go_with_the_last_of_their_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = DiskLog::open(folder.path(), small_segments()).expect("a log");
    for _ in 0..35 {
        log.append(large("shop", 100).into(), NOW)
            .await
            .expect("room");
    }
    assert!(segments(folder.path()) >= 3, "{}", segments(folder.path()));
    drop(log);
    let log = DiskLog::open(folder.path(), small_segments()).expect("a log");
    assert_eq!(deliver_all(&log, "shop").await, 3500);
    checkpoint(&log).await;
    assert_eq!(segments(folder.path()), 1);
}

#[tokio::test]
async fn the_start_of_a_log_with_a_backlog_reads_little() {
    let disks = Disks::new(1);
    let log = disks.open();
    for _ in 0..10 {
        log.append(large("shop", 1000).into(), NOW)
            .await
            .expect("room");
    }
    log.append(large("shop", 1).into(), NOW)
        .await
        .expect("room");
    checkpoint(&log).await;
    log.append(large("shop", 2).into(), NOW)
        .await
        .expect("room");
    drop(log);
    disks.lose_power();
    let read = || disks.journal.bytes_read() + disks.events.bytes_read();
    let before = read();
    let log = disks.open();
    let bytes = read() - before;
    assert!(bytes < 200_000, "{bytes} of 10 MB");
    assert_eq!(log.backlog("shop").await.expect("a backlog").events, 10_003);
    assert_eq!(lease(&log, 900).await.events().count(), 900);
}

#[tokio::test]
async fn a_few_events_that_wait_do_not_keep_the_segments() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = DiskLog::open(folder.path(), small_segments()).expect("a log");
    for _ in 0..12 {
        log.append(large("held", 1).into(), NOW)
            .await
            .expect("room");
        for _ in 0..9 {
            log.append(large("shop", 100).into(), NOW)
                .await
                .expect("room");
        }
        checkpoint(&log).await;
        assert_eq!(deliver_all(&log, "shop").await, 900);
        for _ in 0..4 {
            log.maintain(NOW).await;
            checkpoint(&log).await;
        }
    }
    assert!(segments(folder.path()) < 10, "{}", segments(folder.path()));
    drop(log);
    let log = DiskLog::open(folder.path(), small_segments()).expect("a log");
    assert_eq!(deliver_all(&log, "held").await, 12);
}
