//! Meta refuses, is slow, or is away.

use std::time::{Duration, SystemTime};

use graph_sandbox::{Script, Step};
use rustix::process::Signal;
use serde_json::json;

use super::{account, eventually, ids, pause};
use crate::cluster::{ACK_WAIT, Cluster, Plan, write_key};
use crate::context::Context;
use crate::http;
use crate::link::Link;
use crate::ports::free_ports;
use crate::sender::{Senders, order};

/// More than a node may have in hand, and what it has without events; this is not the optimized program.
const MEMORY: u64 = 200 << 20;

async fn cluster(context: &Context, name: &'static str) -> Cluster {
    Cluster::start(context, Plan::new(name, context.shared_brokers().await)).await
}

/// Settings are read again, as after a new token: held destinations are tried at once.
fn reload(cluster: &Cluster) {
    for node in &cluster.nodes {
        node.signal(Signal::HUP);
    }
}

async fn send_for(cluster: &Cluster, time: Duration) -> crate::sender::Sent {
    let senders = Senders::start(cluster.name, cluster.ports(), 0);
    tokio::time::sleep(time).await;
    let sent = senders.stop().await;
    sent.check();
    sent
}

async fn assert_nothing_was_given_out_twice(cluster: &Cluster) {
    let redelivered = cluster.metric("segue_log_redelivered_total").await;
    assert!(
        redelivered < 0.5,
        "{redelivered} messages were given out again"
    );
}

/// The token is expired while two nodes deliver: both wait, try now and then, and repeat nothing.
pub(super) async fn token_expired(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    cluster.set_script(Script::default().token_expired());
    let sent = send_for(&cluster, Duration::from_secs(5)).await;
    let held_for = context.seconds(ACK_WAIT.as_secs() + 5, 300);
    tokio::time::sleep(held_for).await;
    let requests = cluster.sandboxes[0].edge().totals().requests;
    // Before the first answer each node has up to four requests on their way; then one a minute.
    let minutes = held_for.as_secs() / 60 + 1;
    assert!(
        requests <= 2 * (4 + minutes),
        "{requests} requests with an expired token"
    );
    assert_nothing_was_given_out_twice(&cluster).await;
    cluster.set_script(Script::default());
    reload(&cluster);
    let arrived = cluster.wait_for(&sent.ids).await;
    assert_eq!(arrived.repeats, 0);
    format!(
        "{}; {requests} requests in {} s",
        account(&sent, 0),
        held_for.as_secs() + 5
    )
}

/// Events become too old while their destination is held: they are dead letters, and no longer sent.
pub(super) async fn expired_while_held(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    cluster.set_script(Script::default().token_expired());
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("a clock");
    let seven_days_less = now - Duration::from_secs(7 * 86_400 - 12);
    let fresh = ids(name, 10);
    let mut messages: Vec<_> = fresh.iter().map(|id| order(id)).collect();
    for number in 0..10 {
        let mut old = order(&format!("{name}-old-{number}"));
        let text =
            jiff::Timestamp::from_second(i64::try_from(seven_days_less.as_secs()).expect("a time"));
        old["timestamp"] = json!(text.expect("a time").to_string());
        messages.push(old);
    }
    let body = json!({ "batch": messages }).to_string();
    let status = http::post(cluster.nodes[0].port, "/v1/batch", &write_key(0), &body).await;
    assert_eq!(status, Some(200));
    pause(ACK_WAIT.as_secs() + 3).await;
    cluster.set_script(Script::default());
    reload(&cluster);
    cluster.wait_for(&fresh).await;
    eventually(20, "ten dead letters", async || {
        let dead = cluster.metric("segue_events_dead_lettered_total").await;
        assert!(dead < 10.5, "{dead} dead letters");
        dead > 9.5
    })
    .await;
    assert_eq!(cluster.arrived_at(0).len(), 10, "nothing old was accepted");
    "10 events arrived, 10 became too old and are dead letters".to_owned()
}

/// Answers take longer than the broker waits for a sign of life.
pub(super) async fn graph_slow(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    let delay = Duration::from_secs(ACK_WAIT.as_secs() + 7);
    cluster.set_script(Script::default().delay(delay));
    let sent = send_for(&cluster, context.seconds(5, 120)).await;
    tokio::time::sleep(delay + Duration::from_secs(2)).await;
    assert_nothing_was_given_out_twice(&cluster).await;
    cluster.set_script(Script::default());
    let arrived = cluster.wait_for(&sent.ids).await;
    assert_eq!(arrived.repeats, 0);
    assert_nothing_was_given_out_twice(&cluster).await;
    format!("{}; answers took {} s", account(&sent, 0), delay.as_secs())
}

/// Nobody answers for longer than the broker waits for a sign of life.
pub(super) async fn graph_down(context: Context, name: &'static str) -> String {
    let [port] = free_ports();
    let plan = Plan {
        graph_url: Some(format!("http://127.0.0.1:{port}")),
        ..Plan::new(name, context.shared_brokers().await)
    };
    let cluster = Cluster::start(&context, plan).await;
    let sent = send_for(&cluster, context.seconds(8, 120)).await;
    pause(ACK_WAIT.as_secs()).await;
    assert_nothing_was_given_out_twice(&cluster).await;
    let memory = cluster
        .nodes
        .iter()
        .map(crate::node::Node::memory)
        .max()
        .unwrap_or(0);
    assert!(memory < MEMORY, "{memory} bytes of memory");
    let _link = Link::open(port, cluster.sandboxes[0].address().port()).await;
    let arrived = cluster.wait_for_retries(&sent.ids).await;
    assert_eq!(arrived.repeats, 0);
    format!("{}; {} MB of memory", account(&sent, 0), memory >> 20)
}

/// One event of a hundred is refused: it becomes a dead letter, the others arrive.
pub(super) async fn poison(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    let all = ids(name, 100);
    let script = Script::default().refuse([&*all[42]], 100, Some(2_804_050));
    cluster.set_script(script);
    assert_eq!(cluster.post(0, &all).await, Some(200));
    let good: Vec<_> = all.iter().filter(|id| **id != all[42]).cloned().collect();
    let arrived = cluster.wait_for(&good).await;
    assert_eq!(arrived.repeats, 0);
    eventually(30, "a dead letter", async || {
        let dead = cluster.metric("segue_events_dead_lettered_total").await;
        assert!(dead < 1.5, "{dead} dead letters");
        dead > 0.5
    })
    .await;
    assert!(!cluster.arrived_at(0).contains_key(&all[42]));
    "99 of 100 arrived once, one is a dead letter".to_owned()
}

/// Meta refuses every event, as without access to the pixel: after a hundred the destination is held, and what comes later
/// waits instead of becoming dead letters.
pub(super) async fn everything_refused(context: Context, name: &'static str) -> String {
    let plan = Plan {
        roles: &["all"],
        ..Plan::new(name, context.shared_brokers().await)
    };
    let cluster = Cluster::start(&context, plan).await;
    let refuse = Step::graph_error(100, Some(2_804_050)).status(400);
    cluster.set_script(Script::default().step(refuse.always()));
    assert_eq!(cluster.post(0, &ids(name, 100)).await, Some(200));
    eventually(60, "the destination is held", async || {
        cluster.metric("segue_destination_held").await > 0.5
    })
    .await;
    let later = ids("later", 100);
    assert_eq!(cluster.post(0, &later).await, Some(200));
    pause(5).await;
    let dead = cluster.metric("segue_events_dead_lettered_total").await;
    assert!((dead - 100.0).abs() < 0.5, "{dead} dead letters");
    cluster.set_script(Script::default());
    reload(&cluster);
    cluster.wait_for(&later).await;
    let replayed = cluster.segue(&["dead-letters", "replay"]).await;
    let said = String::from_utf8_lossy(&replayed.stderr);
    assert!(replayed.status.success(), "{said}");
    cluster.wait_for(&ids(name, 100)).await;
    "held after 100 refusals; 100 later events waited and arrived, and the 100 after a replay"
        .to_owned()
}
