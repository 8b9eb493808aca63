//! Messages that end every process that has them.

use std::time::Duration;

use conversions_delivery::{
    AppendGroup, DeadLetterReason, DeadLetterStore as _, EventLog as _, KeyRange,
};
use conversions_log_nats::{NatsLog, NatsLogOptions};

use crate::server::{Server, event, ids, lease, now, open};

const SOON: Duration = Duration::from_secs(5);

/// A node that has the message and ends without settling it, as by SIGKILL.
async fn die_with(options: &NatsLogOptions, expected: usize) {
    let shop = ["shop".to_owned()];
    let log = NatsLog::open(options.clone(), &shop).await.expect("opened");
    assert_eq!(lease(&log, expected, now(), SOON).await.len(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_five_nodes_had_and_none_settled_becomes_dead_letters_as_a_whole() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = NatsLogOptions {
        ack_wait: Duration::from_secs(1),
        ..server.options()
    };
    let log = open(options.clone()).await;
    let events = ["a", "b", "c"].map(|id| event(id, now().seconds()));
    log.append(AppendGroup::from(events.to_vec()), now())
        .await
        .expect("appended");
    drop(log);
    for _ in 0..5 {
        die_with(&options, 3).await;
    }
    let log = NatsLog::open(options, &["shop".to_owned()])
        .await
        .expect("opened");
    let seventh = lease(&log, 1, now(), Duration::from_secs(2)).await;
    assert!(seventh.is_empty(), "{:?}", ids(&seventh));
    let letters = log.dead_letters();
    let counts = tokio::task::spawn_blocking(move || letters.counts().expect("counted"));
    let counts = counts.await.expect("counted");
    assert_eq!(counts["shop"][&DeadLetterReason::PoisonFrame], 3);
    assert_eq!(log.backlog("shop").await.expect("a backlog").events, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_nodes_give_back_is_never_taken_for_poison() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = server.options();
    let log = open(options.clone()).await;
    let events = ["a", "b"].map(|id| event(id, now().seconds()));
    log.append(AppendGroup::from(events.to_vec()), now())
        .await
        .expect("appended");
    log.give_up_leases().await;
    let shop = ["shop".to_owned()];
    for _ in 0..8 {
        let node = NatsLog::open(options.clone(), &shop).await.expect("opened");
        assert_eq!(lease(&node, 2, now(), SOON).await.len(), 2);
        node.give_up_leases().await;
    }
    let node = NatsLog::open(options, &shop).await.expect("opened");
    let leased = lease(&node, 2, now(), SOON).await;
    assert_eq!(ids(&leased), ["a", "b"]);
    let keys: Vec<_> = leased
        .iter()
        .map(|event| KeyRange::one(event.key))
        .collect();
    node.acknowledge("shop", &keys, now())
        .await
        .expect("confirmed");
    assert_eq!(node.backlog("shop").await.expect("a backlog").events, 0);
}
