//! Messages of a `JetStream` stream (feature `nats`).
//!
//! Members of a group pull from one durable consumer; each message goes to one of them, and to another one when its
//! member says nothing for the consumer's `ack_wait`. Each message is acknowledged by itself, so that after a restart exactly
//! those come again that were not settled. What comes again comes after newer messages.
//!
//! A process that stood still for longer than `ack_wait`, or was cut off, hands out nothing of what another member may have
//! by then, and gives nothing of it back; [`Input::take_expired`] says what the caller should drop.

mod held;
mod options;
mod reader;
mod reject;
mod shared;
mod source;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_nats::Subject;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_trait::async_trait;
use conversions_nats::{Answer, ConnectError, HoldTiming, Puller, answer, give_back};
use futures_util::{StreamExt as _, stream};
use tokio::task::JoinHandle;

use crate::error::InputError;
use crate::input::{Arrival, Input, Rejection};
use crate::position::{Partition, Position};
use held::Held;
use shared::Shared;

pub use conversions_nats::{ConnectionOptions, Credentials, TlsOptions};
pub use options::NatsInputOptions;

/// Acknowledgements on their way at once.
const AT_ONCE: usize = 256;
/// How long an answer of the servers may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a pull stays open at most. Leaving waits for its end.
const LONGEST_PULL: Duration = Duration::from_secs(2);
/// A pull that is open ends within this time.
const PULL_ENDS_WITHIN: Duration = Duration::from_secs(4);

/// An [`Input`] that reads a `JetStream` stream.
///
/// ```no_run
/// use conversions_input::Input;
/// use conversions_input::nats::{NatsInput, NatsInputOptions};
///
/// # async fn example() -> Result<(), conversions_input::InputError> {
/// let input = NatsInput::open(NatsInputOptions {
///     stream: "ORDERS".to_owned(),
///     consumer: "segue".to_owned(),
///     create: true,
///     ..NatsInputOptions::default()
/// })
/// .await?;
/// println!("{:?} messages wait", input.lag().await?);
/// # Ok(())
/// # }
/// ```
pub struct NatsInput {
    shared: Arc<Shared>,
    consumer: String,
    /// Pulls, and keeps.
    tasks: Mutex<Option<[JoinHandle<()>; 2]>>,
}

impl NatsInput {
    /// Connects, looks for the stream and its consumer, and begins to read.
    ///
    /// # Errors
    ///
    /// [`InputError`] when no server answers, the credentials are refused, or the stream or its consumer is missing or
    /// promises less than it should.
    pub async fn open(options: NatsInputOptions) -> Result<Self, InputError> {
        let context = connect(&options).await?;
        let consumer = source::consumer(&context, &options).await?;
        let timing = HoldTiming::of(source::ack_wait(&consumer));
        let client = context.client();
        let puller = Puller::new(client, &options.stream, &options.consumer);
        let partition = Partition::of_stream(options.stream);
        let shared = Arc::new(Shared::new(
            context,
            partition,
            Held::new(options.limits, timing),
        ));
        let tasks = [
            tokio::spawn(reader::pull(
                Arc::clone(&shared),
                puller,
                timing.pull_for(LONGEST_PULL),
            )),
            tokio::spawn(reader::keep(Arc::clone(&shared), timing.look_every)),
        ];
        Ok(Self {
            shared,
            consumer: options.consumer,
            tasks: Mutex::new(Some(tasks)),
        })
    }

    fn take_tasks(&self) -> Option<[JoinHandle<()>; 2]> {
        self.tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Acknowledges messages, and waits until the server has confirmed it. Returns the number of those it did not confirm.
    async fn confirm(&self, messages: Vec<(u64, Subject)>) -> usize {
        let client = self.shared.context.client();
        let requests = messages.into_iter().map(|(sequence, reply)| {
            let client = client.clone();
            async move {
                let done = Answer::Acknowledged;
                let is_confirmed = answer(&client, reply, done, REQUEST_TIMEOUT).await;
                if is_confirmed {
                    self.shared.held().acknowledged(sequence);
                }
                usize::from(!is_confirmed)
            }
        });
        let requests: Vec<_> = requests.collect();
        let failed = stream::iter(requests).buffer_unordered(AT_ONCE);
        failed.fold(0, async |sum, failed| sum + failed).await
    }
}

async fn connect(options: &NatsInputOptions) -> Result<Context, InputError> {
    let connecting = conversions_nats::connect(&options.connection, REQUEST_TIMEOUT).await;
    let client = connecting.map_err(|error| match error {
        ConnectError::Access => InputError::Access {
            reason: error.to_string(),
        },
        ConnectError::Unreachable { servers, reason } => InputError::Connect {
            brokers: servers,
            reason,
        },
        _ => InputError::Options {
            reason: error.to_string(),
        },
    })?;
    let context = ContextBuilder::new()
        .timeout(REQUEST_TIMEOUT)
        .ack_timeout(REQUEST_TIMEOUT);
    Ok(context.build(client))
}

impl Drop for NatsInput {
    fn drop(&mut self) {
        for task in self.take_tasks().into_iter().flatten() {
            task.abort();
        }
    }
}

/// The stream and its consumer.
impl fmt::Debug for NatsInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsInput")
            .field("stream", &self.shared.partition.name)
            .field("consumer", &self.consumer)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Input for NatsInput {
    async fn next(&self) -> Result<Arrival, InputError> {
        loop {
            let mut arrived = std::pin::pin!(self.shared.arrived.notified());
            arrived.as_mut().enable();
            self.shared.check()?;
            let next = self.shared.held().next(Instant::now());
            if let Some(next) = next {
                return next.map(Arrival::Records);
            }
            arrived.await;
        }
    }

    async fn settle(&self, positions: &[Position]) -> Result<(), InputError> {
        let messages = {
            self.shared.check()?;
            let held = self.shared.held();
            let own = positions
                .iter()
                .filter(|position| position.partition == self.shared.partition);
            // Those that another member may have too: what is done here need not be done again there.
            held.replies(own.map(|position| position.offset))
        };
        let unconfirmed = self.confirm(messages).await;
        self.shared.room.notify_one();
        if unconfirmed == 0 {
            return Ok(());
        }
        Err(InputError::Unavailable {
            reason: format!(
                "{unconfirmed} acknowledgements were not confirmed; these messages may come again"
            ),
        })
    }

    async fn reject(&self, rejection: Rejection) -> Result<(), InputError> {
        self.shared.check()?;
        reject::reject(&self.shared.context, &self.shared.partition.name, rejection).await
    }

    fn take_expired(&self, positions: &[Position]) -> Vec<Position> {
        let own = positions
            .iter()
            .filter(|position| position.partition == self.shared.partition);
        let offsets = own.map(|position| position.offset);
        let expired = self.shared.held().take_expired(offsets, Instant::now());
        if !expired.is_empty() {
            self.shared.room.notify_one();
        }
        let partition = &self.shared.partition;
        expired
            .into_iter()
            .map(|offset| partition.at(offset))
            .collect()
    }

    fn pause(&self) {
        self.shared.held().set_paused(true);
    }

    fn resume(&self) {
        self.shared.held().set_paused(false);
        self.shared.room.notify_one();
        self.shared.arrived.notify_one();
    }

    async fn lag(&self) -> Result<Option<u64>, InputError> {
        let found = self
            .shared
            .context
            .get_consumer_from_stream::<async_nats::jetstream::consumer::pull::Config, _, _>(
                &self.consumer,
                &self.shared.partition.name,
            )
            .await;
        let consumer = found.map_err(|error| InputError::Unavailable {
            reason: format!(
                "JetStream says nothing of the consumer {}: {error}",
                self.consumer
            ),
        })?;
        let info = consumer.cached_info();
        Ok(Some(
            info.num_pending.saturating_add(info.num_ack_pending as u64),
        ))
    }

    async fn leave(&self) -> Result<(), InputError> {
        let Some([mut pull, keep]) = self.take_tasks() else {
            return Err(InputError::Left);
        };
        self.shared.begin_leaving();
        if tokio::time::timeout(PULL_ENDS_WITHIN, &mut pull)
            .await
            .is_err()
        {
            pull.abort();
        }
        keep.abort();
        let replies = self.shared.held().fresh_replies(Instant::now());
        self.shared.end_leaving();
        let client = self.shared.context.client();
        for reply in replies {
            give_back(&client, reply, None).await;
        }
        client
            .flush()
            .await
            .map_err(|error| InputError::Unavailable {
                reason: format!("what is not settled comes again later: {error}"),
            })
    }
}
