//! A member that stands still, and goes on when another one has what it had.

use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use conversions_input::nats::NatsInput;
use conversions_input::{Input as _, Limits, Position, Record};
use tokio::runtime::{Builder, Runtime};

use crate::fixture::{A_WHILE, Fixture as _, settle, take, take_for, text, texts};
use crate::nats::{ACK_WAIT, Nats, nats};

/// A member whose tasks run only within [`run`](Self::run): between two calls it stands still, as a process that is stopped.
struct Member {
    runtime: Runtime,
    input: NatsInput,
}

impl Member {
    fn open(nats: &Nats) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let input = runtime.block_on(async {
            let input = NatsInput::open(nats.options.clone()).await;
            // It asks for messages.
            tokio::time::sleep(Duration::from_millis(50)).await;
            input.expect("opened")
        });
        Self { runtime, input }
    }

    fn run<T>(&self, work: impl AsyncFnOnce(&NatsInput) -> T) -> T {
        self.runtime.block_on(work(&self.input))
    }
}

/// The runtime of the test, and of the member that takes over.
fn runtime() -> Runtime {
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build();
    runtime.expect("a runtime")
}

/// What the server gave out, each time counted.
async fn given_out(nats: &Nats) -> u64 {
    let consumer: PullConsumer = nats
        .context
        .get_consumer_from_stream("segue", &nats.options.stream)
        .await
        .expect("a consumer");
    consumer.cached_info().delivered.consumer_sequence
}

fn positions(records: &[Record]) -> Vec<Position> {
    let positions = records.iter().map(|record| record.position.clone());
    positions.collect()
}

#[test]
fn what_waited_in_the_socket_is_not_handed_out_when_another_member_has_it() {
    let test = runtime();
    let Some(nats) = test.block_on(nats("socket")) else {
        return;
    };
    let member = Member::open(&nats);
    // A pull may have ended just before it stands still: then the server gives it nothing, and it is tried again.
    for attempt in 0..10 {
        let one = text(&format!("record {attempt}"));
        test.block_on(async {
            nats.produce(0, one).await;
            tokio::time::sleep(ACK_WAIT).await;
        });
        let other = test.block_on(nats.open(Limits::default()));
        let taken = test.block_on(take(&*other, 1));
        let came = member.run(async |input| texts(&take_for(input, A_WHILE).await));
        assert_eq!(came, [""; 0], "the other member has it");
        test.block_on(async {
            settle(&*other, &taken).await;
            other.leave().await.expect("left");
        });
        if taken[0].deliveries == Some(2) {
            return;
        }
        member.run(async |_| tokio::time::sleep(Duration::from_millis(50)).await);
    }
    panic!("nothing was given to the member that stands still");
}

#[test]
fn a_member_that_stood_still_says_what_it_has_no_more_and_gives_nothing_of_it_back() {
    let test = runtime();
    let Some(nats) = test.block_on(nats("no-more")) else {
        return;
    };
    let member = Member::open(&nats);
    test.block_on(nats.produce(0, text("one")));
    let held = member.run(async |input| take(input, 1).await);
    // While it runs, the message is its own, however long that takes.
    member.run(async |_| tokio::time::sleep(ACK_WAIT * 2).await);
    let expired = member.input.take_expired(&positions(&held));
    assert_eq!(expired, []);
    // It stands still.
    let other = test.block_on(async {
        tokio::time::sleep(ACK_WAIT).await;
        nats.open(Limits::default()).await
    });
    let taken = test.block_on(take(&*other, 1));
    assert_eq!(taken[0].deliveries, Some(2));
    let expired = member.run(async |input| input.take_expired(&positions(&held)));
    assert_eq!(expired, positions(&held));
    member.run(async |input| input.leave().await.expect("left"));
    test.block_on(async {
        tokio::time::sleep(A_WHILE).await;
        assert_eq!(given_out(&nats).await, 2, "nobody else was given it");
        settle(&*other, &taken).await;
        assert_eq!(other.lag().await, Ok(Some(0)));
    });
}

#[test]
fn a_member_that_leaves_after_it_stood_still_takes_nothing_from_the_other() {
    let test = runtime();
    let Some(nats) = test.block_on(nats("leaves")) else {
        return;
    };
    let member = Member::open(&nats);
    test.block_on(nats.produce(0, text("one")));
    member.run(async |input| take(input, 1).await);
    let other = test.block_on(async {
        tokio::time::sleep(ACK_WAIT).await;
        nats.open(Limits::default()).await
    });
    let taken = test.block_on(take(&*other, 1));
    member.run(async |input| input.leave().await.expect("left"));
    test.block_on(async {
        tokio::time::sleep(A_WHILE).await;
        assert_eq!(given_out(&nats).await, 2, "nobody else was given it");
        settle(&*other, &taken).await;
    });
}
