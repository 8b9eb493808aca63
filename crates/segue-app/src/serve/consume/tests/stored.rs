//! `commit = "stored"`: positions move when the log has the events.

use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::DurableLog;
use conversions_disk_log::{DiskLog, DiskLogOptions, OpenError};
use conversions_input::{Checkpoints as _, MemoryTopic, Partition};

use super::stage::{Meta, expired_token, push, stored, until};
use crate::serve::consume::checkpoints::StoredOffsets;

async fn open(folder: &std::path::Path) -> (Arc<DiskLog>, Arc<StoredOffsets>) {
    // The tasks of a process that was killed end a moment later.
    let log = loop {
        match DiskLog::open(folder, DiskLogOptions::default()) {
            Ok(log) => break Arc::new(log),
            Err(OpenError::InUse { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => panic!("a log: {error}"),
        }
    };
    let durable: Arc<dyn DurableLog> = Arc::clone(&log) as _;
    let offsets = StoredOffsets::read(&durable, "segue").await.expect("read");
    (log, Arc::new(offsets))
}

#[tokio::test]
async fn positions_move_while_the_destination_is_held_because_the_disk_has_the_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let (topic, meta) = (MemoryTopic::new("orders", 2), Meta::new());
    meta.answer(|_| Err(expired_token()));
    push(&topic, 0..50);
    topic.push(1, "rubbish");
    let (log, offsets) = open(folder.path()).await;
    let stage = stored(&topic, &meta, log, Some(&offsets));
    until("all are stored", || {
        topic.committed(0) == 50 && topic.committed(1) == 1
    })
    .await;
    assert_eq!(stage.delivery.progress().await.total().pending, 50);
    assert_eq!(topic.rejections().len(), 1);
    stage.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn what_was_stored_before_the_broker_heard_of_it_is_not_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    push(&topic, 0..50);
    {
        let (log, offsets) = open(folder.path()).await;
        let stage = stored(&topic, &meta, log, Some(&offsets));
        // The process dies when the log has the events.
        until("all are stored", || stage.consumer.totals().records == 50).await;
        until("all are delivered", || meta.delivered().len() == 50).await;
    }
    // A topic of the same contents whose group has no position: the commit was lost.
    let again = MemoryTopic::new("orders", 1);
    push(&again, 0..60);
    let (log, offsets) = open(folder.path()).await;
    let stage = stored(&again, &meta, log, Some(&offsets));
    until("the rest is settled", || again.committed(0) == 60).await;
    until("the rest is delivered", || meta.delivered().len() == 60).await;
    assert_eq!(
        stage.consumer.totals().records,
        10,
        "only the rest was read"
    );
    stage.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_topic_that_was_made_anew_is_read_from_its_beginning_and_its_position_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (topic, meta) = (MemoryTopic::new("orders", 1), Meta::new());
    push(&topic, 0..50);
    {
        let (log, offsets) = open(folder.path()).await;
        let stage = stored(&topic, &meta, log, Some(&offsets));
        until("all are stored", || topic.committed(0) == 50).await;
        stage.stop(Duration::ZERO).await;
    }
    // Ten other messages, fewer than were stored of the old topic.
    let anew = MemoryTopic::new("orders", 1);
    push(&anew, 50..60);
    {
        let (log, offsets) = open(folder.path()).await;
        let stage = stored(&anew, &meta, log, Some(&offsets));
        until("all are settled", || anew.committed(0) == 10).await;
        assert_eq!(stage.consumer.totals().records, 10);
        stage.stop(Duration::ZERO).await;
    }
    // The log has the position in the new topic, not the greater one in the old.
    let (log, offsets) = open(folder.path()).await;
    let partition = Partition::of_topic("orders", 0);
    assert_eq!(offsets.next_offset(&partition), Some(10));
    drop(log);
}
