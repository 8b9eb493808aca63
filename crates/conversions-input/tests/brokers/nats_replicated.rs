//! Three NATS servers that replicate: a message is sent when a majority knows that it is given out.

use std::time::Duration;

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::{self, stream};
use conversions_input::nats::{ConnectionOptions, NatsInput, NatsInputOptions};
use conversions_input::{Input as _, Limits};
use conversions_nats::test_server::TestServer;
use futures_util::future::try_join_all;

use crate::fixture::{settle, take};
use crate::nats::consumer;
use crate::process::free_port;

const NAME: &str = "replicated";
const MESSAGES: usize = 3_000;
/// A pull of 1 MB ends by its bytes after some 170 of them.
const BYTES: usize = 6_000;
/// Longer than a busy machine needs for all of them.
const ACK_WAIT: Duration = Duration::from_secs(15);
/// How long the servers may take to agree on a leader.
const PATIENCE: Duration = Duration::from_secs(30);

fn servers() -> Option<Vec<TestServer>> {
    let ports = [free_port(), free_port(), free_port()];
    let routes = ports.map(|port| format!("nats://127.0.0.1:{port}"));
    let start = |(number, port)| {
        TestServer::start(&format!(
            "server_name: n{number}\ncluster {{ name: test, listen: \"127.0.0.1:{port}\", routes: {routes:?} }}"
        ))
    };
    ports.into_iter().enumerate().map(start).collect()
}

/// Makes the stream when the servers have a leader.
async fn stream(context: &jetstream::Context) {
    let config = stream::Config {
        name: NAME.to_owned(),
        subjects: vec![format!("{NAME}.>")],
        num_replicas: 3,
        ..stream::Config::default()
    };
    let made = async {
        while let Err(error) = context.get_or_create_stream(config.clone()).await {
            println!("not yet: {error}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, made)
        .await
        .expect("a stream");
}

/// What is lost on the way would come again when the servers have waited for an acknowledgement in vain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_is_given_out_once() {
    let Some(servers) = servers() else {
        return;
    };
    let address = servers[0].url();
    let client = async_nats::connect(&address).await.expect("connected");
    let context = jetstream::new(client);
    stream(&context).await;
    let config = pull::Config {
        max_ack_pending: 100_000,
        ack_wait: ACK_WAIT,
        num_replicas: 3,
        ..consumer()
    };
    let made = context.create_consumer_on_stream(config, NAME).await;
    let mut consumer = made.expect("a consumer");
    for _ in 0..MESSAGES / 100 {
        let sent =
            (0..100).map(|_| context.publish(format!("{NAME}.web"), vec![b'x'; BYTES].into()));
        let stored = try_join_all(sent).await.expect("sent");
        let stored = stored.into_iter().map(IntoFuture::into_future);
        try_join_all(stored).await.expect("stored");
    }
    let options = NatsInputOptions {
        connection: ConnectionOptions {
            servers: vec![address],
            ..ConnectionOptions::default()
        },
        stream: NAME.to_owned(),
        consumer: "segue".to_owned(),
        limits: Limits::default(),
        ..NatsInputOptions::default()
    };
    let input = NatsInput::open(options).await.expect("opened");
    let records = take(&input, MESSAGES).await;
    let again = records.iter().filter(|one| one.deliveries != Some(1));
    let given_out = consumer.info().await.expect("said").delivered;
    assert_eq!(
        (again.count(), given_out.consumer_sequence),
        (0, MESSAGES as u64),
        "messages that came again, and how many were given out"
    );
    settle(&input, &records).await;
    assert_eq!(input.lag().await, Ok(Some(0)));
}
