//! What streams must promise.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use conversions_delivery::LogError;
use serde::Deserialize;

use crate::names::CONSUMER;

use super::{NatsLogOptions, OpenError, stream_info};

/// The code in the broker's answer for a stream that is not there.
const MISSING: &str = "10059";
/// Fewer copies survive no loss of a server.
const LEAST_REPLICAS: usize = 3;

/// Sees whether every stream is there and promises enough.
///
/// # Errors
///
/// [`OpenError::Weak`] with a sentence for each finding; with `allow_weak` only for streams that are missing.
pub(crate) async fn check(
    context: &Context,
    options: &NatsLogOptions,
    destinations: &[String],
) -> Result<(), OpenError> {
    let mut findings = Vec::new();
    let mut consumers = Vec::new();
    let mut streams = vec![(
        options.namespace.dead_letter_stream(),
        RetentionPolicy::Limits,
        true,
    )];
    for destination in destinations {
        let names = options.namespace.destination(destination);
        consumers.extend([names.events_stream.clone(), names.later_stream.clone()]);
        streams.push((names.events_stream, RetentionPolicy::WorkQueue, true));
        streams.push((names.later_stream, RetentionPolicy::WorkQueue, false));
    }
    for (name, retention, is_bounded) in streams {
        match stream_info::read(context, &name, None).await {
            Ok(info) if options.allow_weak => drop(info),
            Ok(info) => findings.extend(weaknesses(&info.config, retention, is_bounded, options)),
            Err(LogError::Unavailable { reason }) if reason.contains(MISSING) => findings.push(
                format!("the stream {name} is missing: `segue log create` makes it"),
            ),
            Err(error) => return Err(OpenError::jetstream(&error)),
        }
    }
    if findings.is_empty() {
        for stream in consumers {
            findings.extend(consumer_weakness(context, &stream, options.ack_wait).await?);
        }
    }
    if findings.is_empty() {
        Ok(())
    } else {
        Err(OpenError::Weak(findings))
    }
}

/// What is wrong with the consumer of a stream: nodes have to know how long the broker waits for them.
async fn consumer_weakness(
    context: &Context,
    stream: &str,
    ack_wait: Duration,
) -> Result<Option<String>, OpenError> {
    let request = format!("CONSUMER.INFO.{stream}.{CONSUMER}");
    let answer = context.request(request, &serde_json::json!({})).await;
    let found: ConsumerInfo = match answer {
        Ok(Response::Ok(found)) => found,
        Ok(Response::Err { error }) => return Err(OpenError::jetstream(&error)),
        Err(error) => return Err(OpenError::jetstream(&error)),
    };
    let waits = Duration::from_nanos(found.config.ack_wait);
    Ok((waits != ack_wait).then(|| {
        format!(
            "the consumer of the stream {stream} waits {} seconds for a machine, and `ack_wait_seconds` says {}: run `segue log create` with the settings that all machines have",
            waits.as_secs(),
            ack_wait.as_secs()
        )
    }))
}

#[derive(Deserialize)]
struct ConsumerInfo {
    config: ConsumerConfig,
}

#[derive(Deserialize)]
struct ConsumerConfig {
    /// Nanoseconds.
    ack_wait: u64,
}

/// A sentence for each promise that a stream does not give.
fn weaknesses(
    config: &Config,
    retention: RetentionPolicy,
    is_bounded: bool,
    options: &NatsLogOptions,
) -> Vec<String> {
    let name = &config.name;
    let mut found = Vec::new();
    let replicas = options.replicas.max(LEAST_REPLICAS);
    if config.num_replicas < replicas {
        found.push(format!(
            "the stream {name} has {} replicas, and {replicas} are needed to lose a server and no event",
            config.num_replicas
        ));
    }
    if config.storage != StorageType::File {
        found.push(format!(
            "the stream {name} is in memory, and must be in files"
        ));
    }
    if config.retention != retention {
        found.push(format!(
            "the stream {name} has another retention than {retention:?}"
        ));
    }
    if is_bounded && config.discard != DiscardPolicy::New {
        found.push(format!(
            "the stream {name} drops old events when it is full, and must refuse new ones (discard: new)"
        ));
    }
    if config.max_age > Duration::ZERO {
        found.push(format!(
            "the stream {name} drops events after {} seconds, and must keep them (max_age: 0)",
            config.max_age.as_secs()
        ));
    }
    if !is_bounded && (config.max_bytes > 0 || config.max_messages > 0) {
        found.push(format!(
            "the stream {name} has a limit beyond which it drops events, and must have none"
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_weakness_has_a_sentence_of_its_own() {
        let options = NatsLogOptions::default();
        let names = options.namespace.destination("shop");
        let strong = super::super::events_stream(&options, &names, "shop");
        let found =
            |config: &Config| weaknesses(config, RetentionPolicy::WorkQueue, true, &options);
        assert!(found(&strong).is_empty());
        let weaker: [fn(&mut Config); 5] = [
            |config| config.num_replicas = 1,
            |config| config.storage = StorageType::Memory,
            |config| config.retention = RetentionPolicy::Interest,
            |config| config.discard = DiscardPolicy::Old,
            |config| config.max_age = Duration::from_mins(1),
        ];
        let mut sentences = std::collections::BTreeSet::new();
        for weaken in weaker {
            let mut config = strong.clone();
            weaken(&mut config);
            let found = found(&config);
            assert_eq!(found.len(), 1, "{found:?}");
            sentences.extend(found);
        }
        assert_eq!(sentences.len(), weaker.len());
        let later = super::super::later_stream(&options, &names, "shop");
        assert!(weaknesses(&later, RetentionPolicy::WorkQueue, false, &options).is_empty());
    }
}
