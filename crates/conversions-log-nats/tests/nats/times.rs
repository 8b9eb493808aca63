//! Events that are not due yet.

use std::time::Duration;

use conversions_delivery::{AppendGroup, EventLog as _, KeyRange};

use crate::server::{Server, event, ids, lease, now, open};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn an_event_that_is_not_due_for_long_waits_at_the_broker_and_comes_once() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = server.options();
    let log = open(options.clone()).await;
    // By this clock the event is due in ten minutes, by the server's in three seconds.
    let due = now().plus(Duration::from_secs(3));
    let before = due.minus(Duration::from_mins(10));
    let events = vec![
        event("now", before.seconds()),
        event("later", due.seconds()),
    ];
    log.append(AppendGroup::from(events), before)
        .await
        .expect("appended");
    let leased = lease(&log, 1, before, SOON).await;
    assert_eq!(ids(&leased), ["now"]);
    log.maintain(before).await;
    log.acknowledge("shop", &[KeyRange::one(leased[0].key)], before)
        .await
        .expect("confirmed");
    let backlog = log.backlog("shop").await.expect("a backlog");
    assert_eq!((backlog.events, backlog.later), (1, 1));
    // Another process gets it, since no process has it in hand.
    drop(log);
    let other = open(options).await;
    let early = lease(&other, 1, due, Duration::from_secs(1)).await;
    assert!(early.is_empty(), "the broker holds it");
    let leased = lease(&other, 1, due, SOON).await;
    assert_eq!(ids(&leased), ["later"]);
    other
        .acknowledge("shop", &[KeyRange::one(leased[0].key)], due)
        .await
        .expect("confirmed");
    assert_eq!(other.backlog("shop").await.expect("a backlog").events, 0);
}
