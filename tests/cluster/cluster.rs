//! Servers, nodes and sandboxes together.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::time::{Duration, Instant};

use graph_sandbox::{Sandbox, Script};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::brokers::Brokers;
use crate::context::Context;
use crate::http;
use crate::node::Node;

/// The write key of the source of this destination.
pub(crate) fn write_key(destination: usize) -> String {
    format!("wk_0123456789abcde{destination}")
}

/// How long the broker waits for a sign of life of a node: in these tests less than by default, so that they take less
/// long.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(15);
/// How long an event may take to arrive after everything works again: another node gets it after [`ACK_WAIT`].
const ARRIVES_WITHIN: Duration = Duration::from_secs(75);
/// The same after an outage of half a minute, in which a request can have failed eight times.
const RETRIED_WITHIN: Duration = Duration::from_secs(190);

/// What a cluster consists of.
pub(crate) struct Plan {
    /// The scenario, whose name is the namespace on the servers.
    pub(crate) name: &'static str,
    pub(crate) brokers: Arc<Brokers>,
    /// The role of each node.
    pub(crate) roles: &'static [&'static str],
    pub(crate) destinations: &'static [&'static str],
    /// Members of `[log]`, which go before the usual ones.
    pub(crate) log: Value,
    /// Where Meta is said to be, instead of the sandbox.
    pub(crate) graph_url: Option<String>,
}

impl Plan {
    /// Two nodes with all roles and one destination.
    pub(crate) fn new(name: &'static str, brokers: Arc<Brokers>) -> Self {
        Self {
            name,
            brokers,
            roles: &["all", "all"],
            destinations: &["shop"],
            log: json!({}),
            graph_url: None,
        }
    }
}

pub(crate) struct Cluster {
    pub(crate) name: &'static str,
    pub(crate) brokers: Arc<Brokers>,
    pub(crate) nodes: Vec<Node>,
    /// One for each destination.
    pub(crate) sandboxes: Vec<Sandbox>,
    program: PathBuf,
    settings: Value,
    folder: TempDir,
}

/// What has arrived of the events that were answered with 200.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived {
    /// Events that came more than once count each time but the first.
    pub(crate) repeats: u64,
}

impl Cluster {
    /// Makes the streams and starts the nodes.
    pub(crate) async fn start(context: &Context, plan: Plan) -> Self {
        let mut cluster = Self::without_nodes(context, &plan).await;
        cluster.create_streams().await;
        for role in plan.roles {
            cluster.add_node(role, json!({})).await;
        }
        cluster
    }

    /// Everything but streams and nodes.
    pub(crate) async fn without_nodes(context: &Context, plan: &Plan) -> Self {
        let (mut sandboxes, mut destinations, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        for (number, name) in plan.destinations.iter().enumerate() {
            let sandbox = Sandbox::builder().start().await.expect("a sandbox");
            let url = plan
                .graph_url
                .clone()
                .unwrap_or_else(|| sandbox.url().to_owned());
            destinations.push(json!({
                "name": name, "pixel_id": "1000000000000001", "access_token": {"env": "TOKEN"},
                "graph_url": url, "linger_ms": 100,
            }));
            sources.push(
                json!({ "name": name, "write_keys": [write_key(number)], "destinations": [name] }),
            );
            sandboxes.push(sandbox);
        }
        let log = json!({
            "engine": "nats", "namespace": plan.name, "servers": plan.brokers.urls("nats"),
            "max_bytes": 200_000_000, "dead_letter_bytes": 20_000_000,
            "ack_wait_seconds": ACK_WAIT.as_secs(), "monitor": plan.brokers.monitors(),
        });
        let settings = json!({ "destinations": destinations, "sources": sources, "log": merged(log, &plan.log) });
        let cluster = Self {
            name: plan.name,
            brokers: Arc::clone(&plan.brokers),
            nodes: Vec::new(),
            sandboxes,
            program: context.programs.segue.clone(),
            settings,
            folder: tempfile::tempdir().expect("a folder"),
        };
        cluster.write_settings("segue.json", &json!({}));
        cluster
    }

    /// Starts one more node, with these members of `[log]`.
    pub(crate) async fn add_node(&mut self, role: &'static str, mut log: Value) {
        let name = format!("node{}", self.nodes.len());
        log["node"] = json!(name);
        let settings = self.write_settings(&format!("{name}.json"), &log);
        let folder = self.folder.path().join(name);
        let node = Node::start(&self.program, folder, &settings, role).await;
        self.nodes.push(node);
    }

    /// Writes settings with these members of `[log]` instead of those of all.
    pub(crate) fn write_settings(&self, name: &str, log: &Value) -> PathBuf {
        let path = self.folder.path().join(name);
        let mut settings = self.settings.clone();
        settings["log"] = merged(settings["log"].take(), log);
        fs::write(&path, settings.to_string()).expect("written");
        path
    }

    /// Makes the streams, which takes until the servers have found each other.
    pub(crate) async fn create_streams(&self) {
        let started = Instant::now();
        loop {
            let created = self.segue(&["log", "create"]).await;
            if created.status.success() {
                return;
            }
            let said = String::from_utf8_lossy(&created.stderr);
            assert!(started.elapsed().as_secs() < 60, "no streams: {said}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Runs the command with the settings of the cluster.
    pub(crate) async fn segue(&self, arguments: &[&str]) -> Output {
        self.segue_with(&self.folder.path().join("segue.json"), arguments)
            .await
    }

    /// Runs the command with other settings.
    pub(crate) async fn segue_with(&self, settings: &Path, arguments: &[&str]) -> Output {
        self.command(arguments)
            .arg("--settings")
            .arg(settings)
            .output()
            .await
            .expect("it runs")
    }

    /// The command, in an environment that has only the token.
    pub(crate) fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(&self.program);
        command
            .env_clear()
            .env("TOKEN", "token")
            .args(arguments)
            .kill_on_drop(true);
        command
    }

    /// Posts events to a node, for the first destination.
    pub(crate) async fn post(&self, node: usize, ids: &[String]) -> Option<u16> {
        let body = crate::sender::batch(ids);
        http::post(self.nodes[node].port, "/v1/batch", &write_key(0), &body).await
    }

    /// Where the nodes take events.
    pub(crate) fn ports(&self) -> Vec<u16> {
        self.nodes.iter().map(|node| node.port).collect()
    }

    /// Sets how the first sandbox misbehaves.
    pub(crate) fn set_script(&self, script: Script) {
        self.sandboxes[0].set_script(script).expect("a script");
    }

    /// A metric, added up over its labels and all nodes.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let mut sum = 0.0;
        for node in &self.nodes {
            sum += metric_of(node.ops, name).await;
        }
        sum
    }

    /// Waits until all these events are at the sandbox.
    pub(crate) async fn wait_for(&self, ids: &[String]) -> Arrived {
        self.wait_for_at(0, ids).await
    }

    /// Waits until all these events are at the sandbox of a destination.
    pub(crate) async fn wait_for_at(&self, destination: usize, ids: &[String]) -> Arrived {
        self.wait_at(destination, ids, ARRIVES_WITHIN).await
    }

    /// The same after an outage: what failed again and again during it is tried again only some minutes later.
    pub(crate) async fn wait_for_retries(&self, ids: &[String]) -> Arrived {
        self.wait_at(0, ids, RETRIED_WITHIN).await
    }

    async fn wait_at(&self, destination: usize, ids: &[String], patience: Duration) -> Arrived {
        let started = Instant::now();
        loop {
            let arrived = self.arrived_at(destination);
            let missing: Vec<_> = ids.iter().filter(|id| !arrived.contains_key(*id)).collect();
            if missing.is_empty() {
                let repeats = arrived
                    .values()
                    .map(|times| u64::from(times.saturating_sub(1)));
                return Arrived {
                    repeats: repeats.sum(),
                };
            }
            if started.elapsed() > patience {
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

    /// When the first destination accepted each event, in Unix milliseconds, in order.
    pub(crate) fn receipts(&self) -> BTreeMap<String, Vec<i64>> {
        let mut receipts: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for event in self.sandboxes[0].events() {
            let id = event.event_id.as_deref().unwrap_or_default();
            let times = receipts.entry(id.to_owned()).or_default();
            times.push(event.received_at);
        }
        receipts
    }

    /// How often each event was accepted at a destination.
    pub(crate) fn arrived_at(&self, destination: usize) -> BTreeMap<String, u32> {
        let ids = self.sandboxes[destination]
            .edge()
            .accepted_ids()
            .into_iter();
        ids.map(|one| (one.event_id.into_string(), one.times))
            .collect()
    }
}

/// A metric of a node, added up over its labels.
pub(crate) async fn metric_of(ops: u16, name: &str) -> f64 {
    let text = http::text(ops, "/metrics").await.unwrap_or_default();
    let lines = text.lines().filter(|line| {
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
    });
    lines
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

/// An object with the members of another one, which go before its own; null takes a member out.
fn merged(mut object: Value, with: &Value) -> Value {
    for (name, value) in with.as_object().into_iter().flatten() {
        match (value, object.as_object_mut()) {
            (Value::Null, Some(members)) => drop(members.remove(name)),
            _ => object[name] = value.clone(),
        }
    }
    object
}
