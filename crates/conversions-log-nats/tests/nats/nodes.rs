//! Several nodes over the same streams.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use conversions_delivery::{
    AppendGroup, DestinationProgress, EventLog as _, KeyRange, Progress, StatusReader as _,
};
use conversions_log_nats::{NatsLog, NatsLogOptions, NatsStatus};

use crate::server::{Server, event, ids, lease, now, open};

const SOON: Duration = Duration::from_secs(5);

fn group(ids: &[&str]) -> AppendGroup {
    let events = ids.iter().map(|id| event(id, now().seconds()));
    AppendGroup::from(events.collect::<Vec<_>>())
}

async fn another(options: &NatsLogOptions) -> NatsLog {
    NatsLog::open(options.clone(), &["shop".to_owned()])
        .await
        .expect("opened")
}

#[tokio::test]
async fn a_repetition_on_another_node_is_a_duplicate() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = server.options();
    let (one, other) = (open(options.clone()).await, another(&options).await);
    let ids = ["a", "b", "c"];
    assert_eq!(
        one.append(group(&ids), now())
            .await
            .expect("appended")
            .stored(),
        3
    );
    let repeated = other.append(group(&ids), now()).await.expect("known");
    assert_eq!((repeated.stored(), repeated.duplicates()), (0, 3));
    let mixed = other
        .append(group(&["c", "d"]), now())
        .await
        .expect("appended");
    assert_eq!(
        (mixed.stored(), mixed.duplicates()),
        (1, 1),
        "the node knows now what the broker has"
    );
}

#[tokio::test]
async fn each_event_goes_to_one_node() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = server.options();
    let (one, other) = (open(options.clone()).await, another(&options).await);
    let all: Vec<String> = (0..300).map(|number| number.to_string()).collect();
    for id in &all {
        one.append(group(&[id]), now()).await.expect("appended");
    }
    let mut seen = BTreeSet::new();
    let started = Instant::now();
    while seen.len() < 300 && started.elapsed() < SOON {
        for log in [&one, &other] {
            for id in ids(&lease(log, 20, now(), Duration::from_millis(50)).await) {
                assert!(seen.insert(id.clone()), "{id} comes twice");
            }
        }
    }
    assert_eq!(seen.len(), 300);
}

#[tokio::test]
async fn a_node_that_ends_gives_back_what_is_not_settled_and_no_more() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = server.options();
    let one = open(options.clone()).await;
    one.append(group(&["a", "b", "c", "d"]), now())
        .await
        .expect("appended");
    one.append(group(&["e"]), now()).await.expect("appended");
    let leased = lease(&one, 4, now(), SOON).await;
    assert_eq!(ids(&leased), ["a", "b", "c", "d"]);
    let done = [KeyRange::one(leased[0].key), KeyRange::one(leased[2].key)];
    one.acknowledge("shop", &done, now())
        .await
        .expect("settled");
    one.give_up_leases().await;
    let other = another(&options).await;
    let rest = lease(&other, 3, now(), SOON).await;
    let rest: BTreeSet<String> = ids(&rest).into_iter().collect();
    assert_eq!(rest, BTreeSet::from(["b", "d", "e"].map(str::to_owned)));
    assert!(
        lease(&other, 1, now(), Duration::from_millis(500))
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_what_all_nodes_have_done() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = server.options();
    let one = open(NatsLogOptions {
        node: "one".to_owned(),
        ..options.clone()
    })
    .await;
    let other = another(&NatsLogOptions {
        node: "node two".to_owned(),
        ..options.clone()
    })
    .await;
    for (log, delivered) in [(&one, 3), (&other, 4)] {
        let mut progress = Progress::default();
        let shop = DestinationProgress {
            delivered,
            ..DestinationProgress::default()
        };
        progress.destinations.insert("shop".into(), shop);
        log.publish(&progress, now()).await;
    }
    let read = tokio::task::spawn_blocking(move || {
        let status = NatsStatus::open(&options).expect("connected");
        let nodes: Vec<_> = status.nodes().expect("read").into_keys().collect();
        (
            nodes,
            status.read_status().expect("read").expect("two nodes"),
        )
    });
    let (nodes, all) = read.await.expect("read");
    assert_eq!(nodes, ["node_two", "one"]);
    assert_eq!(all.destinations["shop"].delivered, 7);
}
