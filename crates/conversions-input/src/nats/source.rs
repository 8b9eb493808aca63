//! The stream and its consumer: found, checked, and made when that is allowed.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{Config, DiscardPolicy, Stream};
use async_nats::jetstream::{Context, ErrorCode};

use crate::error::InputError;
use crate::nats::options::NatsInputOptions;
use crate::start::Start;

/// Of a consumer that is made here.
const ACK_WAIT: Duration = Duration::from_mins(1);
/// Messages that all members of a group may have in hand together, of a consumer that is made here.
const MAX_IN_HAND: i64 = 100_000;

/// The stream for rejected messages.
pub(crate) fn dead_stream(stream: &str) -> String {
    format!("{stream}-segue-dead")
}

/// The subject of rejected messages. It does not begin with the name of the stream, or a stream that takes `ORDERS.>` would
/// read again what it rejects.
pub(crate) fn dead_subject(stream: &str) -> String {
    format!("segue-dead.{stream}")
}

/// Finds the consumer, or makes it.
pub(crate) async fn consumer(
    context: &Context,
    options: &NatsInputOptions,
) -> Result<PullConsumer, InputError> {
    let stream = stream(context, options).await?;
    let consumer = match stream.consumer_info(&options.consumer).await {
        Ok(_) => stream.get_consumer(&options.consumer).await.map_err(|_| {
            broken(
                options,
                "it pushes messages instead of letting members pull them",
            )
        })?,
        Err(error)
            if error.kind() == async_nats::jetstream::context::ConsumerInfoErrorKind::NotFound =>
        {
            if !options.create {
                return Err(broken(
                    options,
                    "it does not exist; make it, with explicit acknowledgement, or allow that it is made",
                ));
            }
            let made = stream.create_consumer(new_consumer(options)).await;
            made.map_err(|error| broken(options, &format!("it cannot be made: {error}")))?
        }
        Err(error) => {
            return Err(InputError::Unavailable {
                reason: format!(
                    "JetStream says nothing of the consumer {}: {error}",
                    options.consumer
                ),
            });
        }
    };
    let config = &consumer.cached_info().config;
    if config.ack_policy != AckPolicy::Explicit {
        return Err(broken(
            options,
            "it must have explicit acknowledgement: with any other, a message that is not settled would count as done",
        ));
    }
    if config.max_deliver > 0 {
        return Err(broken(
            options,
            &format!(
                "it gives up a message after {} deliveries, silently; set its max_deliver to -1",
                config.max_deliver
            ),
        ));
    }
    Ok(consumer)
}

/// How long the server waits for a sign of life before another member gets a message. With `backoff` it waits for different
/// times: the shortest counts.
pub(crate) fn ack_wait(consumer: &PullConsumer) -> Duration {
    let config = &consumer.cached_info().config;
    let shortest = config.backoff.iter().min().copied();
    shortest.unwrap_or(config.ack_wait)
}

async fn stream(context: &Context, options: &NatsInputOptions) -> Result<Stream, InputError> {
    let name = &options.stream;
    let stream = context.get_stream(name).await.map_err(|error| {
        let what = format!("the stream {name}");
        match error.kind() {
            GetStreamErrorKind::JetStream(answer)
                if answer.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                InputError::Source {
                    what,
                    reason: format!("it does not exist; check the name, or make it with `nats stream add {name}`"),
                }
            }
            GetStreamErrorKind::EmptyName | GetStreamErrorKind::InvalidStreamName => InputError::Source {
                what,
                reason: "a name of a stream has no spaces, dots, * or >".to_owned(),
            },
            _ => InputError::Unavailable {
                reason: format!("JetStream says nothing of {what}: {error}"),
            },
        }
    })?;
    if options.create {
        let rejected = Config {
            name: dead_stream(name),
            subjects: vec![dead_subject(name)],
            discard: DiscardPolicy::New,
            num_replicas: stream.cached_info().config.num_replicas,
            ..Config::default()
        };
        let made = context.get_or_create_stream(rejected).await;
        made.map_err(|error| InputError::Source {
            what: format!(
                "the stream {}, which keeps rejected messages,",
                dead_stream(name)
            ),
            reason: format!("it cannot be made: {error}"),
        })?;
    }
    Ok(stream)
}

fn new_consumer(options: &NatsInputOptions) -> pull::Config {
    pull::Config {
        durable_name: Some(options.consumer.clone()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_deliver: -1,
        max_ack_pending: MAX_IN_HAND,
        deliver_policy: match options.start {
            Start::Earliest => DeliverPolicy::All,
            Start::Latest => DeliverPolicy::New,
        },
        filter_subject: options.subject.clone().unwrap_or_default(),
        ..pull::Config::default()
    }
}

fn broken(options: &NatsInputOptions, reason: &str) -> InputError {
    InputError::Source {
        what: format!(
            "the consumer {} of the stream {}",
            options.consumer, options.stream
        ),
        reason: reason.to_owned(),
    }
}
