//! A log that several processes share: a worker delivers what others append.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use conversions_delivery::{
    AppendError, AppendGroup, Appended, Backlog, DeadLetter, EventKey, EventLog, HoldCause,
    KeyRange, Lease, LogError, MemoryLog, UnixMillis, Wanted,
};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::meta::{Meta, graph, ids, refusal};
use crate::stage::{NOW, builder, event, events, plain};

/// A log that tells of what is appended by whoever has it.
#[derive(Default)]
struct SharedLog {
    log: MemoryLog,
    arrived: Notify,
    /// Leases that have ended by themselves.
    expired: Mutex<Vec<KeyRange>>,
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

    fn is_shared(&self) -> bool {
        true
    }

    fn take_expired_leases(&self, destination: &str, keys: &[KeyRange]) -> Vec<KeyRange> {
        assert_eq!(destination, "shop");
        let expired = std::mem::take(&mut *self.expired.lock().expect("no panic"));
        for one in &expired {
            assert!(keys.iter().any(|keys| keys.range().contains(&one.first.0)));
        }
        expired
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

#[tokio::test(start_paused = true)]
async fn events_whose_lease_has_ended_are_not_sent_again() {
    let meta = Meta::new();
    let log = Arc::new(SharedLog::default());
    let engine = builder()
        .log(Arc::clone(&log) as _)
        .destination("shop", Arc::clone(&meta) as _, plain())
        .start();
    // The first request fails for a while; meanwhile another process gets two of its events.
    meta.answers_next(|| graph(503, 2, None));
    engine.append(events(5)).await.expect("room");
    while meta.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let first = ids(&meta.requests()[0].request).count();
    assert_eq!(first, 5);
    let leased = log.log.backlog("shop").await.expect("a backlog").events;
    assert_eq!(leased, 5);
    *log.expired.lock().expect("no panic") = vec![KeyRange::new(EventKey(1), 2)];
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(meta.requests().len(), 2);
    let accepted: Vec<_> = meta.accepted().into_keys().collect();
    assert_eq!(accepted.len(), 3, "{accepted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_destination_that_refuses_everything_is_held_after_a_hundred_events() {
    let meta = Meta::new();
    let log = Arc::new(SharedLog::default());
    let engine = builder()
        .log(Arc::clone(&log) as _)
        .destination("shop", Arc::clone(&meta) as _, plain())
        .start();
    meta.always_answers(refusal);
    engine.append(events(1000)).await.expect("room");
    tokio::time::sleep(Duration::from_secs(30)).await;
    let progress = engine.progress().await;
    let held: Vec<_> = progress.held().map(|(_, held)| held.cause).collect();
    assert_eq!(held, [HoldCause::EverythingRefused]);
    assert_eq!(progress.total().dead_lettered, 100);
    let before = meta.requests().len();
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(meta.requests().len(), before + 60, "one probe a minute");
    let dead = engine.progress().await.total().dead_lettered;
    assert!(dead <= 160, "{dead}: at most one for each probe");

    meta.works_again();
    tokio::time::sleep(Duration::from_mins(5)).await;
    let progress = engine.progress().await;
    assert_eq!(progress.held().count(), 0);
    assert_eq!(progress.total().delivered, 1000 - dead);
}
