//! Publishes messages with ids, as many at once as are wished, each until it is confirmed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_nats::jetstream::Context;
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use conversions_delivery::frame_codec::{self, Codec};

use crate::{Failure, RAW_SUBJECT, events_of, find};

/// Messages that are read, and published repeatedly.
const TEMPLATES: u64 = 500;

/// How the raw client writes its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they are stored: compressed from some kilobytes on.
    Stored,
    /// Not compressed.
    Plain,
}

impl std::str::FromStr for Form {
    type Err = Failure;

    fn from_str(name: &str) -> Result<Self, Failure> {
        match name {
            "stored" => Ok(Self::Stored),
            "plain" => Ok(Self::Plain),
            _ => Err("the form is `stored` or `plain`".into()),
        }
    }
}

struct Template {
    subject: String,
    payload: Bytes,
    events: u64,
}

#[expect(clippy::print_stdout, reason = "xtask reads the figures")]
pub(crate) async fn run(
    context: &Context,
    from: &str,
    form: Form,
    seconds: u64,
    in_flight: usize,
) -> Result<(), Failure> {
    let templates = Arc::new(templates(context, from, form).await?);
    let (next, run) = (Arc::new(AtomicUsize::new(0)), fastrand::u64(..));
    let start = Instant::now();
    let until = start + Duration::from_secs(seconds);
    let publishers = (0..in_flight).map(|_| {
        let (context, templates, next) =
            (context.clone(), Arc::clone(&templates), Arc::clone(&next));
        tokio::spawn(async move {
            let (mut messages, mut events) = (0_u64, 0_u64);
            while Instant::now() < until {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(template) = templates.get(number % templates.len().max(1)) else {
                    break;
                };
                let message = PublishMessage::build()
                    .payload(template.payload.clone())
                    .message_id(format!("{run:016x}{number:016x}"));
                let sent = context.send_publish(template.subject.clone(), message);
                sent.await?.await?;
                messages += 1;
                events += template.events;
            }
            Ok::<_, Failure>((messages, events))
        })
    });
    let (mut messages, mut events) = (0, 0);
    for publisher in publishers.collect::<Vec<_>>() {
        let published = publisher.await??;
        messages += published.0;
        events += published.1;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(r#"{{"requests":{messages},"events":{events},"seconds":{seconds}}}"#);
    Ok(())
}

/// The last messages of a stream.
async fn templates(context: &Context, from: &str, form: Form) -> Result<Vec<Template>, Failure> {
    let stream = find(context, from).await?;
    let last = stream.cached_info().state.last_sequence;
    let mut templates = Vec::new();
    for sequence in last.saturating_sub(TEMPLATES - 1).max(1)..=last {
        // Gaps are messages that were delivered.
        let Ok(message) = stream.get_raw_message(sequence).await else {
            continue;
        };
        let events = events_of(&message.subject);
        templates.push(Template {
            subject: format!("{RAW_SUBJECT}.{events}"),
            payload: match form {
                Form::Stored => message.payload,
                Form::Plain => plain(&message.payload)?,
            },
            events,
        });
    }
    if templates.is_empty() {
        return Err(format!("the stream {from} has no messages").into());
    }
    Ok(templates)
}

/// The frames of a message, not compressed.
fn plain(message: &Bytes) -> Result<Bytes, Failure> {
    let (mut written, mut rest) = (Vec::new(), message.clone());
    while !rest.is_empty() {
        let read = frame_codec::read(&rest).map_err(|_| "a message cannot be read")?;
        for piece in &read.pieces {
            piece.write(Codec::None, &mut written);
        }
        rest = rest.slice(read.length.clamp(1, rest.len())..);
    }
    Ok(written.into())
}
