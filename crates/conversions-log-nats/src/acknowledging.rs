//! Acknowledgements that the broker confirms, one by one or in groups, and signs of life for messages in hand.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Instant;

use async_nats::{Client, Subject};
use conversions_delivery::LogError;
use conversions_nats::{Answer, HoldTiming, answer, tell};
use futures_util::{StreamExt as _, stream};

use crate::connection::REQUEST_TIMEOUT;
use crate::hand::{Leadership, Settled, ToAcknowledge};
use crate::lane::Lane;
use crate::shared::Shared;

/// Requests to the broker at once.
const AT_ONCE: usize = 256;
/// Messages of a group. A confirmation costs the servers two thirds of an acknowledgement more, so larger groups save
/// hardly anything.
const GROUP: usize = 64;

/// Acknowledges every message of a lane that is settled.
///
/// # Errors
///
/// [`LogError::Unavailable`] when the broker does not confirm one of them: the next call tries that again.
pub(crate) async fn acknowledge(shared: &Shared, lane: &Lane) -> Result<(), LogError> {
    let begun = Begun {
        lane,
        messages: lane.hand().begin_acknowledging(),
    };
    let client = shared.context.client();
    let ToAcknowledge {
        alone,
        grouped,
        leadership,
    } = &begun.messages;
    let groups = alone.chunks(1).chain(grouped.chunks(GROUP));
    let mut requests = Vec::with_capacity(alone.len() + grouped.len().div_ceil(GROUP));
    for group in groups {
        requests.push(acknowledge_group(&client, lane, group, leadership.as_ref()));
    }
    let answers: Vec<bool> = stream::iter(requests)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    lane.room.notify_waiters();
    if lane.hand().covered().has_many() {
        lane.look.notify_one();
    }
    if answers.iter().all(|is_confirmed| *is_confirmed) {
        return Ok(());
    }
    Err(LogError::Unavailable {
        reason: "JetStream does not confirm that delivered events are removed".to_owned(),
    })
}

/// Acknowledges messages, and waits until the last of them is confirmed. The server of a connection passes on what comes
/// in its order, so on the same connection the others have reached the leader before the last one has. Returns whether all
/// are confirmed, or covered.
async fn acknowledge_group(
    client: &Client,
    lane: &Lane,
    group: &[Settled],
    leadership: Option<&Arc<Leadership>>,
) -> bool {
    let Some((last, others)) = group.split_last() else {
        return true;
    };
    let before = connects(client);
    let mut are_sent = true;
    for message in others {
        are_sent &= tell(client, message.reply.clone(), Answer::Acknowledged).await;
    }
    let is_confirmed = confirmed(client, last.reply.clone(), Answer::Acknowledged).await;
    lane.hand().end_acknowledging(last.id, is_confirmed);
    if others.is_empty() {
        return is_confirmed;
    }
    let is_same_connection = connects(client) == before;
    if let Some(leadership) = leadership
        && is_confirmed
        && are_sent
        && is_same_connection
    {
        lane.hand().cover(others, leadership, Instant::now());
        return true;
    }
    let mut hand = lane.hand();
    for message in others {
        hand.end_unknown(message.id);
    }
    false
}

/// How often a client has connected.
fn connects(client: &Client) -> u64 {
    client.statistics().connects.load(Ordering::Acquire)
}

/// Messages of which an acknowledgement has begun: another task may try when this one is dropped on the way.
struct Begun<'a> {
    lane: &'a Lane,
    messages: ToAcknowledge,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let mut hand = self.lane.hand();
        for settled in self.messages.iter() {
            hand.end_acknowledging(settled.id, false);
        }
    }
}

/// Acknowledges in a task of its own.
pub(crate) fn start(shared: &Arc<Shared>, lane: &Arc<Lane>) {
    let (shared, lane) = (Arc::clone(shared), Arc::clone(lane));
    let owner = Arc::clone(&shared);
    owner.spawn(async move {
        // Maintenance tries again what fails.
        let _ = acknowledge(&shared, &lane).await;
    });
}

/// Gives messages back, and waits until the broker has heard it.
pub(crate) async fn give_back_all(shared: &Shared, replies: Vec<Subject>) {
    let client = shared.context.client();
    let requests: Vec<_> = replies
        .into_iter()
        .map(|reply| confirmed(&client, reply, Answer::GivenBack))
        .collect();
    let requests = stream::iter(requests).buffer_unordered(AT_ONCE);
    requests.for_each(|_| async {}).await;
}

/// Acknowledges one message that is not in hand.
pub(crate) async fn acknowledge_one(shared: &Shared, reply: Subject) -> bool {
    confirmed(&shared.context.client(), reply, Answer::Acknowledged).await
}

/// Tells the broker of the messages in hand that this node works on them, until the log is dropped.
pub(crate) async fn keep_in_hand(weak: Weak<Shared>) {
    let Some(ack_wait) = weak.upgrade().map(|shared| shared.options.ack_wait) else {
        return;
    };
    let timing = HoldTiming::of(ack_wait);
    loop {
        tokio::time::sleep(timing.look_every).await;
        let Some(shared) = weak.upgrade() else {
            return;
        };
        let client = shared.context.client();
        for lane in shared.lanes() {
            let now = Instant::now();
            let Some(then) = now.checked_sub(timing.sign_after) else {
                continue;
            };
            let quiet = lane.hand().confirmed_before(then);
            let mut requests = Vec::with_capacity(quiet.len());
            for (id, reply) in quiet {
                let (client, lane) = (client.clone(), Arc::clone(&lane));
                requests.push(async move {
                    let sent_at = Instant::now();
                    if confirmed(&client, reply, Answer::Working).await {
                        lane.hand().confirm(id, sent_at, Instant::now(), ack_wait);
                    }
                });
            }
            let requests = stream::iter(requests).buffer_unordered(AT_ONCE);
            requests.for_each(|()| async {}).await;
        }
    }
}

/// Returns whether the broker has confirmed it.
async fn confirmed(client: &Client, reply: Subject, what: Answer) -> bool {
    answer(client, reply, what, REQUEST_TIMEOUT).await
}
