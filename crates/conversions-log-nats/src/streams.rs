//! Makes the streams, and checks that they promise what the log promises.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, kv};

use crate::connection;
use crate::error::OpenError;
use crate::names::{CONSUMER, DestinationNames};
use crate::options::NatsLogOptions;
use crate::stream_info;

mod check;
pub(crate) use check::check;

/// Where a stream says which destination it is for.
pub(crate) const DESTINATION: &str = "segue_destination";
/// As many dead letters as there may be.
pub(crate) const MAX_DEAD_LETTERS: u64 = 1_000_000;
/// Within this time the broker drops a message whose id it has seen. Longer windows cost memory on every replica.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(2);
/// Messages that all nodes together may have in hand, for each destination.
const MAX_IN_HAND: i64 = 20_000;
/// How long a node's status is shown after its last sign of life.
const STATUS_LIVES_FOR: Duration = Duration::from_secs(30);

/// Makes the streams of these destinations, or changes them to what the options say. Takes credentials that may do so,
/// which `serve` does not need.
///
/// # Errors
///
/// [`OpenError`] when the cluster cannot be reached, or refuses.
pub async fn create_streams(
    options: &NatsLogOptions,
    destinations: &[String],
) -> Result<(), OpenError> {
    let context = connection::connect(options).await?;
    for destination in destinations {
        let names = options.namespace.destination(destination);
        make(&context, events_stream(options, &names, destination)).await?;
        make_consumer(&context, options, &names.events_stream, &names.events).await?;
        make(&context, later_stream(options, &names, destination)).await?;
        make_consumer(&context, options, &names.later_stream, &names.due).await?;
    }
    make(&context, dead_letter_stream(options)).await?;
    let bucket = kv::Config {
        bucket: options.namespace.status_bucket(),
        max_age: STATUS_LIVES_FOR,
        history: 1,
        storage: StorageType::Memory,
        num_replicas: options.replicas,
        ..kv::Config::default()
    };
    let made = context.create_or_update_key_value(bucket).await;
    made.map(drop).map_err(|error| OpenError::jetstream(&error))
}

/// Checks the streams of these destinations, as a node does when it starts.
///
/// # Errors
///
/// [`OpenError`] when the cluster cannot be reached, or something is missing or promises less than it should.
pub async fn check_streams(
    options: &NatsLogOptions,
    destinations: &[String],
) -> Result<(), OpenError> {
    let context = connection::connect(options).await?;
    check(&context, options, destinations).await
}

fn events_stream(options: &NatsLogOptions, names: &DestinationNames, destination: &str) -> Config {
    Config {
        name: names.events_stream.clone(),
        subjects: vec![format!("{}.*", names.events)],
        retention: RetentionPolicy::WorkQueue,
        // Full means refused: nothing that was acknowledged is dropped for something newer.
        discard: DiscardPolicy::New,
        max_bytes: limit(options.max_bytes),
        ..stream(options, destination)
    }
}

/// The broker refuses [`DiscardPolicy::New`] for streams with schedules, so this one has no limit.
fn later_stream(options: &NatsLogOptions, names: &DestinationNames, destination: &str) -> Config {
    Config {
        name: names.later_stream.clone(),
        subjects: vec![format!("{}.*", names.later), format!("{}.*", names.due)],
        retention: RetentionPolicy::WorkQueue,
        allow_message_schedules: true,
        ..stream(options, destination)
    }
}

fn dead_letter_stream(options: &NatsLogOptions) -> Config {
    Config {
        name: options.namespace.dead_letter_stream(),
        subjects: vec![options.namespace.all_dead_letters()],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        max_bytes: limit(options.dead_letter_bytes),
        max_messages: i64::try_from(MAX_DEAD_LETTERS).unwrap_or(i64::MAX),
        allow_direct: true,
        ..stream(options, "")
    }
}

/// What all streams have in common.
fn stream(options: &NatsLogOptions, destination: &str) -> Config {
    let metadata = [(DESTINATION.to_owned(), destination.to_owned())];
    Config {
        storage: StorageType::File,
        num_replicas: options.replicas,
        max_age: Duration::ZERO,
        max_bytes: -1,
        max_messages: -1,
        duplicate_window: DUPLICATE_WINDOW,
        metadata: if destination.is_empty() {
            HashMap::new()
        } else {
            HashMap::from(metadata)
        },
        ..Config::default()
    }
}

async fn make(context: &Context, config: Config) -> Result<(), OpenError> {
    let name = config.name.clone();
    let made = context.create_or_update_stream(config).await;
    made.map(drop).map_err(|error| OpenError::JetStream {
        reason: format!("the stream {name} cannot be made: {error}"),
    })
}

async fn make_consumer(
    context: &Context,
    options: &NatsLogOptions,
    stream: &str,
    subject: &str,
) -> Result<(), OpenError> {
    let config = pull::Config {
        durable_name: Some(CONSUMER.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: options.ack_wait,
        max_deliver: -1,
        max_ack_pending: MAX_IN_HAND,
        filter_subject: format!("{subject}.*"),
        ..pull::Config::default()
    };
    let made = context.create_consumer_on_stream(config, stream).await;
    made.map(drop).map_err(|error| OpenError::JetStream {
        reason: format!("the consumer of the stream {stream} cannot be made: {error}"),
    })
}

fn limit(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
