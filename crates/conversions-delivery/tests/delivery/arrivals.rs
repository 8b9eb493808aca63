//! A log that several processes share: a worker delivers what others append.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use conversions_delivery::{
    AppendError, AppendGroup, Appended, Backlog, DeadLetter, EventLog, KeyRange, Lease, LogError,
    MemoryLog, UnixMillis, Wanted,
};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::meta::Meta;
use crate::stage::{NOW, builder, event, plain};

/// A log that tells of what is appended by whoever has it.
#[derive(Default)]
struct SharedLog {
    log: MemoryLog,
    arrived: Notify,
}

#[async_trait]
impl EventLog for SharedLog {
    async fn append(&self, group: AppendGroup, now: UnixMillis) -> Result<Appended, AppendError> {
        let appended = self.log.append(group, now).await;
        self.arrived.notify_one();
        appended
    }

    async fn lease(&self, wanted: Wanted<'_>, now: UnixMillis) -> Result<Lease, LogError> {
        self.log.lease(wanted, now).await
    }

    async fn acknowledge(
        &self,
        destination: &str,
        keys: &[KeyRange],
        now: UnixMillis,
    ) -> Result<(), LogError> {
        self.log.acknowledge(destination, keys, now).await
    }

    async fn release(
        &self,
        destination: &str,
        keys: &[KeyRange],
        not_before: Option<UnixMillis>,
    ) -> Result<(), LogError> {
        self.log.release(destination, keys, not_before).await
    }

    async fn dead_letter(&self, letters: Vec<DeadLetter>, now: UnixMillis) -> Result<(), LogError> {
        self.log.dead_letter(letters, now).await
    }

    async fn arrived(&self, destination: &str) {
        assert_eq!(destination, "shop");
        self.arrived.notified().await;
    }

    async fn backlog(&self, destination: &str) -> Result<Backlog, LogError> {
        self.log.backlog(destination).await
    }

    async fn backlogs(&self) -> Result<BTreeMap<Arc<str>, Backlog>, LogError> {
        self.log.backlogs().await
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_process_appends_is_delivered_at_once() {
    let meta = Meta::new();
    let log = Arc::new(SharedLog::default());
    let engine = builder()
        .log(Arc::clone(&log) as _)
        .destination("shop", Arc::clone(&meta) as _, plain())
        .start();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let started = Instant::now();
    // Not through the engine, which would wake its worker.
    let group = vec![event("a"), event("b")].into();
    log.append(group, UnixMillis::from_seconds(NOW))
        .await
        .expect("room");
    while engine.progress().await.total().delivered < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(
            started.elapsed() < Duration::from_secs(1),
            "it waits for its next look"
        );
    }
    assert_eq!(meta.accepted().len(), 2);
}
