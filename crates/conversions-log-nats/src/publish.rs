//! Publishing until the broker has confirmed it, or it makes no sense to wait longer.

use std::error::Error as _;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::context::{PublishError as NatsError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{Context, ErrorCode};
use bytes::Bytes;
use conversions_delivery::LogError;
use tokio::time::Instant;

use crate::telemetry;

/// How long a message is published again and again, each time with the same id. A sender waits that long for its answer.
const GIVE_UP_AFTER: Duration = Duration::from_secs(8);
/// Between two attempts: a new leader is elected within seconds.
const PAUSE: Duration = Duration::from_millis(200);

/// A message to publish.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) subject: String,
    /// By which the broker drops a repetition.
    pub(crate) id: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

/// What the broker has confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirmed {
    /// It has the message, under this sequence number.
    Stored(u64),
    /// It had a message with this id before.
    Duplicate,
}

/// Why a message is not known to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The stream is full.
    Full,
    /// The broker did not answer, or cannot take anything now. It may have the message.
    Unavailable(String),
}

impl From<Refused> for LogError {
    fn from(refused: Refused) -> Self {
        Self::Unavailable {
            reason: match refused {
                Refused::Full => "the stream is full".to_owned(),
                Refused::Unavailable(reason) => reason,
            },
        }
    }
}

/// Publishes a message until it is confirmed, for eight seconds at most.
pub(crate) async fn publish(context: &Context, outgoing: &Outgoing) -> Result<Confirmed, Refused> {
    publish_since(context, outgoing, Instant::now()).await
}

/// Publishes a message that somebody has waited for since a while, which counts towards the eight seconds.
pub(crate) async fn publish_since(
    context: &Context,
    outgoing: &Outgoing,
    started: Instant,
) -> Result<Confirmed, Refused> {
    let mut is_first = true;
    let result = loop {
        match attempt(context, outgoing).await {
            Ok((sequence, is_duplicate)) => {
                // A repetition finds what the attempt before has stored, whose confirmation was lost.
                break Ok(if is_duplicate && is_first {
                    Confirmed::Duplicate
                } else {
                    Confirmed::Stored(sequence)
                });
            }
            Err(Refused::Full) => break Err(Refused::Full),
            Err(unavailable) if started.elapsed() + PAUSE > GIVE_UP_AFTER => {
                break Err(unavailable);
            }
            Err(_) => {
                is_first = false;
                tokio::time::sleep(PAUSE).await;
            }
        }
    };
    let outcome = match &result {
        Ok(Confirmed::Stored(_)) => "stored",
        Ok(Confirmed::Duplicate) => "duplicate",
        Err(Refused::Full) => "full",
        Err(Refused::Unavailable(_)) => "unavailable",
    };
    telemetry::published(outcome, started.elapsed());
    result
}

async fn attempt(context: &Context, outgoing: &Outgoing) -> Result<(u64, bool), Refused> {
    let message = PublishMessage::build()
        .headers(outgoing.headers.clone())
        .message_id(&outgoing.id)
        .payload(outgoing.payload.clone());
    let sent = context
        .send_publish(outgoing.subject.clone(), message)
        .await;
    let confirmed = match sent {
        Ok(confirmed) => confirmed.await,
        Err(error) => Err(error),
    };
    match confirmed {
        Ok(ack) => Ok((ack.sequence, ack.duplicate)),
        Err(error) => Err(refused(&error)),
    }
}

fn refused(error: &NatsError) -> Refused {
    let answer = error
        .source()
        .and_then(|source| source.downcast_ref::<async_nats::jetstream::Error>());
    if let Some(answer) = answer {
        let code = answer.error_code();
        // "Store failed" is also what a damaged disk says; its words tell them apart.
        let is_limit =
            code == ErrorCode::STREAM_STORE_FAILED && answer.to_string().contains("maximum");
        if is_limit
            || code == ErrorCode::INSUFFICIENT_RESOURCES
            || code == ErrorCode::STORAGE_RESOURCES_EXCEEDED
        {
            return Refused::Full;
        }
        return Refused::Unavailable(format!("JetStream answers {answer}"));
    }
    Refused::Unavailable(match error.kind() {
        PublishErrorKind::StreamNotFound => {
            "no stream takes the message: it has no leader at the moment, or `segue log create` has not made it".to_owned()
        }
        PublishErrorKind::TimedOut => "JetStream does not confirm in time".to_owned(),
        _ => error.to_string(),
    })
}
