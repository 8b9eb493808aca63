//! Records of Kafka topics (feature `kafka`), of Kafka itself and of what speaks its protocol.
//!
//! A member of a consumer group reads the partitions that the group gives it. A thread of its own polls the client, so that
//! the member stays in the group while its caller waits, is paused, or has nothing settled for days. Positions
//! are committed each second, never past a record that is not settled, and never by the client itself.
//!
//! The client is librdkafka, which is built from source: that takes `make`, a C and a C++ compiler, `python3`, and
//! OpenSSL's headers (`libssl-dev` and `pkg-config` on Debian). `OPENSSL_STATIC=1` links OpenSSL into the program.

mod config;
mod context;
mod errors;
mod options;
mod poller;
mod reject;
mod shared;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::producer::FutureProducer;
use tokio::sync::oneshot;

use crate::error::InputError;
use crate::input::{Arrival, Input, Rejection};
use crate::position::Position;
use crate::start::Start;
use context::Context;
use shared::Shared;

pub use options::{KafkaInputOptions, KafkaTls, Sasl, SaslMechanism};

/// How long brokers have to answer when an input is opened.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REASON_COMES_WITHIN: Duration = Duration::from_secs(1);

/// An [`Input`] that is a member of a consumer group.
///
/// ```no_run
/// use conversions_input::Input;
/// use conversions_input::kafka::{KafkaInput, KafkaInputOptions};
///
/// # async fn example() -> Result<(), conversions_input::InputError> {
/// let input = KafkaInput::open(KafkaInputOptions {
///     brokers: vec!["127.0.0.1:9092".to_owned()],
///     topics: vec!["segment.events".to_owned()],
///     group: "segue".to_owned(),
///     ..KafkaInputOptions::default()
/// })
/// .await?;
/// println!("{:?} records wait", input.lag().await?);
/// # Ok(())
/// # }
/// ```
pub struct KafkaInput {
    shared: Arc<Shared>,
    /// Made when a record is rejected for the first time.
    producer: OnceLock<FutureProducer>,
    /// What the polling thread said when it ended.
    ended: Mutex<Option<oneshot::Receiver<Result<(), InputError>>>>,
}

impl KafkaInput {
    /// Connects, looks for the topics, and joins the group.
    ///
    /// # Errors
    ///
    /// [`InputError`] when no broker answers, access is refused, a topic is missing, or an option cannot be used.
    pub async fn open(options: KafkaInputOptions) -> Result<Self, InputError> {
        let opening = tokio::task::spawn_blocking(move || open(options));
        opening.await.map_err(|_| InputError::Fatal {
            reason: "the program ends".to_owned(),
        })?
    }

    fn producer(&self) -> Result<&FutureProducer, InputError> {
        if let Some(producer) = self.producer.get() {
            return Ok(producer);
        }
        let made = reject::producer(&self.shared.options)?;
        Ok(self.producer.get_or_init(|| made))
    }
}

fn open(options: KafkaInputOptions) -> Result<KafkaInput, InputError> {
    if options.topics.is_empty() || options.group.is_empty() {
        return Err(InputError::Options {
            reason: "it needs a group and at least one topic".to_owned(),
        });
    }
    let shared = Arc::new(Shared::new(options));
    let options = &shared.options;
    let context = Context {
        shared: Arc::clone(&shared),
    };
    let consumer: BaseConsumer<Context> = config::consumer(options)
        .create_with_context(context)
        .map_err(|error| errors::setup(&error))?;
    find_topics(&shared, &consumer)?;
    let topics: Vec<&str> = options.topics.iter().map(String::as_str).collect();
    consumer
        .subscribe(&topics)
        .map_err(|error| errors::setup(&error))?;
    let (sender, ended) = oneshot::channel();
    let polling = Arc::clone(&shared);
    std::thread::Builder::new()
        .name("kafka-poll".to_owned())
        .spawn(move || {
            let _ = sender.send(poller::run(&polling, consumer));
        })
        .map_err(|error| InputError::Fatal {
            reason: format!("no thread can be started: {error}"),
        })?;
    Ok(KafkaInput {
        shared,
        producer: OnceLock::new(),
        ended: Mutex::new(Some(ended)),
    })
}

/// Fails when a topic is missing, or no broker says.
fn find_topics(shared: &Shared, consumer: &BaseConsumer<Context>) -> Result<(), InputError> {
    for topic in &shared.options.topics {
        let found = consumer.fetch_metadata(Some(topic), CONNECT_TIMEOUT);
        let metadata = found.map_err(|error: KafkaError| {
            // The reason, such as a password that is refused, is an event of the client, which may come a little later.
            let until = Instant::now() + REASON_COMES_WITHIN;
            while !shared.has_reason() && Instant::now() < until {
                let _ = consumer.poll(Duration::from_millis(50));
            }
            errors::connecting(&error, shared.take_trouble(), &shared.options)
        })?;
        let partitions = metadata
            .topics()
            .iter()
            .filter(|found| found.name() == topic && found.error().is_none())
            .map(|found| found.partitions().len())
            .sum::<usize>();
        if partitions == 0 {
            return Err(InputError::Source {
                what: format!("the topic {topic}"),
                reason: "it does not exist, or this user may not describe it; check its name and what the user may do".to_owned(),
            });
        }
    }
    Ok(())
}

impl Drop for KafkaInput {
    fn drop(&mut self) {
        self.shared.abandon();
    }
}

/// The topics and the group.
impl fmt::Debug for KafkaInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaInput")
            .field("topics", &self.shared.options.topics)
            .field("group", &self.shared.options.group)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Input for KafkaInput {
    async fn next(&self) -> Result<Arrival, InputError> {
        loop {
            let mut arrived = std::pin::pin!(self.shared.arrived.notified());
            // Listening begins before looking, so that nothing that comes in between is missed.
            arrived.as_mut().enable();
            self.shared.check()?;
            let next = self.shared.state().next();
            if let Some(next) = next {
                return next;
            }
            arrived.await;
        }
    }

    async fn settle(&self, positions: &[Position]) -> Result<(), InputError> {
        self.shared.check()?;
        let is_news = self.shared.state().intake.settle(positions);
        if is_news {
            self.shared.notify_settled();
        }
        Ok(())
    }

    async fn reject(&self, rejection: Rejection) -> Result<(), InputError> {
        self.shared.check()?;
        reject::reject(self.producer()?, rejection).await
    }

    fn pause(&self) {
        self.shared.state().intake.set_paused(true);
    }

    fn resume(&self) {
        self.shared.state().intake.set_paused(false);
        self.shared.arrived.notify_one();
    }

    async fn lag(&self) -> Result<Option<u64>, InputError> {
        let is_latest = self.shared.options.start == Start::Latest;
        let state = self.shared.state();
        let mut sum = None;
        for (partition, position) in state.intake.positions() {
            let Some(ends) = state.ends.get(&partition) else {
                continue;
            };
            let begin = if is_latest { ends.high } else { ends.low };
            let behind = ends.high.saturating_sub(position.unwrap_or(begin));
            sum = Some(sum.unwrap_or(0_u64).saturating_add(behind));
        }
        Ok(sum)
    }

    async fn leave(&self) -> Result<(), InputError> {
        let ended = self
            .ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(ended) = ended else {
            return Err(InputError::Left);
        };
        self.shared.leave();
        ended.await.unwrap_or_else(|_| {
            Err(InputError::Fatal {
                reason: "the thread that polls has ended".to_owned(),
            })
        })
    }
}
