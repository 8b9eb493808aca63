//! What dies, and what must hold.

use std::time::{Duration, Instant};

use graph_sandbox::Script;
use rustix::process::Signal;

use crate::Programs;
use crate::cluster::{Cluster, WRITE_KEY};
use crate::http;
use crate::sender::{Senders, batch};

/// How long nothing may be accepted while a server is away.
const LONGEST_GAP: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Scenario {
    LeaderKilled,
    FollowerKilled,
    AllKilled,
    LeaderStopped,
    NodeKilled,
    IngestAndDeliver,
    TokenExpired,
    Poison,
    RollingRestart,
    WeakStream,
}

impl Scenario {
    pub(crate) const ALL: [Self; 10] = [
        Self::LeaderKilled,
        Self::FollowerKilled,
        Self::AllKilled,
        Self::LeaderStopped,
        Self::NodeKilled,
        Self::IngestAndDeliver,
        Self::TokenExpired,
        Self::Poison,
        Self::RollingRestart,
        Self::WeakStream,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LeaderKilled => "leader_killed",
            Self::FollowerKilled => "follower_killed",
            Self::AllKilled => "all_servers_killed",
            Self::LeaderStopped => "leader_stopped",
            Self::NodeKilled => "node_killed",
            Self::IngestAndDeliver => "ingest_and_deliver",
            Self::TokenExpired => "token_expired",
            Self::Poison => "poison",
            Self::RollingRestart => "rolling_restart",
            Self::WeakStream => "weak_stream",
        }
    }

    /// Runs it, and says what happened.
    pub(crate) async fn run(self, programs: &Programs) -> String {
        let roles: &[&str] = match self {
            Self::IngestAndDeliver => &["ingest", "deliver"],
            Self::WeakStream => &[],
            _ => &["all", "all"],
        };
        let mut cluster = Cluster::start(programs, roles).await;
        match self {
            Self::Poison => return poison(&cluster).await,
            Self::WeakStream => return weak_stream(&cluster).await,
            Self::TokenExpired => return token_expired(&cluster).await,
            _ => {}
        }
        let ports = match self {
            Self::IngestAndDeliver => vec![cluster.nodes[0].port],
            _ => cluster.ports(),
        };
        let senders = Senders::start(self.name(), ports);
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.fault(&mut cluster).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let sent = senders.stop().await;
        sent.check();
        assert!(sent.gap < LONGEST_GAP, "{}", sent.account());
        let arrived = cluster.wait_for(&sent.ids).await;
        if matches!(self, Self::RollingRestart | Self::IngestAndDeliver) {
            assert_eq!(
                arrived.repeats, 0,
                "nodes that end in good order repeat nothing"
            );
        }
        format!(
            "{}; all arrived, {} repeats",
            sent.account(),
            arrived.repeats
        )
    }

    async fn fault(self, cluster: &mut Cluster) {
        let pause = |seconds| tokio::time::sleep(Duration::from_secs(seconds));
        match self {
            Self::LeaderKilled | Self::FollowerKilled => {
                let leader = cluster.brokers.leader("shop").await;
                let victim = match self {
                    Self::LeaderKilled => leader,
                    _ => (leader + 1) % 3,
                };
                cluster.brokers.kill(victim);
                pause(4).await;
                cluster.brokers.restart(victim);
                pause(2).await;
            }
            Self::AllKilled => {
                for number in 0..3 {
                    cluster.brokers.kill(number);
                }
                pause(1).await;
                for number in 0..3 {
                    cluster.brokers.restart(number);
                }
                pause(6).await;
            }
            Self::LeaderStopped => {
                let leader = cluster.brokers.leader("shop").await;
                cluster.brokers.signal(leader, Signal::STOP);
                pause(8).await;
                cluster.brokers.signal(leader, Signal::CONT);
                pause(1).await;
            }
            Self::NodeKilled => {
                cluster.nodes[1].kill().await;
                pause(1).await;
                cluster.nodes[1].restart().await;
            }
            Self::RollingRestart => {
                for number in 0..2 {
                    cluster.nodes[number].stop().await;
                    cluster.nodes[number].restart().await;
                    pause(1).await;
                }
            }
            _ => pause(2).await,
        }
    }
}

/// One event of a hundred is refused: it becomes a dead letter, the others arrive.
async fn poison(cluster: &Cluster) -> String {
    let ids: Vec<String> = (0..100).map(|number| format!("poison-{number}")).collect();
    let script = Script::default().refuse(["poison-42"], 100, Some(2_804_050));
    cluster.sandbox.set_script(script).expect("a script");
    let status = http::post(cluster.nodes[0].port, "/v1/batch", WRITE_KEY, &batch(&ids)).await;
    assert_eq!(status, Some(200));
    let good: Vec<String> = ids
        .iter()
        .filter(|id| *id != "poison-42")
        .cloned()
        .collect();
    let arrived = cluster.wait_for(&good).await;
    let started = Instant::now();
    loop {
        let dead = cluster.metric(0, "segue_events_dead_lettered_total").await
            + cluster.metric(1, "segue_events_dead_lettered_total").await;
        if dead >= 1.0 {
            assert!((dead - 1.0).abs() < 0.5, "{dead} dead letters");
            break;
        }
        assert!(started.elapsed().as_secs() < 30, "no dead letter");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(!cluster.arrived().contains_key("poison-42"));
    format!(
        "99 of 100 arrived, one is a dead letter, {} repeats",
        arrived.repeats
    )
}

/// The token is expired while two nodes deliver: both wait, probe now and then, and repeat nothing.
async fn token_expired(cluster: &Cluster) -> String {
    cluster
        .sandbox
        .set_script(Script::default().token_expired())
        .expect("a script");
    let senders = Senders::start("token_expired", cluster.ports());
    // Longer than the minute after which the broker gives out what it hears nothing of.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let sent = senders.stop().await;
    sent.check();
    tokio::time::sleep(Duration::from_secs(70)).await;
    let requests = cluster.sandbox.totals().requests;
    assert!(requests < 40, "{requests} requests with an expired token");
    let redelivered = cluster.metric(0, "segue_log_redelivered_total").await
        + cluster.metric(1, "segue_log_redelivered_total").await;
    cluster
        .sandbox
        .set_script(Script::default())
        .expect("a script");
    let arrived = cluster.wait_for(&sent.ids).await;
    assert_eq!(arrived.repeats, 0);
    assert!(
        redelivered < 0.5,
        "{redelivered} messages were given out again"
    );
    format!(
        "{}; {requests} requests in 75 s, none given out twice; all arrived once",
        sent.account()
    )
}

/// A node refuses to start on streams with one copy.
async fn weak_stream(cluster: &Cluster) -> String {
    let text = std::fs::read_to_string(cluster.settings()).expect("settings");
    let weak = text.replace(
        "\"engine\":\"nats\"",
        "\"engine\":\"nats\",\"namespace\":\"weak\",\"replicas\":1",
    );
    std::fs::write(cluster.settings(), weak).expect("written");
    let created = cluster.segue(&["log", "create"]).await;
    assert!(created.status.success());
    let started = cluster
        .segue(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--ops-listen",
            "127.0.0.1:0",
        ])
        .await;
    let said = String::from_utf8_lossy(&started.stderr);
    assert!(
        !started.status.success() && said.contains("1 replicas"),
        "{said}"
    );
    "refused with a sentence".to_owned()
}
