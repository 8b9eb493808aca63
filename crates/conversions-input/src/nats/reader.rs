//! The tasks of a member: one pulls messages while there is room, one says that those in hand are being worked on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::Message;
use async_nats::jetstream::Message as JetStreamMessage;
use conversions_nats::{Answer, PullEnd, PullRequest, Pulled, Puller, answer};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::error::InputError;
use crate::nats::REQUEST_TIMEOUT;
use crate::nats::shared::Shared;
use crate::record::{Payload, Record};

/// Between two attempts when nobody answers.
const PAUSE: Duration = Duration::from_millis(500);
/// How long to wait before looking for room again, should a sign of it be missed.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Signs of life on their way at once.
const AT_ONCE: usize = 256;

/// Pulls until the input is left.
pub(crate) async fn pull(shared: Arc<Shared>, mut puller: Puller, open_for: Duration) {
    while !shared.is_leaving() {
        let room = shared.held().room();
        let Some((messages, bytes)) = room else {
            let _ = tokio::time::timeout(LOOK_AGAIN, shared.room.notified()).await;
            continue;
        };
        let request = PullRequest {
            messages,
            bytes: Some(bytes),
            open_for,
        };
        let brought = match pull_once(&shared, &mut puller, request).await {
            // The next message may be larger than what was asked for: then it comes alone.
            Ok(Brought::Refused) => {
                let alone = PullRequest {
                    messages: 1,
                    bytes: None,
                    open_for,
                };
                pull_once(&shared, &mut puller, alone).await
            }
            brought => brought,
        };
        match brought {
            Ok(Brought::Refused) => {
                shared
                    .fail("the consumer refuses to hand out messages; check that it still exists");
                tokio::time::sleep(PAUSE).await;
            }
            Ok(Brought::All) => shared.held().recover(),
            Err(reason) => {
                shared.fail(reason);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// What one pull brought.
enum Brought {
    /// Messages, or what there was in its time.
    All,
    /// Nothing, and it ended with something else than the end of its time.
    Refused,
}

async fn pull_once(
    shared: &Shared,
    puller: &mut Puller,
    request: PullRequest,
) -> Result<Brought, &'static str> {
    let mut is_empty = true;
    let end = if puller.ask(request).await {
        loop {
            match puller.next().await {
                Pulled::Message { message, asked_at } => {
                    is_empty = false;
                    take(shared, message, asked_at);
                }
                Pulled::End(end) => break end,
            }
        }
    } else {
        PullEnd::Unanswered
    };
    if !shared.is_connected() {
        return Err("the connection is lost");
    }
    Ok(match end {
        PullEnd::Cut | PullEnd::Refused | PullEnd::Unanswered if is_empty => Brought::Refused,
        _ => Brought::All,
    })
}

fn take(shared: &Shared, message: Message, asked_at: Instant) {
    let context = shared.context.clone();
    let message = JetStreamMessage { message, context };
    let Ok(info) = message.info() else { return };
    let position = shared.partition.at(info.stream_sequence);
    let deliveries = u64::try_from(info.delivered).ok();
    let published = Timestamp::from_nanosecond(info.published.unix_timestamp_nanos()).ok();
    let message = message.message;
    let payload = if message.payload.is_empty() {
        Payload::Tombstone
    } else {
        Payload::Bytes(message.payload)
    };
    let mut record = Record::new(position, payload);
    record.timestamp = published;
    record.deliveries = deliveries;
    if let Some(reply) = message.reply {
        shared.held().push(record, reply, asked_at);
        shared.arrived.notify_one();
    }
}

/// Says in time that messages in hand are worked on, so that no other member gets them. What the server does not confirm
/// counts as lost in the end.
pub(crate) async fn keep(shared: Arc<Shared>, look_every: Duration) {
    loop {
        tokio::time::sleep(look_every).await;
        let due = shared.held().due_for_sign(Instant::now());
        let client = shared.context.client();
        let signs = due.into_iter().map(|(sequence, reply)| {
            let (client, shared) = (client.clone(), Arc::clone(&shared));
            async move {
                let sent_at = Instant::now();
                if answer(&client, reply, Answer::Working, REQUEST_TIMEOUT).await {
                    let answered_at = Instant::now();
                    shared.held().confirm(sequence, sent_at, answered_at);
                }
            }
        });
        let signs: Vec<_> = signs.collect();
        let signs = stream::iter(signs).buffer_unordered(AT_ONCE);
        signs.for_each(|()| async {}).await;
    }
}

impl Shared {
    /// Notes that nothing comes, and logs it when that is news.
    fn fail(&self, reason: &str) {
        let error = InputError::Unavailable {
            reason: format!("nothing comes from the stream {}: {reason}", self.partition),
        };
        let message = error.to_string();
        if self.held().fail(error) {
            tracing::warn!("{message}");
            self.arrived.notify_one();
        }
    }
}
