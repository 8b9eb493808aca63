//! A broker that speaks Kafka's protocol: Tansu, or one of one's own.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde_json::{Value, json};

use crate::broker::Place;
use crate::link::{Link, Passing};
use crate::nats::free_port;
use crate::programs::KafkaAt;

const PARTITIONS: i32 = 4;
/// How long the broker has for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Topics of a broker that outlives the tests have names that were not used before.
static TOPICS: AtomicU32 = AtomicU32::new(0);

/// A topic of its own, with a topic for what is rejected.
pub(crate) struct KafkaBroker {
    address: String,
    topic: String,
    producer: FutureProducer,
    written: u64,
    _process: Option<Process>,
    /// Before Tansu. A broker of one's own is not cut off.
    link: Option<Link>,
}

/// A broker that ends when this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What stands in the topic of rejected records.
#[derive(Debug)]
pub(crate) struct Dead {
    pub(crate) position: String,
    pub(crate) reason: String,
}

impl KafkaBroker {
    pub(crate) async fn start(at: &KafkaAt) -> Self {
        let (address, process, link) = match at {
            KafkaAt::Address(address) => (address.clone(), None, None),
            KafkaAt::Tansu(program) => {
                let (port, advertised) = (free_port(), free_port());
                let url = |port: u16| format!("tcp://127.0.0.1:{port}");
                let link = Link::open(advertised, port).await;
                let process = Command::new(program)
                    .args(["broker", "--listener-url", &url(port)])
                    .args(["--advertised-listener-url", &url(advertised)])
                    .args(["--storage-engine", "memory://tansu/"])
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("started");
                let address = format!("127.0.0.1:{advertised}");
                (address, Some(Process(process)), Some(link))
            }
        };
        let number = TOPICS.fetch_add(1, Ordering::Relaxed);
        let topic = format!("segue-test-{}-{number}", std::process::id());
        let producer = config(&address).create().expect("a producer");
        let broker = Self {
            address,
            topic,
            producer,
            written: 0,
            _process: process,
            link,
        };
        broker.create_topics().await;
        broker
    }

    async fn create_topics(&self) {
        let admin: AdminClient<DefaultClientContext> =
            config(&self.address).create().expect("a client");
        let dead = format!("{}.segue-dead", self.topic);
        let topics = [(&self.topic, PARTITIONS), (&dead, 1)].map(|(name, partitions)| {
            NewTopic::new(name, partitions, TopicReplication::Fixed(1))
                .set("max.message.bytes", "20000000")
        });
        let started = Instant::now();
        for topic in &topics {
            loop {
                let made = admin.create_topics([topic], &AdminOptions::new()).await;
                match made {
                    Ok(results) if results.iter().all(Result::is_ok) => break,
                    result => assert!(started.elapsed() < PATIENCE, "no topic: {result:?}"),
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    /// Ends all connections, and takes new ones after a while.
    pub(crate) async fn cut(&self, pause: Duration) {
        if let Some(link) = &self.link {
            link.set(Passing::Nothing);
            tokio::time::sleep(pause).await;
            link.set(Passing::All);
        }
    }

    pub(crate) fn input(&self) -> Value {
        json!({
            "kind": "kafka", "brokers": [self.address], "topics": [self.topic], "group": "segue",
            // A killed member is missed after this long, and Tansu lets a member wait for half of it.
            "session_timeout_seconds": 6, "allow_plaintext": true,
        })
    }

    /// Writes records into all partitions in turn.
    pub(crate) async fn publish(&mut self, records: &[Option<Vec<u8>>]) -> Vec<Place> {
        let mut confirmed = Vec::with_capacity(records.len());
        for record in records {
            let partition = i32::try_from(self.written % 4).expect("few");
            self.written += 1;
            let mut sent = FutureRecord::<[u8], [u8]>::to(&self.topic)
                .partition(partition)
                .key(b"key");
            if let Some(payload) = record {
                sent = sent.payload(payload);
            }
            let queued = self.producer.send_result(sent);
            confirmed.push(queued.map_err(|(error, _)| error).expect("room"));
        }
        let mut places = Vec::with_capacity(records.len());
        for confirmed in confirmed {
            let delivery = confirmed.await.expect("an answer");
            let delivery = delivery.map_err(|(error, _)| error).expect("stored");
            let partition = u32::try_from(delivery.partition).expect("a partition");
            places.push((
                partition,
                u64::try_from(delivery.offset).expect("an offset"),
            ));
        }
        places
    }

    /// The offset that the group has committed in each partition; 0 where it has none.
    pub(crate) async fn positions(&self, group: &str) -> BTreeMap<u32, u64> {
        let mut config = config(&self.address);
        config.set("group.id", group);
        let topic = self.topic.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let consumer: BaseConsumer = config.create().expect("an onlooker");
            let mut list = TopicPartitionList::new();
            list.add_partition_range(&topic, 0, PARTITIONS - 1);
            consumer.committed_offsets(list, PATIENCE)
        });
        let committed = asked.await.expect("no panic").expect("an answer");
        let elements = committed.elements().into_iter().map(|element| {
            let offset = match element.offset() {
                Offset::Offset(offset) => u64::try_from(offset).unwrap_or(0),
                _ => 0,
            };
            (
                u32::try_from(element.partition()).expect("a partition"),
                offset,
            )
        });
        elements.collect()
    }

    /// What was rejected so far: all that stands before a record that is written now. Tansu now and then shows the last
    /// record of a partition, which it has confirmed, only after the next one, so a mark is written until one is seen.
    pub(crate) async fn dead(&self) -> Vec<Dead> {
        let mut config = config(&self.address);
        config.set("group.id", "onlooker");
        let topic = format!("{}.segue-dead", self.topic);
        let producer = self.producer.clone();
        let read = tokio::task::spawn_blocking(move || {
            let consumer: BaseConsumer = config.create().expect("an onlooker");
            let mut list = TopicPartitionList::new();
            list.add_partition_offset(&topic, 0, Offset::Beginning)
                .expect("added");
            consumer.assign(&list).expect("assigned");
            let mut dead = Vec::new();
            let started = Instant::now();
            loop {
                assert!(started.elapsed() < PATIENCE, "{} came", dead.len());
                let Some(message) = consumer.poll(Duration::from_millis(500)) else {
                    let mark = FutureRecord::<[u8], [u8]>::to(&topic).payload(b"mark");
                    drop(producer.send_result(mark));
                    continue;
                };
                let message = message.expect("read");
                let header = |name: &str| {
                    let headers = message.headers()?;
                    let found = headers.iter().find(|header| header.key == name)?;
                    Some(String::from_utf8_lossy(found.value?).into_owned())
                };
                let Some(position) = header("segue-position") else {
                    return dead;
                };
                let reason = header("segue-reason").expect("a reason");
                dead.push(Dead { position, reason });
            }
        });
        read.await.expect("no panic")
    }

    /// How a record of this topic is named.
    pub(crate) fn name_of(&self, (partition, offset): Place) -> String {
        format!("{}/{partition} at {offset}", self.topic)
    }
}

fn config(address: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", address)
        .set("fetch.message.max.bytes", "20000000")
        .set("message.max.bytes", "20000000");
    config
}
