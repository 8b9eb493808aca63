//! Topics of a broker that speaks Kafka's protocol.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use conversions_input::kafka::{KafkaInput, KafkaInputOptions, Sasl, SaslMechanism};
use conversions_input::{Arrival, Checkpoints, Input, InputError, Limits, Payload, Start};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::fixture::{Fixture, Promises, Rejected, settle, take, take_for, text, texts};
use crate::kafka_broker::Broker;
use crate::process::free_port;

pub(crate) const PARTITIONS: u32 = 4;
const GONE_WITHIN: Duration = Duration::from_secs(1);

/// A topic with a group.
pub(crate) struct Kafka {
    pub(crate) broker: Broker,
    producer: FutureProducer,
    pub(crate) options: KafkaInputOptions,
    topic: String,
}

async fn kafka(case: &str) -> Option<Kafka> {
    Some(kafka_at(Broker::start()?, case).await)
}

/// A topic of this name at a broker.
pub(crate) async fn kafka_at(broker: Broker, case: &str) -> Kafka {
    let topic = format!("{case}{}", broker.suffix);
    broker.create(&topic, PARTITIONS).await;
    broker.create(&format!("{topic}.segue-dead"), 1).await;
    let producer = broker.config().create().expect("a producer");
    let options = KafkaInputOptions {
        brokers: vec![broker.address.clone()],
        topics: vec![topic.clone()],
        group: format!("{topic}-group"),
        session_timeout: Duration::from_secs(6),
        commit_interval: Duration::from_millis(300),
        ..KafkaInputOptions::default()
    };
    Kafka {
        broker,
        producer,
        options,
        topic,
    }
}

impl Kafka {
    pub(crate) async fn try_open(
        &self,
        change: impl FnOnce(&mut KafkaInputOptions),
    ) -> Result<KafkaInput, InputError> {
        let mut options = self.options.clone();
        change(&mut options);
        KafkaInput::open(options).await
    }
}

#[async_trait]
impl Fixture for Kafka {
    fn promises(&self) -> Promises {
        Promises {
            is_contiguous: true,
            checkpoints: true,
            partitions: PARTITIONS,
            comes_again_within: Duration::from_secs(2),
            gone_within: GONE_WITHIN,
            commits_within: Duration::from_secs(1),
        }
    }

    async fn open(&self, limits: Limits) -> Arc<dyn Input> {
        let opened = self.try_open(|options| options.limits = limits).await;
        Arc::new(opened.expect("opened"))
    }

    async fn open_after(&self, checkpoints: Arc<dyn Checkpoints>) -> Arc<dyn Input> {
        let opened = self
            .try_open(|options| options.checkpoints = Some(checkpoints))
            .await;
        Arc::new(opened.expect("opened"))
    }

    async fn produce(&self, partition: u32, payload: Payload) {
        let mut record = FutureRecord::<[u8], [u8]>::to(&self.topic)
            .partition(i32::try_from(partition).expect("few"))
            .key(b"key");
        if let Payload::Bytes(bytes) = &payload {
            record = record.payload(bytes);
        }
        let sent = self.producer.send(record, Duration::from_secs(5)).await;
        sent.map_err(|(error, _)| error).expect("stored");
    }

    async fn rejected(&self) -> Vec<Rejected> {
        let topic = format!("{}.segue-dead", self.topic);
        let reader: BaseConsumer = self
            .broker
            .config()
            .set("group.id", format!("{topic}-reader"))
            .set("auto.offset.reset", "earliest")
            .create()
            .expect("a reader");
        let mut list = rdkafka::TopicPartitionList::new();
        list.add_partition_offset(&topic, 0, rdkafka::Offset::Beginning)
            .expect("added");
        reader.assign(&list).expect("assigned");
        let mut rejected = Vec::new();
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while std::time::Instant::now() < until {
            let message = match reader.poll(Duration::from_millis(500)) {
                Some(message) => message.expect("read"),
                None if rejected.is_empty() => continue,
                None => break,
            };
            let header = |name: &str| {
                let headers = message.headers()?;
                let found = headers.iter().find(|header| header.key == name)?;
                found
                    .value
                    .map(|value| String::from_utf8_lossy(value).into_owned())
            };
            rejected.push(Rejected {
                position: header("segue-position").unwrap_or_default(),
                reason: header("segue-reason").unwrap_or_default(),
                left_out: header("segue-left-out"),
                payload: message.payload().unwrap_or_default().to_vec(),
            });
        }
        rejected
    }
}

crate::suite::suite!(kafka);

#[tokio::test]
async fn a_group_that_is_new_begins_where_it_is_told_to() {
    let Some(kafka) = kafka("begins").await else {
        return;
    };
    kafka.produce(0, text("old")).await;
    let earliest = kafka.open(Limits::default()).await;
    assert_eq!(texts(&take(&*earliest, 1).await), ["old"]);
    let latest = kafka.try_open(|options| {
        options.group = "late".to_owned();
        options.start = Start::Latest;
    });
    let latest = latest.await.expect("opened");
    // The group has begun once its member says how far behind it is.
    for _ in 0..50 {
        if latest.lag().await.expect("known").is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    kafka.produce(0, text("new")).await;
    assert_eq!(texts(&take(&latest, 1).await), ["new"]);
}

#[tokio::test]
async fn what_is_missing_or_refused_is_a_sentence() {
    let Some(kafka) = kafka("missing").await else {
        return;
    };
    let nowhere = kafka
        .try_open(|options| options.topics = vec!["nowhere".to_owned()])
        .await;
    assert_eq!(
        nowhere.expect_err("refused").to_string(),
        "the topic nowhere cannot be read: it does not exist, or this user may not describe it; check its name and what \
         the user may do"
    );
    let nobody =
        kafka.try_open(|options| options.brokers = vec![format!("127.0.0.1:{}", free_port())]);
    let said = nobody.await.expect_err("refused").to_string();
    assert!(
        said.starts_with("no broker answers at 127.0.0.1:"),
        "{said}"
    );
    let no_group = kafka
        .try_open(|options| options.group = String::new())
        .await;
    assert_eq!(
        no_group.expect_err("refused").to_string(),
        "the input cannot be opened: it needs a group and at least one topic"
    );
}

#[tokio::test]
async fn a_password_is_shown_nowhere() {
    let Some(kafka) = kafka("secret").await else {
        return;
    };
    let sasl = Sasl {
        mechanism: SaslMechanism::ScramSha512,
        username: "someone".to_owned(),
        password: "hunter2".into(),
    };
    let mut options = kafka.options.clone();
    options.sasl = Some(sasl);
    assert!(!format!("{options:?}").contains("hunter2"));
    let said = KafkaInput::open(options)
        .await
        .expect_err("the broker has no SASL");
    assert!(!said.to_string().contains("hunter2"), "{said}");
    assert!(!format!("{said:?}").contains("hunter2"), "{said:?}");
}

#[tokio::test]
async fn a_member_reads_several_topics() {
    let Some(kafka) = kafka("several").await else {
        return;
    };
    let other = format!("{}-other", kafka.topic);
    kafka.broker.create(&other, 1).await;
    kafka.produce(1, text("one")).await;
    let record = FutureRecord::<[u8], _>::to(&other).payload("two");
    let sent = kafka.producer.send(record, Duration::from_secs(5)).await;
    sent.map_err(|(error, _)| error).expect("stored");
    let input = kafka
        .try_open(|options| options.topics.push(other.clone()))
        .await
        .expect("opened");
    let records = take(&input, 2).await;
    let places: BTreeSet<_> = records
        .iter()
        .map(|record| record.position.to_string())
        .collect();
    let expected = [format!("{}/1 at 0", kafka.topic), format!("{other}/0 at 0")];
    assert_eq!(places, BTreeSet::from(expected));
    settle(&input, &records).await;
    input.leave().await.expect("left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_settled_when_its_partition_goes_comes_to_the_other_member() {
    let Some(kafka) = kafka("goes").await else {
        return;
    };
    for number in 0..20 {
        kafka
            .produce(number % PARTITIONS, text(&number.to_string()))
            .await;
    }
    let open = || kafka.try_open(|options| options.revoke_wait = Duration::from_millis(500));
    let first = open().await.expect("opened");
    let in_flight = take(&first, 20).await;
    let second = open().await.expect("opened");
    let firsts = async {
        let mut revoked = BTreeSet::new();
        let until = tokio::time::Instant::now() + Duration::from_secs(12);
        while let Ok(next) = tokio::time::timeout_at(until, first.next()).await {
            if let Ok(Arrival::Revoked { partitions, .. }) = next {
                revoked.extend(partitions);
            }
        }
        revoked
    };
    let (revoked, seconds) = tokio::join!(firsts, take_for(&second, Duration::from_secs(12)));
    assert!(
        !revoked.is_empty(),
        "no partition went to the second member"
    );
    // The second member has what the first did not settle in time, each record from the first one on.
    assert!(!seconds.is_empty(), "the second member got nothing");
    let oldest: BTreeSet<_> = seconds
        .iter()
        .filter(|record| record.position.offset == 0)
        .map(|record| record.position.partition.clone())
        .collect();
    let of_second: BTreeSet<_> = seconds
        .iter()
        .map(|record| record.position.partition.clone())
        .collect();
    assert_eq!(oldest, of_second);
    // That the first settles it now moves nothing: the second may still fail.
    settle(&first, &in_flight).await;
    first.leave().await.expect("left");
    drop(second);
    tokio::time::sleep(GONE_WITHIN).await;
    let third = kafka.open(Limits::default()).await;
    let again = take(&*third, of_second.len() * 5).await;
    let of_third: BTreeSet<_> = again
        .iter()
        .map(|record| record.position.partition.clone())
        .collect();
    assert_eq!(of_third, of_second);
}
