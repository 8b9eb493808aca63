//! No room: the disk of one server, and the stream of one destination.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use graph_sandbox::Script;
use rustix::process::Signal;
use serde_json::json;

use super::{account, eventually, finish, pause, senders};
use crate::brokers::BrokerOptions;
use crate::cluster::{Cluster, Plan, write_key};
use crate::context::Context;
use crate::http;
use crate::sender::order;

/// The server whose disk is full.
const VICTIM: usize = 0;

/// A small disk in memory; it is unmounted when this is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where this user may not mount anything.
    fn mount(folder: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"])
            .arg(folder)
            .output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        is_mounted.then(|| Self(folder.to_owned()))
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut filler = std::fs::File::create(self.0.join("filler")).expect("a file");
        while filler.write_all(&[0; 64 << 10]).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("filler")).expect("the filler");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server that uses it may end a moment later.
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

pub(super) async fn disk_full(context: Context, name: &'static str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        return "skipped: a small disk takes the right to mount one, which root has".to_owned();
    };
    let options = BrokerOptions {
        store_of: Some((VICTIM, folder.path().join("store"))),
        ..BrokerOptions::default()
    };
    let brokers = Arc::new(context.start_brokers(options).await);
    let cluster = Cluster::start(&context, Plan::new(name, Arc::clone(&brokers))).await;
    let senders = senders(&cluster);
    pause(2).await;
    disk.fill();
    eventually(40, "the metrics say that a replica is behind", async || {
        cluster.metric("segue_log_replicas_behind").await >= 1.0
    })
    .await;
    tokio::time::sleep(context.seconds(2, 60)).await;
    disk.make_room();
    brokers.stop(VICTIM).await;
    brokers.restart(VICTIM);
    pause(2).await;
    let (sent, repeats) = finish(&cluster, senders).await;
    eventually(30, "the replica has caught up", async || {
        cluster.metric("segue_log_replicas_behind").await < 0.5
    })
    .await;
    account(&sent, repeats)
}

/// The stream of one destination is full: its senders get 429, those of another one do not notice.
pub(super) async fn stream_full(context: Context, name: &'static str) -> String {
    let plan = Plan {
        destinations: &["shop", "ads"],
        log: json!({ "max_bytes": 1_000_000 }),
        ..Plan::new(name, context.shared_brokers().await)
    };
    let cluster = Cluster::start(&context, plan).await;
    cluster.set_script(Script::default().token_expired());
    let port = cluster.nodes[0].port;
    let (mut accepted, mut number) = (Vec::new(), 0);
    let batch = |number: usize| {
        let ids: Vec<_> = (0..50).map(|at| format!("{name}-{number}-{at}")).collect();
        let messages: Vec<_> = ids
            .iter()
            .map(|id| {
                let mut message = order(id);
                message["properties"]["filling"] = json!(noise(number, id));
                message
            })
            .collect();
        (ids, json!({ "batch": messages }).to_string())
    };
    let refused = loop {
        let (ids, body) = batch(number);
        match http::post(port, "/v1/batch", &write_key(0), &body).await {
            Some(200) => accepted.extend(ids),
            other => break other,
        }
        number += 1;
        assert!(number < 200, "the stream takes more than its limit");
    };
    assert_eq!(refused, Some(429));
    let ads = super::ids(name, 20);
    let body = crate::sender::batch(&ads);
    let status = http::post(port, "/v1/batch", &write_key(1), &body).await;
    assert_eq!(status, Some(200), "another destination");
    cluster.wait_for_at(1, &ads).await;
    cluster.set_script(Script::default());
    for node in &cluster.nodes {
        node.signal(Signal::HUP);
    }
    let arrived = cluster.wait_for(&accepted).await;
    assert_eq!(arrived.repeats, 0);
    let (ids, body) = batch(number + 1);
    eventually(10, "there is room again", async || {
        let status = http::post(port, "/v1/batch", &write_key(0), &body).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        status == Some(200)
    })
    .await;
    cluster.wait_for(&ids).await;
    format!(
        "{} events until 429, 20 of the other destination meanwhile; all arrived once",
        accepted.len()
    )
}

/// Text that does not compress well, the same for the same event.
fn noise(seed: usize, id: &str) -> String {
    let mut state = id.bytes().fold(seed as u64 | 1, |state, byte| {
        state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(u64::from(byte))
    });
    (0..60)
        .map(|_| {
            state = state
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(1_442_695_040_888_963_407);
            format!("{:08x}", state >> 32)
        })
        .collect()
}
