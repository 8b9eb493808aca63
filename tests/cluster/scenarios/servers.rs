//! Servers die, stop, are cut off or are restarted under load.

use std::sync::Arc;

use rustix::process::Signal;
use serde_json::json;

use super::{account, finish, pause, senders};
use crate::brokers::BrokerOptions;
use crate::cluster::{Cluster, Plan, write_key};
use crate::context::Context;
use crate::http;
use crate::sender::batch;

/// Events that were on their way when something was cut off or stopped: requests of both nodes, and what was in hand.
const MOST_REPEATS: u64 = 2_000;

async fn cluster(context: &Context, name: &'static str) -> Cluster {
    let plan = Plan::new(name, context.own_brokers().await);
    Cluster::start(context, plan).await
}

pub(super) async fn leader_killed(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    let leader = cluster.brokers.leader(name, "shop", None).await;
    killed(&context, &cluster, leader).await
}

/// Requests share messages: what a message cannot bring is refused to each of them, and what it brings is each one's.
pub(super) async fn leader_killed_grouped(context: Context, name: &'static str) -> String {
    let plan = Plan {
        log: json!({ "group_small": true }),
        ..Plan::new(name, context.own_brokers().await)
    };
    let cluster = Cluster::start(&context, plan).await;
    let leader = cluster.brokers.leader(name, "shop", None).await;
    killed(&context, &cluster, leader).await
}

pub(super) async fn follower_killed(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    let leader = cluster.brokers.leader(name, "shop", None).await;
    killed(&context, &cluster, (leader + 1) % 3).await
}

async fn killed(context: &Context, cluster: &Cluster, victim: usize) -> String {
    let senders = senders(cluster);
    pause(2).await;
    cluster.brokers.kill(victim);
    tokio::time::sleep(context.seconds(4, 60)).await;
    cluster.brokers.restart(victim);
    pause(2).await;
    let (sent, repeats) = finish(cluster, senders).await;
    account(&sent, repeats)
}

pub(super) async fn all_servers_killed(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    let senders = senders(&cluster);
    pause(2).await;
    for number in 0..3 {
        cluster.brokers.kill(number);
    }
    pause(1).await;
    for number in 0..3 {
        cluster.brokers.restart(number);
    }
    pause(6).await;
    let (sent, repeats) = finish(&cluster, senders).await;
    account(&sent, repeats)
}

pub(super) async fn leader_stopped(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    let senders = senders(&cluster);
    pause(2).await;
    let leader = cluster.brokers.leader(name, "shop", None).await;
    cluster.brokers.signal(leader, Signal::STOP);
    tokio::time::sleep(context.seconds(8, 60)).await;
    cluster.brokers.signal(leader, Signal::CONT);
    pause(1).await;
    let (sent, repeats) = finish(&cluster, senders).await;
    account(&sent, repeats)
}

/// The leader hears nothing of the other two: a node that knows only that server accepts nothing, the other node goes on.
pub(super) async fn leader_cut_off(context: Context, name: &'static str) -> String {
    let options = BrokerOptions {
        can_be_cut: true,
        ..BrokerOptions::default()
    };
    let brokers = Arc::new(context.start_brokers(options).await);
    let plan = Plan {
        roles: &[],
        ..Plan::new(name, Arc::clone(&brokers))
    };
    let mut cluster = Cluster::start(&context, plan).await;
    let leader = brokers.leader(name, "shop", None).await;
    let urls = brokers.urls("nats");
    let (mut others, alone) = (urls.clone(), vec![urls[leader].clone()]);
    others.remove(leader);
    cluster.add_node("all", json!({ "servers": others })).await;
    cluster.add_node("all", json!({ "servers": alone })).await;
    let senders = senders(&cluster);
    pause(2).await;
    brokers.cut_off(leader, true);
    let lonely = cluster.nodes[1].port;
    let started = std::time::Instant::now();
    let (mut confirmed, mut refused) = (Vec::new(), 0);
    while started.elapsed() < context.seconds(12, 60) {
        let id = format!("{name}-lonely-{}", refused + confirmed.len());
        let body = batch(std::slice::from_ref(&id));
        match http::post(lonely, "/v1/batch", &write_key(0), &body).await {
            // A client that loses its connection finds the other servers by itself, as the first one has named them.
            Some(200) => confirmed.push(id),
            status => {
                assert_eq!(status, Some(503));
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "a server without a majority confirms nothing");
    brokers.cut_off(leader, false);
    pause(4).await;
    let (sent, repeats) = finish(&cluster, senders).await;
    cluster.wait_for(&confirmed).await;
    assert!(repeats < MOST_REPEATS, "{repeats} repeats");
    format!(
        "{}; {refused} answers of 503 and {} of 200, all of which arrived, by the node that was cut off",
        account(&sent, repeats),
        confirmed.len()
    )
}

pub(super) async fn servers_restarted(context: Context, name: &'static str) -> String {
    let cluster = cluster(&context, name).await;
    let senders = senders(&cluster);
    pause(1).await;
    for number in 0..3 {
        cluster.brokers.stop(number).await;
        pause(1).await;
        cluster.brokers.restart(number);
        cluster.brokers.wait_until_healthy(number).await;
        pause(1).await;
    }
    let (sent, repeats) = finish(&cluster, senders).await;
    account(&sent, repeats)
}
