//! Makes messages of their own of events that leave the message they are in: those that are not due for long, and what
//! is left of old messages.

use async_nats::HeaderMap;
use async_nats::header::{NATS_SCHEDULE, NATS_SCHEDULE_TARGET};
use conversions_delivery::{KeyRange, UnixMillis};
use futures_util::{StreamExt as _, stream};

use crate::hand::Remainder;
use crate::lane::Lane;
use crate::message;
use crate::publish::{Outgoing, publish};
use crate::puller::DUE_HEADER;
use crate::shared::Shared;

/// Messages on their way at once.
const AT_ONCE: usize = 64;

/// Publishes what is to move, and then counts it as settled where it was. What the broker does not take stays there.
pub(crate) async fn move_out(
    shared: &Shared,
    lane: &Lane,
    remainders: Vec<Remainder>,
    now: UnixMillis,
) {
    let mut moving = Vec::with_capacity(remainders.len());
    for remainder in remainders {
        let outgoing = outgoing(lane, &remainder, now);
        moving.push(async move {
            let is_stored = publish(&shared.context, &outgoing).await.is_ok();
            is_stored.then(|| remainder.keys())
        });
    }
    let moved: Vec<Option<KeyRange>> = stream::iter(moving)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut hand = lane.hand();
    for keys in moved.into_iter().flatten() {
        hand.settle_moved(keys);
    }
}

/// The message of a remainder: one that the broker holds until it is due, or one that may be pulled at once.
fn outgoing(lane: &Lane, remainder: &Remainder, now: UnixMillis) -> Outgoing {
    let first = remainder.keys().first.0;
    let mut headers = HeaderMap::new();
    let due = remainder.due.filter(|due| *due > now);
    let due = due.and_then(|due| Some((due, jiff::Timestamp::from_millisecond(due.0).ok()?)));
    let events = remainder.frame.frame.len();
    let subject = match due {
        Some((due, at)) => {
            headers.insert(NATS_SCHEDULE, format!("@at {at}").as_str());
            headers.insert(
                NATS_SCHEDULE_TARGET,
                lane.names.due_subject(events).as_str(),
            );
            headers.insert(DUE_HEADER, due.0.to_string().as_str());
            format!("{}.{first}", lane.names.later)
        }
        None => lane.names.due_subject(events),
    };
    Outgoing {
        subject,
        // A message that is given out again after its events were moved does not move them twice; when they are moved once
        // more they come from another message.
        id: format!(
            "moved-{}-{:?}-{}-{first}-{events}-{}",
            lane.names.later,
            remainder.message.source,
            remainder.message.sequence,
            due.map_or(0, |(due, _)| due.0)
        ),
        headers,
        payload: message::write([&remainder.frame]),
    }
}
