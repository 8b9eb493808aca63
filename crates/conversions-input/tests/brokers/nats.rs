//! A stream of a real NATS server.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{self, stream};
use async_trait::async_trait;
use conversions_input::nats::{ConnectionOptions, NatsInput, NatsInputOptions};
use conversions_input::{Checkpoints, Input, InputError, Limits, Payload, Start};
use conversions_nats::test_server::TestServer;
use futures_util::StreamExt as _;

use crate::fixture::{Fixture, Promises, Rejected, settle, take, text, texts};
use crate::process::free_port;

const LARGE_MESSAGES: &str = "max_payload: 16MB";
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(4);

/// A stream of this name with a consumer.
pub(crate) struct Nats {
    pub(crate) server: TestServer,
    pub(crate) context: jetstream::Context,
    pub(crate) options: NatsInputOptions,
}

async fn without_consumer(case: &str) -> Option<Nats> {
    let server = TestServer::start(LARGE_MESSAGES)?;
    let address = server.url();
    let client = async_nats::connect(&address).await.expect("connected");
    let context = jetstream::new(client);
    let made = context.create_stream(stream::Config {
        name: case.to_owned(),
        subjects: vec![format!("{case}.>")],
        ..stream::Config::default()
    });
    made.await.expect("a stream");
    let options = NatsInputOptions {
        connection: ConnectionOptions {
            servers: vec![address],
            ..ConnectionOptions::default()
        },
        stream: case.to_owned(),
        consumer: "segue".to_owned(),
        create: true,
        ..NatsInputOptions::default()
    };
    Some(Nats {
        server,
        context,
        options,
    })
}

pub(crate) fn consumer() -> pull::Config {
    pull::Config {
        durable_name: Some("segue".to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_deliver: -1,
        ..pull::Config::default()
    }
}

pub(crate) async fn nats(case: &str) -> Option<Nats> {
    let nats = without_consumer(case).await?;
    let made = nats
        .context
        .create_consumer_on_stream(consumer(), case)
        .await;
    made.expect("a consumer");
    Some(nats)
}

impl Nats {
    async fn try_open(
        &self,
        change: impl FnOnce(&mut NatsInputOptions),
    ) -> Result<NatsInput, InputError> {
        let mut options = self.options.clone();
        change(&mut options);
        NatsInput::open(options).await
    }
}

#[async_trait]
impl Fixture for Nats {
    fn promises(&self) -> Promises {
        Promises {
            is_contiguous: false,
            checkpoints: false,
            partitions: 1,
            comes_again_within: ACK_WAIT,
            gone_within: Duration::ZERO,
            commits_within: Duration::ZERO,
        }
    }

    async fn open(&self, limits: Limits) -> Arc<dyn Input> {
        let opened = self.try_open(|options| options.limits = limits).await;
        Arc::new(opened.expect("opened"))
    }

    async fn open_after(&self, _: Arc<dyn Checkpoints>) -> Arc<dyn Input> {
        self.open(Limits::default()).await
    }

    async fn produce(&self, _: u32, payload: Payload) {
        let payload = match payload {
            Payload::Bytes(bytes) => bytes,
            Payload::Tombstone => Vec::new().into(),
        };
        let sent = self
            .context
            .publish(format!("{}.web", self.options.stream), payload)
            .await;
        sent.expect("sent").await.expect("stored");
    }

    async fn rejected(&self) -> Vec<Rejected> {
        let name = format!("{}-segue-dead", self.options.stream);
        let stream = self
            .context
            .get_stream(name)
            .await
            .expect("the stream of rejected messages");
        let count = stream.cached_info().state.messages;
        let reader = stream
            .create_consumer(pull::Config::default())
            .await
            .expect("a reader");
        let mut messages = reader.messages().await.expect("messages");
        let mut rejected = Vec::new();
        for _ in 0..count {
            let message = messages.next().await.expect("one").expect("read");
            let headers = message.headers.clone().unwrap_or_default();
            let header = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
            rejected.push(Rejected {
                position: header("segue-position").unwrap_or_default(),
                reason: header("segue-reason").unwrap_or_default(),
                left_out: header("segue-left-out"),
                payload: message.payload.to_vec(),
            });
        }
        rejected
    }
}

crate::suite::suite!(nats);

/// What opening an input says, with these settings of its consumer.
async fn refusal(case: &str, config: pull::Config) -> Option<String> {
    let nats = without_consumer(case).await?;
    let made = nats.context.create_consumer_on_stream(config, case).await;
    made.expect("a consumer");
    let refused = nats.try_open(|_| {}).await;
    Some(refused.expect_err("refused").to_string())
}

#[tokio::test]
async fn a_consumer_that_gives_up_messages_is_refused() {
    let config = pull::Config {
        max_deliver: 5,
        ..consumer()
    };
    if let Some(said) = refusal("gives-up", config).await {
        assert!(
            said.contains("gives up a message after 5 deliveries"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_consumer_without_explicit_acknowledgement_is_refused() {
    let config = pull::Config {
        ack_policy: AckPolicy::All,
        ..consumer()
    };
    if let Some(said) = refusal("not-explicit", config).await {
        assert!(said.contains("explicit acknowledgement"), "{said}");
    }
}

#[tokio::test]
async fn what_is_missing_is_named_when_it_may_not_be_made() {
    let Some(nats) = without_consumer("missing").await else {
        return;
    };
    let consumer = nats
        .try_open(|options| options.create = false)
        .await
        .expect_err("refused");
    assert_eq!(
        consumer.to_string(),
        "the consumer segue of the stream missing cannot be read: it does not exist; make it, with explicit \
         acknowledgement, or allow that it is made"
    );
    let stream = nats
        .try_open(|options| options.stream = "nowhere".to_owned())
        .await;
    let said = stream.expect_err("refused").to_string();
    assert_eq!(
        said,
        "the stream nowhere cannot be read: it does not exist; check the name, or make it with `nats stream add nowhere`"
    );
    let nobody = nats.try_open(|options| {
        options.connection.servers = vec![format!("nats://me:secret@127.0.0.1:{}", free_port())];
    });
    let said = nobody.await.expect_err("refused").to_string();
    assert!(
        said.starts_with("no broker answers at nats://127.0.0.1:"),
        "{said}"
    );
    assert!(!said.contains("secret"), "{said}");
}

#[tokio::test]
async fn a_consumer_that_is_made_begins_where_it_is_told_to() {
    let Some(nats) = without_consumer("begins").await else {
        return;
    };
    nats.produce(0, text("old")).await;
    let latest = nats
        .try_open(|options| {
            options.consumer = "late".to_owned();
            options.start = Start::Latest;
        })
        .await
        .expect("opened");
    let earliest = nats.open(Limits::default()).await;
    nats.produce(0, text("new")).await;
    assert_eq!(texts(&take(&latest, 1).await), ["new"]);
    assert_eq!(texts(&take(&*earliest, 2).await), ["old", "new"]);
}

#[tokio::test]
async fn a_message_says_how_often_it_was_delivered() {
    let Some(nats) = nats("counted").await else {
        return;
    };
    nats.produce(0, text("one")).await;
    let first = nats.open(Limits::default()).await;
    assert_eq!(take(&*first, 1).await[0].deliveries, Some(1));
    first.leave().await.expect("left");
    let second = nats.open(Limits::default()).await;
    let again = take(&*second, 1).await;
    assert_eq!(again[0].deliveries, Some(2));
    settle(&*second, &again).await;
}

#[tokio::test]
async fn without_a_stream_for_them_nothing_is_rejected_silently() {
    let Some(nats) = nats("no-dead-stream").await else {
        return;
    };
    nats.produce(0, text("one")).await;
    let input = nats
        .try_open(|options| options.create = false)
        .await
        .expect("opened");
    let record = take(&input, 1).await.remove(0);
    let rejected = input.reject(conversions_input::Rejection {
        position: record.position,
        reason: "not JSON".to_owned(),
        payload: record.payload,
    });
    let said = rejected.await.expect_err("nothing keeps it").to_string();
    assert_eq!(
        said,
        "a rejected record cannot be written to segue-dead.no-dead-stream: no stream takes it; make one with \
         `nats stream add no-dead-stream-segue-dead --subjects segue-dead.no-dead-stream`"
    );
}
