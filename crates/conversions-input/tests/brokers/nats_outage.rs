//! A NATS server that is killed, and comes back with its store.

use std::time::Duration;

use conversions_input::{InputError, Limits, Position};

use crate::fixture::{A_WHILE, Fixture as _, settle, take, take_for, texts};
use crate::nats::nats;
use crate::suite::{numbered, produce};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_and_comes_back_loses_nothing_and_repeats_nothing() {
    let Some(mut nats) = nats("outage").await else {
        return;
    };
    produce(&nats, 20).await;
    let limits = Limits {
        batch_records: 5,
        ..Limits::default()
    };
    let input = nats.open(limits).await;
    let mut held = take(&*input, 10).await;
    settle(&*input, &held.split_off(5)).await;
    // A server writes its consumers' state a little later; with one replica, what was confirmed just now may come again.
    tokio::time::sleep(Duration::from_secs(1)).await;
    nats.server.kill();
    let positions: Vec<Position> = held.iter().map(|one| one.position.clone()).collect();
    let unconfirmed = input.settle(&positions).await;
    assert!(
        matches!(unconfirmed, Err(InputError::Unavailable { .. })),
        "{unconfirmed:?}"
    );
    tokio::time::sleep(Duration::from_secs(3)).await;
    nats.server.restart();
    settle(&*input, &held).await;
    let rest = take(&*input, 10).await;
    let mut came = texts(&rest);
    came.sort();
    assert_eq!(came, numbered(10..20));
    settle(&*input, &rest).await;
    assert_eq!(texts(&take_for(&*input, A_WHILE).await), [""; 0]);
    assert_eq!(input.lag().await, Ok(Some(0)));
}
