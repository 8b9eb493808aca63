//! Pulls messages of a destination into its hand, as long as there is room.
//!
//! All nodes pull from one consumer, and each message goes to one of them. A pull stays open for some seconds and
//! brings what is there and what comes meanwhile.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use async_nats::Message;
use conversions_delivery::UnixMillis;
use conversions_nats::{HoldTiming, PullEnd, PullRequest, Pulled, Puller};
use tokio::sync::watch;

use crate::hand::{Arrival, MessageId, Source};
use crate::lane::Lane;
use crate::message::{self, Opened};
use crate::names::CONSUMER;
use crate::shared::Shared;
use crate::{arrivals, damaged, looking, poison, telemetry};

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
/// Between two attempts when nobody answers, or the servers refuse.
const PAUSE: Duration = Duration::from_millis(250);
/// The header with the time from which on a deferred event may be leased, in Unix milliseconds.
pub(crate) const DUE_HEADER: &str = "Segue-Due";

/// Starts to pull for a destination, unless that has begun.
pub(crate) fn start(shared: &Arc<Shared>, lane: &Arc<Lane>) {
    if shared.is_closing() || lane.is_pulled.swap(true, Ordering::AcqRel) {
        return;
    }
    looking::start(shared, lane);
    for source in [Source::Events, Source::Later] {
        let pulling = Pulling {
            shared: Arc::downgrade(shared),
            lane: Arc::clone(lane),
            source,
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
    closing: watch::Receiver<bool>,
    timing: HoldTiming,
}

impl Pulling {
    /// Pulls until the log is closed or dropped.
    async fn run(mut self) {
        let Some(mut puller) = self.puller() else {
            return;
        };
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
            let request = PullRequest {
                messages: PULL_MESSAGES,
                bytes: Some(PULL_BYTES),
                open_for: self.timing.pull_for(LONGEST_PULL),
            };
            if !puller.ask(request).await {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            match self.receive(&mut puller).await {
                Some(PullEnd::Unanswered | PullEnd::Refused) => tokio::time::sleep(PAUSE).await,
                Some(_) => {}
                None => return puller.give_back_rest(self.timing.fresh_for).await,
            }
        }
    }

    /// `None` when the log was dropped.
    fn puller(&self) -> Option<Puller> {
        let client = self.shared.upgrade()?.context.client();
        let stream = match self.source {
            Source::Events => &self.lane.names.events_stream,
            Source::Later => &self.lane.names.later_stream,
        };
        Some(Puller::new(client, stream, CONSUMER))
    }

    fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Takes what a pull brings. Returns how it ended; `None` when the log is being closed or was dropped.
    async fn receive(&mut self, puller: &mut Puller) -> Option<PullEnd> {
        loop {
            let next = tokio::select! {
                biased;
                () = until_closing(&mut self.closing) => return None,
                next = puller.next() => next,
            };
            match next {
                Pulled::Message { message, asked_at } => {
                    let shared = self.shared.upgrade()?;
                    take(&shared, &self.lane, self.source, message, asked_at);
                }
                Pulled::End(end) => return Some(end),
            }
        }
    }
}

async fn until_closing(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|is_closing| *is_closing).await;
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
