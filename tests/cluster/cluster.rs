//! Servers, nodes and a sandbox together.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use graph_sandbox::Sandbox;
use serde_json::json;
use tempfile::TempDir;

use crate::Programs;
use crate::brokers::Brokers;
use crate::http;
use crate::node::Node;

pub(crate) const WRITE_KEY: &str = "wk_0123456789abcdef";
/// How long an event may take to arrive: another node gets it a minute after its node has died.
const ARRIVES_WITHIN: Duration = Duration::from_secs(100);

pub(crate) struct Cluster {
    pub(crate) brokers: Brokers,
    pub(crate) nodes: Vec<Node>,
    pub(crate) sandbox: Sandbox,
    segue: PathBuf,
    settings: PathBuf,
    folder: TempDir,
}

/// What has arrived of the events that were answered with 200.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived {
    /// Events that came more than once count each time but the first.
    pub(crate) repeats: u64,
}

impl Cluster {
    /// Starts everything, with nodes of these roles.
    pub(crate) async fn start(programs: &Programs, roles: &[&'static str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let brokers = Brokers::start(&programs.nats_server);
        let sandbox = Sandbox::builder().start().await.expect("a sandbox");
        let settings = folder.path().join("settings.json");
        let text = json!({
            "destinations": [{
                "name": "shop", "pixel_id": "1000000000000001", "access_token": {"env": "TOKEN"},
                "graph_url": sandbox.url(), "linger_ms": 100,
            }],
            "sources": [{ "name": "web", "write_keys": [WRITE_KEY], "destinations": ["shop"] }],
            "log": {
                "engine": "nats", "servers": brokers.urls(),
                "max_bytes": 200_000_000, "dead_letter_bytes": 20_000_000,
            },
        });
        fs::write(&settings, text.to_string()).expect("written");
        let mut cluster = Self {
            brokers,
            nodes: Vec::new(),
            sandbox,
            segue: programs.segue.clone(),
            settings,
            folder,
        };
        cluster.create_streams().await;
        for (number, role) in roles.iter().enumerate() {
            let folder = cluster.folder.path().join(format!("node{number}"));
            let node = Node::start(&cluster.segue, folder, &cluster.settings, role).await;
            cluster.nodes.push(node);
        }
        cluster
    }

    /// Makes the streams, which takes until the servers have found each other.
    async fn create_streams(&self) {
        let started = Instant::now();
        loop {
            let created = self.segue(&["log", "create"]).await;
            if created.status.success() {
                return;
            }
            let said = String::from_utf8_lossy(&created.stderr);
            assert!(started.elapsed().as_secs() < 30, "no streams: {said}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Runs the command with the settings of the cluster.
    pub(crate) async fn segue(&self, arguments: &[&str]) -> Output {
        let command = tokio::process::Command::new(&self.segue)
            .env_clear()
            .env("TOKEN", "token")
            .args(arguments)
            .arg("--settings")
            .arg(&self.settings)
            .kill_on_drop(true)
            .output();
        command.await.expect("it runs")
    }

    /// The settings file of all nodes.
    pub(crate) fn settings(&self) -> &Path {
        &self.settings
    }

    /// Where the nodes take events.
    pub(crate) fn ports(&self) -> Vec<u16> {
        self.nodes.iter().map(|node| node.port).collect()
    }

    /// A metric of a node, added up over its labels.
    pub(crate) async fn metric(&self, node: usize, name: &str) -> f64 {
        let text = http::text(self.nodes[node].ops, "/metrics")
            .await
            .unwrap_or_default();
        let lines = text.lines().filter(|line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
        });
        lines
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    /// Waits until all these events are at the sandbox.
    pub(crate) async fn wait_for(&self, ids: &[String]) -> Arrived {
        let started = Instant::now();
        loop {
            let arrived = self.arrived();
            let missing: Vec<_> = ids.iter().filter(|id| !arrived.contains_key(*id)).collect();
            if missing.is_empty() {
                let repeats = arrived
                    .values()
                    .map(|times| u64::from(times.saturating_sub(1)))
                    .sum();
                return Arrived { repeats };
            }
            if started.elapsed() > ARRIVES_WITHIN {
                let logs: Vec<_> = self.nodes.iter().map(Node::said).collect();
                panic!(
                    "{} of {} events that were answered with 200 are lost, like {:?}; the nodes said {logs:#?}",
                    missing.len(),
                    ids.len(),
                    missing.first()
                );
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// How often each event was accepted.
    pub(crate) fn arrived(&self) -> BTreeMap<String, u32> {
        let ids = self.sandbox.edge().accepted_ids().into_iter();
        ids.map(|one| (one.event_id.into_string(), one.times))
            .collect()
    }
}
