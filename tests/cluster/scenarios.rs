//! What goes wrong, and what must hold. Each scenario says in one line what happened.

mod access;
mod meta;
mod nodes;
mod operators;
mod servers;
mod storage;
mod streams;

use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::context::Context;
use crate::harness::Running;
use crate::sender::{Senders, Sent};

/// How long nothing may be accepted while a server is away.
const LONGEST_GAP: Duration = Duration::from_secs(20);

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// About how long it takes: long ones begin first.
    pub(crate) seconds: u64,
    pub(crate) run: fn(Context) -> Running,
}

macro_rules! scenarios {
    ($($module:ident :: $name:ident, $seconds:literal;)*) => {
        &[$(Scenario {
            name: stringify!($name),
            seconds: $seconds,
            run: |context| Box::pin($module::$name(context, stringify!($name))),
        }),*]
    };
}

impl Scenario {
    #[rustfmt::skip]
    pub(crate) const ALL: &'static [Self] = scenarios! {
        servers::leader_killed,         20;
        servers::leader_killed_grouped, 20;
        servers::follower_killed,       20;
        servers::all_servers_killed,    25;
        servers::leader_stopped,        25;
        servers::leader_cut_off,        30;
        servers::servers_restarted,     40;
        storage::disk_full,             35;
        storage::stream_full,           30;
        streams::weak_streams,          10;
        nodes::node_killed,             35;
        nodes::node_stopped,            40;
        nodes::ingest_killed,           10;
        nodes::rolling_restart,         20;
        nodes::backlog,                 15;
        meta::token_expired,            40;
        meta::expired_while_held,       40;
        meta::graph_slow,               55;
        meta::graph_down,               60;
        meta::poison,                   10;
        meta::everything_refused,       20;
        access::tls_and_permissions,    30;
        operators::operators,           15;
    };
}

/// Senders to all nodes, for the first destination.
fn senders(cluster: &Cluster) -> Senders {
    Senders::start(cluster.name, cluster.ports(), 0)
}

/// Ends the senders, and waits until everything has arrived. Returns what was sent, and how many events came again.
async fn finish(cluster: &Cluster, senders: Senders) -> (Sent, u64) {
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sent = senders.stop().await;
    sent.check();
    assert!(sent.gap < LONGEST_GAP, "{}", sent.account());
    let arrived = cluster.wait_for(&sent.ids).await;
    (sent, arrived.repeats)
}

fn account(sent: &Sent, repeats: u64) -> String {
    format!("{}; all arrived, {repeats} repeats", sent.account())
}

async fn pause(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// Waits for something that becomes true within this many seconds.
async fn eventually(seconds: u64, what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_true().await {
        assert!(
            started.elapsed().as_secs() < seconds,
            "{what}: not within {seconds} s"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Ids of events of a scenario.
fn ids(name: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{name}-{number}"))
        .collect()
}
