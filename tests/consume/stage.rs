//! A broker, a sandbox, and settings that join them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use graph_sandbox::Sandbox;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::broker::{Broker, Kind, Place};
use crate::consumer::Consumer;
use crate::programs::Programs;

/// How long an event may take to arrive: what a killed member had in hand comes to another one after half a minute.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) broker: Broker,
    /// The id in each message, by its place.
    pub(crate) published: BTreeMap<Place, String>,
    pub(crate) group: &'static str,
    segue: PathBuf,
    settings: PathBuf,
    folder: TempDir,
}

impl Stage {
    /// Starts everything but the consumers, whose positions move by `commit`.
    pub(crate) async fn start(kind: Kind, programs: &Programs, commit: &str) -> Self {
        Self::with_log(kind, programs, commit, None).await
    }

    /// The same, with this table `[log]`.
    pub(crate) async fn with_log(
        kind: Kind,
        programs: &Programs,
        commit: &str,
        log: Option<Value>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let broker = Broker::start(kind, programs).await;
        let mut input = broker.input();
        input["name"] = json!("orders");
        input["source"] = json!("web");
        input["commit"] = json!(commit);
        let sandbox = Sandbox::builder().start().await.expect("a sandbox");
        let settings = folder.path().join("settings.json");
        let mut all = json!({
            "destinations": [{
                "name": "shop", "pixel_id": "1000000000000001", "access_token": {"env": "TOKEN"},
                "graph_url": sandbox.url(), "linger_ms": 100,
            }],
            "sources": [{ "name": "web", "destinations": ["shop"] }],
            "inputs": [input],
        });
        if let Some(log) = log {
            all["log"] = log;
        }
        fs::write(&settings, all.to_string()).expect("written");
        Self {
            sandbox,
            group: broker.group(commit),
            broker,
            published: BTreeMap::new(),
            segue: programs.segue.clone(),
            settings,
            folder,
        }
    }

    /// A consumer that is not started.
    pub(crate) fn consumer(&self, name: &str) -> Consumer {
        let folder = self.folder.path().join(name);
        Consumer::new(&self.segue, folder, &self.settings)
    }

    /// Makes what `[log]` names.
    pub(crate) async fn create_log(&self) {
        let mut command = tokio::process::Command::new(&self.segue);
        let created = command
            .env_clear()
            .env("TOKEN", "token")
            .args(["log", "create", "--settings"])
            .arg(&self.settings)
            .output();
        let created = created.await.expect("it runs");
        let said = String::from_utf8_lossy(&created.stderr);
        assert!(created.status.success(), "no streams: {said}");
    }

    /// Publishes this many messages.
    pub(crate) async fn publish(&mut self, count: usize) {
        let first = self.published.len();
        let ids: Vec<String> = (first..first + count).map(|n| format!("m{n}")).collect();
        let messages: Vec<_> = ids.iter().map(|id| Some(message(id).into())).collect();
        let places = self.broker.publish(&messages).await;
        self.published.extend(places.into_iter().zip(ids));
    }

    /// Number of messages that the positions have passed.
    pub(crate) async fn passed(&mut self) -> usize {
        let positions = self.broker.positions(self.group).await;
        self.passed_by(&positions).count()
    }

    fn passed_by(&self, positions: &BTreeMap<u32, u64>) -> impl Iterator<Item = (&Place, &String)> {
        let next = |partition| positions.get(partition).copied().unwrap_or(0);
        self.published
            .iter()
            .filter(move |((partition, offset), _)| *offset < next(partition))
    }

    /// Fails when a position has moved over a message that has not arrived. Returns how many messages are passed.
    pub(crate) async fn check_positions(&mut self) -> usize {
        let positions = self.broker.positions(self.group).await;
        // Read after the positions: what has arrived only grows.
        let arrived = self.arrived();
        let mut passed = 0;
        for (place, id) in self.passed_by(&positions) {
            assert!(
                arrived.contains_key(id),
                "{id} at {place:?} is behind the positions {positions:?}"
            );
            passed += 1;
        }
        passed
    }

    /// How often each event was accepted.
    pub(crate) fn arrived(&self) -> BTreeMap<String, u32> {
        let ids = self.sandbox.edge().accepted_ids().into_iter();
        ids.map(|one| (one.event_id.into_string(), one.times))
            .collect()
    }

    /// Waits until all messages have arrived. Returns how many came more than once.
    pub(crate) async fn wait_for_all(&self, consumer: &Consumer) -> u64 {
        let started = Instant::now();
        loop {
            let arrived = self.arrived();
            let missing = self
                .published
                .values()
                .filter(|id| !arrived.contains_key(*id));
            let missing: Vec<_> = missing.collect();
            if missing.is_empty() {
                return arrived.values().map(|times| u64::from(times - 1)).sum();
            }
            assert!(
                started.elapsed() < ARRIVES_WITHIN,
                "{} of {} are missing, like {:?}; the consumer said {}",
                missing.len(),
                self.published.len(),
                missing.first(),
                consumer.said()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until more has arrived than this.
    pub(crate) async fn wait_for_more(&self, than: usize, consumer: &Consumer) {
        let started = Instant::now();
        while self.arrived().len() <= than {
            let said = || consumer.said();
            assert!(
                started.elapsed() < ARRIVES_WITHIN,
                "nothing arrives: {}",
                said()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the positions have passed everything that was published.
    pub(crate) async fn wait_until_passed(&mut self) {
        let started = Instant::now();
        loop {
            let passed = self.passed().await;
            if passed == self.published.len() {
                return;
            }
            assert!(
                started.elapsed() < ARRIVES_WITHIN,
                "the positions have passed {passed} of {}",
                self.published.len()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A Track call.
pub(crate) fn message(id: &str) -> String {
    let call = json!({
        "type": "track", "event": "Order Completed", "messageId": id, "userId": "u1",
        "timestamp": Timestamp::now().to_string(),
        "properties": { "revenue": 5, "currency": "EUR" },
    });
    call.to_string()
}
