//! Messages that cannot be read.

use std::time::Duration;

use bytes::Bytes;
use conversions_delivery::{AppendGroup, DeadLetterReason, DeadLetterStore as _, EventLog as _};
use futures_util::StreamExt as _;

use crate::server::{Server, event, ids, lease, now, open};

#[tokio::test(flavor = "multi_thread")]
async fn damage_costs_the_events_that_it_hits_and_what_is_newer_is_kept() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = server.options();
    let log = open(options.clone()).await;
    let client = async_nats::connect(server.0.url())
        .await
        .expect("connected");
    let mut seen = client
        .subscribe(format!("{}.ev.>", options.namespace))
        .await
        .expect("subscribed");
    // An answer on the same connection says that the server knows of the subscription.
    let context = async_nats::jetstream::new(client.clone());
    context.query_account().await.expect("an answer");
    let events = ["a", "b", "c"].map(|id| event(id, now().seconds()));
    log.append(AppendGroup::from(events.to_vec()), now())
        .await
        .expect("appended");
    let message = tokio::time::timeout(Duration::from_secs(5), seen.next()).await;
    let message = message.expect("it comes").expect("published");
    let at = message
        .payload
        .windows(3)
        .position(|bytes| bytes == b"\"b\"")
        .expect("there");
    let mut damaged = message.payload.to_vec();
    damaged[at + 1] ^= 1;
    let mut newer = message.payload.to_vec();
    newer[3] = b'9';
    for bytes in [damaged, newer, b"rubbish".to_vec()] {
        client
            .publish(message.subject.clone(), Bytes::from(bytes))
            .await
            .expect("published");
    }
    client.flush().await.expect("flushed");
    let leased = lease(&log, 5, now(), Duration::from_secs(5)).await;
    assert_eq!(ids(&leased), ["a", "b", "c", "a", "c"]);
    let letters = log.dead_letters();
    for _ in 0..100 {
        let letters = log.dead_letters();
        let counts = tokio::task::spawn_blocking(move || letters.counts().expect("counted"));
        let counts = counts.await.expect("counted");
        if counts
            .get("shop")
            .and_then(|shop| shop.get(&DeadLetterReason::Damaged))
            == Some(&2)
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let counts = tokio::task::spawn_blocking(move || letters.counts().expect("counted"));
    assert_eq!(
        counts.await.expect("counted")["shop"][&DeadLetterReason::Damaged],
        2
    );
    let keys: Vec<_> = leased
        .iter()
        .map(|event| conversions_delivery::KeyRange::one(event.key))
        .collect();
    log.acknowledge("shop", &keys, now())
        .await
        .expect("confirmed");
    let left = log.backlog("shop").await.expect("a backlog").events;
    assert_eq!(left, 3, "what a newer program wrote stays");
}
