//! Disk space: capped, and given back.

use conversions_delivery::{AppendError, DedupOptions, EventLog, UnixMillis};
use conversions_disk_log::{DiskLog, DiskLogOptions};
use conversions_transport::NewEvent;

use crate::stage::{NOW, drain, lease, options};

fn large(count: usize) -> Vec<NewEvent> {
    (0..count)
        .map(|number| {
            let json = format!(
                r#"{{"event_id":"e{number}","custom_data":"{}"}}"#,
                "x".repeat(1000)
            );
            NewEvent::new("shop", json, NOW.seconds())
        })
        .collect()
}

/// Bytes of the tables and of the journal.
fn bytes(folder: &std::path::Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("a folder");
    let files = files.map(|file| file.expect("a file"));
    files
        .filter(|file| file.file_name().to_string_lossy().starts_with("events"))
        .map(|file| file.metadata().map_or(0, |metadata| metadata.len()))
        .sum()
}

#[tokio::test]
async fn a_full_log_refuses_appends_until_events_are_delivered() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = DiskLogOptions {
        disk_bytes: 2_000_000,
        ..options()
    };
    let log = DiskLog::open(folder.path(), options).expect("a log");
    let mut appended = 0;
    let full = loop {
        match log.append(large(100).into(), NOW).await {
            Ok(_) => appended += 100,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(
            full,
            AppendError::Full {
                limit: 1_000_000,
                ..
            }
        ),
        "{full}"
    );
    assert_eq!(appended, 900);
    assert!(bytes(folder.path()) < 2_500_000, "{}", bytes(folder.path()));

    let some = lease(&log, 200).await;
    log.acknowledge("shop", &some.keys(), NOW)
        .await
        .expect("acknowledged");
    log.append(large(100).into(), NOW)
        .await
        .expect("room again");
    drop(log);
    let log = DiskLog::open(folder.path(), options).expect("a log");
    assert_eq!(drain(&log).await.len(), 800);
}

#[tokio::test]
async fn delivered_events_give_their_space_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = DiskLog::open(folder.path(), options()).expect("a log");
    for _ in 0..40 {
        log.append(large(1000).into(), NOW).await.expect("room");
    }
    assert!(bytes(folder.path()) > 40_000_000);
    loop {
        let lease = lease(&log, 1000).await;
        if lease.is_empty() {
            break;
        }
        log.acknowledge("shop", &lease.keys(), NOW)
            .await
            .expect("acknowledged");
    }
    let mut waited = 0;
    // What is left lying is no more than 16 MB.
    while bytes(folder.path()) > 17_000_000 && waited < 100 {
        log.maintain(NOW).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        waited += 1;
    }
    assert!(
        bytes(folder.path()) < 17_000_000,
        "{}",
        bytes(folder.path())
    );
    log.append(large(1).into(), NOW)
        .await
        .expect("still in use");
}

#[tokio::test]
async fn a_message_is_a_duplicate_after_opening_anew_and_for_48_hours() {
    let folder = tempfile::tempdir().expect("a folder");
    let event = |id: &str| NewEvent::new("shop", "{}", NOW.seconds()).with_message_id(Some(id));
    let options = DiskLogOptions {
        dedup: DedupOptions {
            entries: 3,
            ..DedupOptions::default()
        },
        ..options()
    };
    let open = || DiskLog::open(folder.path(), options).expect("a log");
    let duplicates = async |log: &DiskLog, ids: &[&str], now: UnixMillis| {
        let group: Vec<_> = ids.iter().map(|id| event(id)).collect();
        log.append(group.into(), now)
            .await
            .expect("room")
            .duplicates()
    };
    let hours = |hours: u64| NOW.plus(std::time::Duration::from_hours(hours));

    let log = open();
    assert_eq!(duplicates(&log, &["a", "b", "a"], NOW).await, 1);
    drop(log);
    let log = open();
    assert_eq!(duplicates(&log, &["a"], hours(48)).await, 1);
    assert_eq!(duplicates(&log, &["a"], hours(49)).await, 0);
    assert_eq!(
        duplicates(&log, &["c", "d", "e"], hours(49)).await,
        0,
        "a is pushed out"
    );
    drop(log);
    let log = open();
    assert_eq!(duplicates(&log, &["c", "d", "e", "a"], hours(49)).await, 3);
}
