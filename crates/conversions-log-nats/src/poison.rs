//! Messages that are given out again and again.
//!
//! A message that was given out several times and never settled has probably ended every process that had it. It becomes
//! dead letters as a whole, before it ends the next one. What is given out again for a good reason does not count: what a
//! node gives back, or cannot read because it is older than the message, becomes a new message in time.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{HeaderMap, Subject};
use bytes::Bytes;
use conversions_delivery::frame_codec::DamagedEvent;
use conversions_delivery::{DeadLetter, DeadLetterReason, LeasedFrame};

use crate::hand::Arrival;
use crate::lane::Lane;
use crate::publish::{Outgoing, publish};
use crate::shared::Shared;
use crate::{acknowledging, burying, damaged, fingerprint};

/// A message that was given out this often, and was not settled, is not tried once more.
pub(crate) const DELIVERIES: u64 = 5;
/// A node that ends gives back what was given out this often; of the rest it makes new messages.
pub(crate) const GIVEN_BACK_AT_MOST: u64 = 2;
/// When a message of a newer version is given out again.
const NEWER_AGAIN_AFTER: Duration = Duration::from_mins(1);

/// Buries the events of a message, and acknowledges it when that is done. If it is not, the broker gives it out again.
pub(crate) fn bury(
    shared: &Arc<Shared>,
    lane: &Arc<Lane>,
    arrival: Arrival,
    damaged: Vec<DamagedEvent>,
) {
    let (shared, lane) = (Arc::clone(shared), Arc::clone(lane));
    let owner = Arc::clone(&shared);
    owner.spawn(async move {
        let now = shared.last_now();
        let events = arrival.pieces.iter().flat_map(LeasedFrame::events);
        let reason = DeadLetterReason::PoisonFrame;
        let letters =
            events.map(|event| DeadLetter::new(Arc::clone(&lane.destination), event, reason, now));
        let damaged = damaged
            .into_iter()
            .map(|event| damaged::letter(&shared, &lane, event.key, event.bytes));
        let letters: Vec<_> = letters.chain(damaged).collect();
        tracing::error!(
            destination = %lane.destination,
            events = letters.len(),
            deliveries = arrival.deliveries,
            "a message that was given out again and again, and never settled, becomes dead letters"
        );
        match burying::publish_letters(&shared, &letters).await {
            Ok(()) => {
                acknowledging::acknowledge_one(&shared, arrival.reply).await;
            }
            Err(error) => {
                tracing::error!(destination = %lane.destination, "it stays in the log: {error}");
            }
        }
    });
}

/// Keeps a message that a newer program wrote: gives it back for a minute, or makes a new one of it when it has been given
/// out so often that a node which can read it would take it for poison.
pub(crate) fn keep_newer(
    shared: &Arc<Shared>,
    subject: Subject,
    payload: Bytes,
    reply: Subject,
    deliveries: u64,
) {
    let owner = Arc::clone(shared);
    let shared = Arc::clone(shared);
    owner.spawn(async move {
        let outgoing = Outgoing {
            subject: subject.into_string(),
            id: fingerprint::random(),
            headers: HeaderMap::new(),
            payload,
        };
        let is_moved =
            deliveries + 1 >= DELIVERIES && publish(&shared.context, &outgoing).await.is_ok();
        if is_moved {
            acknowledging::acknowledge_one(&shared, reply).await;
        } else {
            let client = shared.context.client();
            conversions_nats::give_back(&client, reply, Some(NEWER_AGAIN_AFTER)).await;
        }
    });
}
