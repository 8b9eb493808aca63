//! Writes rejected records to topics of their own.

use std::time::Duration;

use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::error::InputError;
use crate::input::Rejection;
use crate::kafka::config;
use crate::kafka::errors;
use crate::kafka::options::KafkaInputOptions;
use crate::record::Payload;
use crate::rejected::{LEFT_OUT_HEADER, POSITION_HEADER, REASON_HEADER, one_line};

/// How long a record waits for room in the producer.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn producer(options: &KafkaInputOptions) -> Result<FutureProducer, InputError> {
    config::producer(options)
        .create()
        .map_err(|error| errors::setup(&error))
}

/// Writes it, and waits until all replicas that are in sync have it.
pub(crate) async fn reject(
    producer: &FutureProducer,
    rejection: Rejection,
) -> Result<(), InputError> {
    let topic = format!("{}.segue-dead", rejection.position.partition.name);
    let position = rejection.position.to_string();
    let reason = one_line(&rejection.reason);
    let headers = OwnedHeaders::new()
        .insert(header(POSITION_HEADER, &position))
        .insert(header(REASON_HEADER, &reason));
    let bytes = match &rejection.payload {
        Payload::Bytes(bytes) => Some(bytes.as_ref()),
        Payload::Tombstone => None,
    };
    let result = match send(producer, &topic, headers.clone(), bytes).await {
        Err(error) if errors::is_too_large(&error) => {
            let length = rejection.payload.len().to_string();
            let headers = headers.insert(header(LEFT_OUT_HEADER, &length));
            send(producer, &topic, headers, None).await
        }
        result => result,
    };
    result.map_err(|error| errors::rejecting(&error, &topic))
}

async fn send(
    producer: &FutureProducer,
    topic: &str,
    headers: OwnedHeaders,
    payload: Option<&[u8]>,
) -> KafkaResult<()> {
    let mut record = FutureRecord::<(), [u8]>::to(topic).headers(headers);
    if let Some(payload) = payload {
        record = record.payload(payload);
    }
    let sent: Result<_, (KafkaError, _)> = producer.send(record, QUEUE_TIMEOUT).await;
    sent.map(drop).map_err(|(error, _)| error)
}

fn header<'a>(key: &'a str, value: &'a str) -> Header<'a, &'a str> {
    Header {
        key,
        value: Some(value),
    }
}
