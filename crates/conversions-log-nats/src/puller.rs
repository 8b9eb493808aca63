//! Pulls messages of a destination into its hand, as long as there is room.
//!
//! All nodes pull from one consumer, and each message goes to one of them. A pull stays open for some seconds and
//! brings what is there and what comes meanwhile. Each pull has an inbox of its own, which says the earliest time at
//! which the broker can have given out a message: a node that stood still finds messages in its socket that another node
//! may have by then.
//!
//! The end of a pull overtakes its last messages: a replicated consumer sends a message when a majority knows that it is
//! given out, and the end at once. So the end says how many messages were not sent, and the inbox is open until the others
//! have come. What comes to a closed one is lost until `ack_wait` is over, and counts as given out. The inbox of a pull
//! that got no such end stays open during the next one, for messages that come late.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::{Client, HeaderMap, Message, StatusCode, Subscriber};
use bytes::Bytes;
use conversions_delivery::UnixMillis;
use conversions_nats::HoldTiming;
use futures_util::StreamExt as _;
use tokio::sync::watch;

use crate::hand::{Arrival, MessageId, Source};
use crate::lane::Lane;
use crate::message::{self, Opened};
use crate::names::CONSUMER;
use crate::shared::Shared;
use crate::{arrivals, damaged, poison, telemetry};

/// A destination has at most this many bytes of events in hand, and all together this many. Each may have one pull's
/// worth in any case.
const LANE_BYTES: usize = 16 << 20;
const ALL_BYTES: usize = 96 << 20;
/// What one pull brings at most.
const PULL_BYTES: usize = 4 << 20;
const PULL_MESSAGES: usize = 1000;
/// After this long without room, look again.
const LOOK_AGAIN: Duration = Duration::from_secs(4);
/// How long a pull stays open at most. When the server of a pull dies, this is how long nothing comes.
const LONGEST_PULL: Duration = Duration::from_secs(4);
/// A pull is lost when its end is late by this.
const END_MAY_BE_LATE: Duration = Duration::from_secs(2);
/// Between two attempts when nobody answers.
const PAUSE: Duration = Duration::from_millis(250);
/// The header of the end of a pull with the number of messages that were asked for and not sent.
const UNSENT_HEADER: &str = "Nats-Pending-Messages";
/// The header with the time from which on a deferred event may be leased, in Unix milliseconds.
pub(crate) const DUE_HEADER: &str = "Segue-Due";

/// Starts to pull for a destination, unless that has begun.
pub(crate) fn start(shared: &Arc<Shared>, lane: &Arc<Lane>) {
    if shared.is_closing() || lane.is_pulled.swap(true, Ordering::AcqRel) {
        return;
    }
    for source in [Source::Events, Source::Later] {
        let pulling = Pulling {
            shared: Arc::downgrade(shared),
            lane: Arc::clone(lane),
            source,
            client: shared.context.client(),
            closing: shared.closing(),
            timing: HoldTiming::of(shared.options.ack_wait),
        };
        shared.spawn(pulling.run());
    }
}

/// The task that pulls from one stream.
struct Pulling {
    shared: Weak<Shared>,
    lane: Arc<Lane>,
    source: Source,
    client: Client,
    closing: watch::Receiver<bool>,
    timing: HoldTiming,
}

/// A pull and its inbox.
struct Pull {
    messages: Subscriber,
    /// Nothing of it was given out before.
    asked_at: Instant,
}

/// How a pull ended.
enum PullEnd {
    /// All messages came that the broker sends.
    Over,
    /// Nobody answers.
    Unanswered,
    /// Messages of it may still come.
    Lost,
    /// The log is being closed, or was dropped.
    Closing,
}

impl Pulling {
    /// Pulls until the log is closed or dropped.
    async fn run(mut self) {
        let mut late = None;
        while !self.is_closing()
            && let Some(shared) = self.shared.upgrade()
        {
            if !has_room(&shared, &self.lane) {
                drop(shared);
                tokio::select! {
                    () = until_closing(&mut self.closing) => {}
                    () = self.lane.room.notified() => {}
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                }
                continue;
            }
            drop(shared);
            let Some(mut pull) = self.ask().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            match self.receive(&mut pull, &mut late).await {
                PullEnd::Over => late = None,
                PullEnd::Unanswered => tokio::time::sleep(PAUSE).await,
                PullEnd::Lost => late = Some(pull),
                PullEnd::Closing => self.give_back_rest(pull).await,
            }
        }
    }

    fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Opens a pull; `None` when there is no connection.
    async fn ask(&self) -> Option<Pull> {
        if self.client.connection_state() != State::Connected {
            return None;
        }
        let request = serde_json::json!({
            "batch": PULL_MESSAGES,
            "max_bytes": PULL_BYTES,
            "expires": u64::try_from(self.timing.pull_for(LONGEST_PULL).as_nanos()).unwrap_or(u64::MAX),
        });
        let stream = match self.source {
            Source::Events => &self.lane.names.events_stream,
            Source::Later => &self.lane.names.later_stream,
        };
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{CONSUMER}");
        let inbox = self.client.new_inbox();
        let messages = self.client.subscribe(inbox.clone()).await.ok()?;
        let asked_at = Instant::now();
        let body = Bytes::from(request.to_string());
        let asked = self.client.publish_with_reply(subject, inbox, body);
        asked.await.ok()?;
        Some(Pull { messages, asked_at })
    }

    /// Takes what a pull brings, and what comes late of the one before.
    async fn receive(&mut self, pull: &mut Pull, late: &mut Option<Pull>) -> PullEnd {
        let mut lost_at =
            tokio::time::Instant::now() + self.timing.pull_for(LONGEST_PULL) + END_MAY_BE_LATE;
        let mut left = PULL_MESSAGES;
        while left > 0 {
            let next = tokio::select! {
                biased;
                () = until_closing(&mut self.closing) => return PullEnd::Closing,
                Some((message, asked_at)) = next_late(late) => {
                    self.take(message, asked_at);
                    continue;
                }
                next = tokio::time::timeout_at(lost_at, pull.messages.next()) => next,
            };
            let Ok(next) = next else {
                return PullEnd::Lost;
            };
            let Some(message) = next else {
                return PullEnd::Unanswered;
            };
            if message.status == Some(StatusCode::NO_RESPONDERS) {
                return PullEnd::Unanswered;
            }
            if !is_content(message.status) {
                // Its time is over or its bytes are used up; or else the leader has changed, and nobody knows what comes.
                let Some(unsent) = unsent(message.headers.as_ref()) else {
                    return PullEnd::Lost;
                };
                left = left.saturating_sub(unsent);
                lost_at = lost_at.min(tokio::time::Instant::now() + END_MAY_BE_LATE);
                continue;
            }
            left -= 1;
            self.take(message, pull.asked_at);
        }
        PullEnd::Over
    }

    fn take(&self, message: Message, asked_at: Instant) {
        if let Some(shared) = self.shared.upgrade() {
            take(&shared, &self.lane, self.source, message, asked_at);
        }
    }

    /// What the broker has sent before it hears that nobody takes it any more goes back at once, unless another node may
    /// have it by now.
    async fn give_back_rest(&self, pull: Pull) {
        if pull.asked_at.elapsed() > self.timing.fresh_for {
            return;
        }
        let mut messages = pull.messages;
        let _ = messages.drain().await;
        while let Ok(Some(message)) = tokio::time::timeout(PAUSE, messages.next()).await {
            if let Some(reply) = message.reply.filter(|_| is_content(message.status)) {
                conversions_nats::give_back(&self.client, reply, None).await;
            }
        }
    }
}

async fn until_closing(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|is_closing| *is_closing).await;
}

/// The next message of a pull that was lost, and when that was asked for. `None` when there is none.
async fn next_late(late: &mut Option<Pull>) -> Option<(Message, Instant)> {
    let pull = late.as_mut()?;
    loop {
        let message = pull.messages.next().await?;
        if is_content(message.status) {
            return Some((message, pull.asked_at));
        }
    }
}

fn is_content(status: Option<StatusCode>) -> bool {
    status.is_none_or(|status| status == StatusCode::OK)
}

/// How many of the messages that were asked for the broker does not send, by the end of a pull.
fn unsent(headers: Option<&HeaderMap>) -> Option<usize> {
    headers?.get(UNSENT_HEADER)?.as_str().parse().ok()
}

fn has_room(shared: &Shared, lane: &Lane) -> bool {
    let own = lane.hand().bytes();
    own < PULL_BYTES || (own < LANE_BYTES && shared.bytes_in_hand() < ALL_BYTES)
}

/// Puts a message into the hand.
fn take(
    shared: &Arc<Shared>,
    lane: &Arc<Lane>,
    source: Source,
    message: Message,
    asked_at: Instant,
) {
    let Message {
        subject,
        payload,
        headers,
        reply: Some(reply),
        ..
    } = message
    else {
        return;
    };
    let Some((sequence, deliveries)) = delivery_of(&reply) else {
        return;
    };
    if deliveries > 1 {
        telemetry::redelivered(&lane.destination);
    }
    let base = match source {
        Source::Events => message::base_key(sequence),
        Source::Later => 0,
    };
    let (pieces, damaged) = match message::open(&payload, base) {
        Opened::Frames { pieces, damaged } => (pieces, damaged),
        Opened::UnknownVersion => {
            telemetry::unknown_version(&lane.destination);
            poison::keep_newer(shared, subject, payload, reply, deliveries);
            return;
        }
        Opened::Unreadable => {
            damaged::bury_message(shared, lane, base, payload, reply);
            return;
        }
    };
    let whole: usize = pieces.iter().map(|piece| piece.frame.len()).sum();
    let due = headers.and_then(|headers| {
        let due = headers.get(DUE_HEADER)?.as_str().parse().ok()?;
        Some(UnixMillis(due))
    });
    let arrival = Arrival {
        id: MessageId { source, sequence },
        reply,
        pieces,
        events: u64::try_from(whole).unwrap_or(u64::MAX),
        deliveries,
        due,
        given_out_after: asked_at,
    };
    if deliveries > poison::DELIVERIES && !lane.hand().has(arrival.id) {
        poison::bury(shared, lane, arrival, damaged);
    } else if damaged.is_empty() {
        arrivals::take(shared, lane, arrival);
    } else {
        damaged::bury_events(shared, lane, damaged, arrival);
    }
}

/// The sequence number of a message in its stream, and how often it was given out, by where it is acknowledged:
/// `$JS.ACK.<stream>.<consumer>.<given out>.<sequence>.…`, or with domain and account in front of the stream.
fn delivery_of(reply: &str) -> Option<(u64, u64)> {
    let tokens: Vec<&str> = reply.split('.').collect();
    let skipped = if tokens.len() >= 11 { 2 } else { 0 };
    let token = |at: usize| tokens.get(at + skipped)?.parse().ok();
    Some((token(5)?, token(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_pull_says_how_many_messages_are_not_sent() {
        let headers = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(UNSENT_HEADER, value);
            headers
        };
        assert_eq!(unsent(Some(&headers("854"))), Some(854));
        assert_eq!(unsent(Some(&headers("many"))), None);
        assert_eq!(unsent(Some(&HeaderMap::new())), None, "another leader");
        assert_eq!(unsent(None), None);
    }

    #[test]
    fn sequence_and_count_are_read_from_both_forms_of_reply() {
        let short = "$JS.ACK.EVENTS.deliver.3.1234.77.1767225600000000000.0";
        assert_eq!(delivery_of(short), Some((1234, 3)));
        let long = "$JS.ACK.hub.ACCOUNT.EVENTS.deliver.1.9.7.1767225600000000000.0.x";
        assert_eq!(delivery_of(long), Some((9, 1)));
        for wrong in ["", "a.b", "$JS.ACK.a.b.c.d.e"] {
            assert_eq!(delivery_of(wrong), None, "{wrong}");
        }
    }
}
