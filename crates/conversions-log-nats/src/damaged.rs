//! Events that cannot be read become dead letters; what is left of them is kept for a person to look at.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Subject;
use bytes::Bytes;
use conversions_delivery::frame_codec::DamagedEvent;
use conversions_delivery::{DeadLetter, DeadLetterReason, EventKey};

use crate::hand::Arrival;
use crate::lane::Lane;
use crate::shared::Shared;
use crate::{acknowledging, arrivals, burying};

/// Buries the damaged events of a message, and takes the others into hand when that is done. If it is not, the broker
/// gives the message out again.
pub(crate) fn bury_events(
    shared: &Arc<Shared>,
    lane: &Arc<Lane>,
    damaged: Vec<DamagedEvent>,
    others: Arrival,
) {
    let (shared, lane) = (Arc::clone(shared), Arc::clone(lane));
    let owner = Arc::clone(&shared);
    owner.spawn(async move {
        let letters = damaged
            .into_iter()
            .map(|event| letter(&shared, &lane, event.key, event.bytes));
        let letters: Vec<_> = letters.collect();
        tracing::error!(destination = %lane.destination, events = letters.len(), "damaged events in the log become dead letters");
        match burying::publish_letters(&shared, &letters).await {
            Ok(()) => arrivals::take(&shared, &lane, others),
            Err(error) => {
                tracing::error!(destination = %lane.destination, "damaged events stay in the log: {error}");
            }
        }
    });
}

/// Buries a message of which nothing can be read, and acknowledges it when that is done.
pub(crate) fn bury_message(
    shared: &Arc<Shared>,
    lane: &Arc<Lane>,
    key: u64,
    payload: Bytes,
    reply: Subject,
) {
    let (shared, lane) = (Arc::clone(shared), Arc::clone(lane));
    let owner = Arc::clone(&shared);
    owner.spawn(async move {
        tracing::error!(destination = %lane.destination, "a damaged message in the log becomes a dead letter");
        let letter = letter(&shared, &lane, EventKey(key), payload);
        // If it is not buried the broker gives it out again.
        if burying::publish_letters(&shared, &[letter]).await.is_ok() {
            acknowledging::acknowledge_one(&shared, reply).await;
        }
    });
}

/// A letter of what is left of an event.
pub(crate) fn letter(shared: &Shared, lane: &Lane, key: EventKey, event: Bytes) -> DeadLetter {
    let now = shared.last_now();
    DeadLetter {
        id: key,
        destination: Arc::clone(&lane.destination),
        test_event_code: None,
        event,
        event_time: now.seconds(),
        max_age: Duration::ZERO,
        line: None,
        reason: DeadLetterReason::Damaged,
        verdict: None,
        attempts: 0,
        first_at: now,
        last_at: now,
    }
}
