//! Nodes die, stop or are restarted under load.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use rustix::process::Signal;
use serde_json::json;

use super::{account, eventually, finish, ids, pause, senders};
use crate::cluster::{ACK_WAIT, Cluster, Plan, metric_of, write_key};
use crate::context::Context;
use crate::http;
use crate::link::{Link, Passing};
use crate::ports::free_ports;
use crate::sender::{batch, order};

/// What a node has on its way at most: four requests, each of some tenths of a second's events.
const IN_FLIGHT: u64 = 500;
/// A request that was on its way is read by the sandbox within this many milliseconds.
const READ_WITHIN: i64 = 1_000;
/// What was sent is acknowledged within this many milliseconds.
const ACKNOWLEDGED_WITHIN: i64 = 5_000;

async fn cluster(context: &Context, name: &'static str) -> Cluster {
    Cluster::start(context, Plan::new(name, context.shared_brokers().await)).await
}

pub(super) async fn node_killed(context: Context, name: &'static str) -> String {
    let mut cluster = cluster(&context, name).await;
    let senders = senders(&cluster);
    pause(2).await;
    cluster.nodes[1].kill().await;
    let killed_at = now();
    pause(ACK_WAIT.as_secs() + 5).await;
    let (sent, repeats) = finish(&cluster, senders).await;
    check_repeats(&cluster, repeats, killed_at, i64::MAX);
    account(&sent, repeats)
}

/// A node stands still until another one has got what it had in hand: when it goes on it sends none of that.
pub(super) async fn node_stopped(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    let senders = senders(&cluster);
    pause(2).await;
    cluster.nodes[1].signal(Signal::STOP);
    let stopped_at = now();
    pause(ACK_WAIT.as_secs() + 5).await;
    let goes_on_at = now();
    cluster.nodes[1].signal(Signal::CONT);
    pause(3).await;
    let (sent, repeats) = finish(&cluster, senders).await;
    check_repeats(&cluster, repeats, stopped_at, goes_on_at);
    account(&sent, repeats)
}

/// What came again had been sent before the fault, and came again before the node went on: the other node sent it.
fn check_repeats(cluster: &Cluster, repeats: u64, fault_at: i64, goes_on_at: i64) {
    assert!(repeats < IN_FLIGHT, "{repeats} repeats");
    let receipts = cluster.receipts();
    let repeated = receipts.iter().filter(|(_, times)| times.len() > 1);
    let on_its_way = fault_at - ACKNOWLEDGED_WITHIN..=fault_at + READ_WITHIN;
    let unexplained: Vec<_> = repeated
        .filter(|(_, times)| {
            !on_its_way.contains(&times[0]) || times[1..].iter().any(|time| *time >= goes_on_at)
        })
        .map(|(id, times)| {
            (
                id,
                times.iter().map(|time| time - fault_at).collect::<Vec<_>>(),
            )
        })
        .collect();
    assert!(
        unexplained.is_empty(),
        "{} events came again that were not on their way, at milliseconds after the fault like {:?}",
        unexplained.len(),
        unexplained.first()
    );
}

/// Unix milliseconds, as the sandbox counts them.
fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A node dies when the servers have an event and its sender has no answer: the sender's repetition on the other node is a
/// duplicate.
pub(super) async fn ingest_killed(context: Context, name: &'static str) -> String {
    let brokers = context.shared_brokers().await;
    let plan = Plan {
        roles: &["all"],
        ..Plan::new(name, brokers.clone())
    };
    let mut cluster = Cluster::start(&context, plan).await;
    let [port] = free_ports();
    let link = Link::open(port, brokers.client_port(0)).await;
    let server = format!("nats://127.0.0.1:{}", link.port);
    cluster
        .add_node("ingest", json!({ "servers": [server] }))
        .await;
    let ids = ids(name, 20);
    let before = brokers.last_sequence(name, "shop").await;
    link.set(Passing::ToServer);
    let (victim, body) = (cluster.nodes[1].port, batch(&ids));
    let asking =
        tokio::spawn(async move { http::post(victim, "/v1/batch", &write_key(0), &body).await });
    eventually(10, "the servers have the events", async || {
        brokers.last_sequence(name, "shop").await > before
    })
    .await;
    cluster.nodes[1].kill().await;
    assert_eq!(asking.await.expect("asked"), None, "no answer");
    assert_eq!(cluster.post(0, &ids).await, Some(200));
    let arrived = cluster.wait_for(&ids).await;
    assert_eq!(arrived.repeats, 0);
    let duplicates = metric_of(cluster.nodes[0].ops, "segue_events_skipped_total").await;
    assert!((duplicates - 20.0).abs() < 0.5, "{duplicates} duplicates");
    "20 events without an answer, repeated on the other node: 20 duplicates, all arrived once"
        .to_owned()
}

pub(super) async fn rolling_restart(context: Context, name: &'static str) -> String {
    let mut cluster = cluster(&context, name).await;
    let senders = senders(&cluster);
    pause(2).await;
    for number in 0..2 {
        cluster.nodes[number].stop().await;
        cluster.nodes[number].restart().await;
        pause(1).await;
    }
    let (sent, repeats) = finish(&cluster, senders).await;
    assert_eq!(repeats, 0, "nodes that end in good order repeat nothing");
    account(&sent, repeats)
}

/// A backlog of several pulls, each of which is ended by its bytes: nothing of them is lost on the way, or else it would
/// come again only when the servers have waited for an acknowledgement in vain.
pub(super) async fn backlog(context: Context, name: &'static str) -> String {
    let plan = Plan {
        roles: &["ingest"],
        ..Plan::new(name, context.shared_brokers().await)
    };
    let mut cluster = Cluster::start(&context, plan).await;
    let ids = ids(name, 2_400);
    let numbered: Vec<_> = ids.iter().enumerate().collect();
    for chunk in numbered.chunks(24) {
        let messages: Vec<_> = chunk
            .iter()
            .map(|(number, id)| {
                let mut order = order(id);
                order["properties"]["note"] = json!(incompressible(*number, 6_000));
                order
            })
            .collect();
        let body = json!({ "batch": messages }).to_string();
        let answer = http::post(cluster.ports()[0], "/v1/batch", &write_key(0), &body).await;
        assert_eq!(answer, Some(200));
    }
    cluster.add_node("deliver", json!({})).await;
    let arrived = cluster.wait_for(&ids).await;
    assert_eq!(arrived.repeats, 0);
    let again = metric_of(cluster.nodes[1].ops, "segue_log_redelivered_total").await;
    assert!(
        again < 0.5,
        "{again} messages were given out more than once"
    );
    "2,400 events of 6 KB that waited, all arrived, no message was given out twice".to_owned()
}

/// Text that compression shortens by a half only: digits of hashes, from a different number on for each event.
fn incompressible(event: usize, length: usize) -> String {
    (event * length..)
        .map(|number| {
            format!(
                "{:016x}",
                BuildHasherDefault::<DefaultHasher>::default().hash_one(number)
            )
        })
        .take(length / 16)
        .collect()
}
