//! The dead letters of a namespace, for operators: also while no node runs.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::RawMessageErrorKind;
use bytes::Bytes;
use conversions_delivery::frame_codec::StoredFrame;
use conversions_delivery::{
    DeadLetter, DeadLetterCounts, DeadLetterStore, EventKey, Filter, LogError, UnixMillis,
    letter_codec,
};
use conversions_transport::{Frame, FrameEntry, FrameHeader};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use crate::blocking::Blocking;
use crate::error::OpenError;
use crate::names::Namespace;
use crate::options::NatsLogOptions;
use crate::publish::{Outgoing, publish};
use crate::{backlogs, connection, message, status};

/// Letters that are read at once.
const PAGE: usize = 500;
/// For how long reading is tried again, and how often.
const TRY_FOR: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(200);

/// Dead letters on `JetStream`. A letter's id is its sequence number there.
///
/// A replay happens at once, whether or not a node runs: the event goes back into its destination's stream, then the
/// letter is removed. Its methods block, and must not be called where a runtime polls tasks.
#[derive(Debug)]
pub struct NatsDeadLetters {
    context: Context,
    namespace: Namespace,
    blocking: Blocking,
}

impl NatsDeadLetters {
    /// Connects, with a thread of its own for the connection.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the cluster cannot be reached.
    pub fn open(options: &NatsLogOptions) -> Result<Self, OpenError> {
        let (context, blocking) = connection::connect_blocking(options)?;
        Ok(Self::over(context, options.namespace.clone(), blocking))
    }

    /// With the connection of a log, whose runtime has to stay.
    pub(crate) fn over(context: Context, namespace: Namespace, blocking: Blocking) -> Self {
        Self {
            context,
            namespace,
            blocking,
        }
    }

    /// A consumer that begins at the oldest letter, and is gone half a minute after its last use.
    async fn reader(&self) -> Result<PullConsumer, LogError> {
        let config = pull::Config {
            ack_policy: AckPolicy::None,
            deliver_policy: DeliverPolicy::All,
            filter_subject: self.namespace.all_dead_letters(),
            inactive_threshold: Duration::from_secs(30),
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let stream = self.namespace.dead_letter_stream();
        let consumer = self
            .context
            .create_consumer_on_stream(config, &stream)
            .await;
        consumer.map_err(|error| unreadable(&error))
    }

    /// The next letters. A consumer that has just been made may have no leader for a moment, as after a server has died:
    /// so what fails is tried again for some seconds.
    async fn read_page(&self, reader: &PullConsumer) -> Result<Vec<DeadLetter>, LogError> {
        let until = Instant::now() + TRY_FOR;
        loop {
            match self.try_read_page(reader).await {
                Err(_) if Instant::now() < until => tokio::time::sleep(PAUSE).await,
                page => return page,
            }
        }
    }

    async fn try_read_page(&self, reader: &PullConsumer) -> Result<Vec<DeadLetter>, LogError> {
        let page = reader.fetch().max_messages(PAGE).messages().await;
        let mut page = page.map_err(|error| unreadable(&error))?;
        let mut letters = Vec::new();
        while let Some(message) = page.next().await {
            let message = match message {
                Ok(message) => message,
                // The letters before it do not come again: the next page is about what is wrong.
                Err(_) if !letters.is_empty() => break,
                Err(error) => return Err(unreadable(&error)),
            };
            let sequence = message.info().map(|info| info.stream_sequence);
            let sequence = sequence.map_err(|error| unreadable(&error))?;
            // One that cannot be read is shown as it is: it must not end the list.
            let letter = letter_codec::read(EventKey(sequence), &message.payload);
            letters.push(letter.unwrap_or_else(|| {
                letter_codec::unreadable(EventKey(sequence), message.payload.clone())
            }));
        }
        Ok(letters)
    }

    async fn read_one(&self, id: EventKey) -> Result<Option<DeadLetter>, LogError> {
        let bytes = self.read_bytes(id).await?;
        Ok(bytes.and_then(|bytes| letter_codec::read(id, &bytes)))
    }

    async fn read_bytes(&self, id: EventKey) -> Result<Option<Bytes>, LogError> {
        let stream = self
            .context
            .get_stream_no_info(self.namespace.dead_letter_stream())
            .await;
        let stream = stream.map_err(|error| unreadable(&error))?;
        match stream.get_raw_message(id.0).await {
            Ok(message) => Ok(Some(message.payload)),
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(unreadable(&error)),
        }
    }

    async fn remove_one(&self, id: EventKey) -> Result<(), LogError> {
        let stream = self
            .context
            .get_stream_no_info(self.namespace.dead_letter_stream())
            .await;
        let stream = stream.map_err(|error| unreadable(&error))?;
        match stream.delete_message(id.0).await {
            Ok(_) => Ok(()),
            Err(error) => match stream.get_raw_message(id.0).await {
                Err(gone) if gone.kind() == RawMessageErrorKind::NoMessageFound => Ok(()),
                _ => Err(unreadable(&error)),
            },
        }
    }

    /// Makes an event of a letter, then removes the letter. A letter that is gone was replayed or removed by another.
    async fn replay_one(&self, id: EventKey, now: UnixMillis) -> Result<(), LogError> {
        let Some(bytes) = self.read_bytes(id).await? else {
            return Ok(());
        };
        let Some(letter) = letter_codec::read(id, &bytes) else {
            return Ok(());
        };
        let names = self.namespace.destination(&letter.destination);
        let Some(frame) = frame_of(&letter, letter_codec::event_key(&bytes).map(|key| key.0))
        else {
            return Ok(());
        };
        let stored = StoredFrame {
            first_key: EventKey(0),
            accepted_at: now,
            input: None,
            frame,
        };
        let outgoing = Outgoing {
            subject: names.events_subject(1),
            id: format!("replay-{}-{}", names.dead_letters, id.0),
            headers: HeaderMap::new(),
            payload: message::write([&stored]),
        };
        publish(&self.context, &outgoing).await?;
        self.remove_one(id).await
    }
}

impl DeadLetterStore for NatsDeadLetters {
    fn visit(
        &self,
        filter: &Filter,
        visitor: &mut dyn FnMut(DeadLetter) -> ControlFlow<()>,
    ) -> Result<u64, LogError> {
        let reader = self.blocking.wait(self.reader())?;
        let mut visited = 0;
        loop {
            let page = self.blocking.wait(self.read_page(&reader))?;
            if page.is_empty() {
                return Ok(visited);
            }
            for letter in page.into_iter().filter(|letter| filter.passes(letter)) {
                visited += 1;
                if visitor(letter).is_break() {
                    return Ok(visited);
                }
            }
        }
    }

    fn get(&self, id: EventKey) -> Result<Option<DeadLetter>, LogError> {
        self.blocking.wait(self.read_one(id))
    }

    fn counts(&self) -> Result<DeadLetterCounts, LogError> {
        self.blocking.wait(async {
            let names = backlogs::destinations(&self.context, &self.namespace).await?;
            status::letter_counts(&self.context, &self.namespace, &names).await
        })
    }

    fn remove(&self, ids: &[EventKey]) -> Result<(), LogError> {
        self.blocking.wait(async {
            for id in ids {
                self.remove_one(*id).await?;
            }
            Ok(())
        })
    }

    fn request_replay(&self, ids: &[EventKey], now: UnixMillis) -> Result<(), LogError> {
        self.blocking.wait(async {
            for id in ids {
                self.replay_one(*id, now).await?;
            }
            Ok(())
        })
    }

    fn awaiting_replay(&self) -> Result<u64, LogError> {
        Ok(0)
    }
}

/// The event of a letter as a frame of its own.
fn frame_of(letter: &DeadLetter, replay_of: Option<u64>) -> Option<Frame> {
    let header = FrameHeader {
        test_event_code: letter.test_event_code.clone(),
        replay_of,
        ..FrameHeader::new(Arc::clone(&letter.destination))
    };
    let entry = FrameEntry {
        end: u32::try_from(letter.event.len()).ok()?,
        max_age: u32::try_from(letter.max_age.as_secs()).unwrap_or(u32::MAX),
        event_time: letter.event_time,
        line: letter.line.and_then(std::num::NonZeroU64::new),
        dedup_key: None,
    };
    Frame::from_parts(Arc::new(header), letter.event.clone(), vec![entry]).ok()
}

fn unreadable(error: &impl std::fmt::Display) -> LogError {
    LogError::Unavailable {
        reason: format!("the dead letters cannot be read or changed: {error}"),
    }
}
