//! A broker, a sandbox, and settings that join them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use graph_sandbox::Sandbox;
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;

use crate::Programs;
use crate::nats::{NatsClient, NatsServer, STREAM};
use crate::process::Consumer;

/// How long an event may take to arrive: what a killed member had in hand comes to another one after half a minute.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: NatsClient,
    /// The id in each message, by its sequence.
    pub(crate) published: BTreeMap<u64, String>,
    consumer: &'static str,
    segue: PathBuf,
    settings: PathBuf,
    folder: TempDir,
    _server: NatsServer,
}

impl Stage {
    /// Starts everything but the consumers, whose positions move by `commit`.
    pub(crate) async fn start(programs: &Programs, commit: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = NatsServer::start(&programs.nats_server).await;
        let sandbox = Sandbox::builder().start().await.expect("a sandbox");
        let settings = folder.path().join("settings.json");
        let text = json!({
            "destinations": [{
                "name": "shop", "pixel_id": "1000000000000001", "access_token": {"env": "TOKEN"},
                "graph_url": sandbox.url(), "linger_ms": 100,
            }],
            "sources": [{ "name": "web", "destinations": ["shop"] }],
            "inputs": [{
                "name": "orders", "kind": "nats", "servers": [server.url()], "stream": STREAM,
                "consumer": "segue", "source": "web", "commit": commit,
            }],
        });
        fs::write(&settings, text.to_string()).expect("written");
        Self {
            sandbox,
            client: server.client().await,
            published: BTreeMap::new(),
            consumer: if commit == "delivered" {
                "segue-shop"
            } else {
                "segue"
            },
            segue: programs.segue.clone(),
            settings,
            folder,
            _server: server,
        }
    }

    /// A consumer that is not started.
    pub(crate) fn consumer(&self, name: &str) -> Consumer {
        let folder = self.folder.path().join(name);
        Consumer::new(&self.segue, folder, &self.settings)
    }

    /// Publishes this many messages.
    pub(crate) async fn publish(&mut self, count: usize) {
        let first = self.published.len();
        let ids: Vec<String> = (first..first + count).map(|n| format!("m{n}")).collect();
        let messages: Vec<String> = ids.iter().map(|id| message(id)).collect();
        let sequences = self.client.publish(&messages).await;
        self.published.extend(sequences.into_iter().zip(ids));
    }

    /// Up to which message everything is acknowledged.
    pub(crate) async fn floor(&mut self) -> u64 {
        self.client.floor(self.consumer).await
    }

    /// Fails when the position has moved over a message that has not arrived.
    pub(crate) async fn check_position(&mut self) -> u64 {
        let floor = self.floor().await;
        // Read after the position: what has arrived only grows.
        let arrived = self.arrived();
        for (_, id) in self.published.range(..=floor) {
            assert!(
                arrived.contains_key(id),
                "{id} is behind the position {floor}"
            );
        }
        floor
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

    /// Waits until everything that was published is acknowledged.
    pub(crate) async fn wait_for_floor(&mut self) {
        let last = self.published.keys().next_back().copied().unwrap_or(0);
        let started = Instant::now();
        while self.floor().await < last {
            assert!(started.elapsed() < ARRIVES_WITHIN, "the position stands");
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
