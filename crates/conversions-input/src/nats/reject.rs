//! Writes rejected messages to a stream of their own.

use std::error::Error as _;

use async_nats::HeaderMap;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{Context, ErrorCode};
use bytes::Bytes;

use crate::error::InputError;
use crate::input::Rejection;
use crate::nats::source::{dead_stream, dead_subject};
use crate::record::Payload;
use crate::rejected::{LEFT_OUT_HEADER, POSITION_HEADER, REASON_HEADER, one_line};

/// Publishes it and waits until it is stored.
pub(crate) async fn reject(
    context: &Context,
    stream: &str,
    rejection: Rejection,
) -> Result<(), InputError> {
    let mut headers = HeaderMap::new();
    headers.insert(POSITION_HEADER, rejection.position.to_string());
    headers.insert(REASON_HEADER, one_line(&rejection.reason));
    let bytes = match rejection.payload {
        Payload::Bytes(bytes) => bytes,
        Payload::Tombstone => Bytes::new(),
    };
    let length = bytes.len();
    match publish(context, stream, headers.clone(), bytes).await {
        Err(error) if is_too_large(&error) => {
            headers.insert(LEFT_OUT_HEADER, length.to_string());
            let again = publish(context, stream, headers, Bytes::new()).await;
            again.map_err(|error| failed(stream, &error))
        }
        result => result.map_err(|error| failed(stream, &error)),
    }
}

async fn publish(
    context: &Context,
    stream: &str,
    headers: HeaderMap,
    payload: Bytes,
) -> Result<(), PublishError> {
    // Should the subject belong to another stream, it must not go there: it might be the one that is read.
    let message = PublishMessage::build()
        .headers(headers)
        .expected_stream(dead_stream(stream))
        .payload(payload);
    let sent = context.send_publish(dead_subject(stream), message).await?;
    sent.await.map(drop)
}

fn answer(error: &PublishError) -> Option<&async_nats::jetstream::Error> {
    error.source()?.downcast_ref()
}

fn is_too_large(error: &PublishError) -> bool {
    error.kind() == PublishErrorKind::MaxPayloadExceeded
        || answer(error)
            .is_some_and(|answer| answer.error_code() == ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM)
}

fn failed(stream: &str, error: &PublishError) -> InputError {
    let reason = match (error.kind(), answer(error)) {
        (PublishErrorKind::StreamNotFound, _) => format!(
            "no stream takes it; make one with `nats stream add {} --subjects {}`",
            dead_stream(stream),
            dead_subject(stream),
        ),
        (PublishErrorKind::TimedOut, _) => "JetStream does not confirm in time".to_owned(),
        (_, Some(answer)) => format!("JetStream answers {answer}"),
        (kind, None) => kind.to_string(),
    };
    InputError::Reject {
        place: dead_subject(stream),
        reason,
    }
}
