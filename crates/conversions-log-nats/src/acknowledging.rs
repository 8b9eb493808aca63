//! Acknowledgements that the broker confirms, and signs of life for messages in hand.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use async_nats::{Client, Request, Subject};
use bytes::Bytes;
use conversions_delivery::LogError;
use futures_util::{StreamExt as _, stream};

use crate::connection::REQUEST_TIMEOUT;
use crate::lane::Lane;
use crate::shared::Shared;

/// A request to Meta ends within this time.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// For what a clock, a task or a packet may be late.
const MARGIN: Duration = Duration::from_secs(2);

/// What has to happen within the time that the broker waits for a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timing {
    /// No request may begin with a message that the broker has not heard of for longer: another node may have it before
    /// the request ends.
    pub(crate) fresh_for: Duration,
    /// Messages that the broker has not heard of for this long get a sign of life.
    sign_after: Duration,
    look_every: Duration,
    /// How long a pull stays open. What it brings counts as heard of when it was opened, so this is short next to
    /// `sign_after`. When the server of a pull dies, this is how long nothing comes.
    pub(crate) open_for: Duration,
}

/// How long a pull stays open at most.
const LONGEST_PULL: Duration = Duration::from_secs(4);

impl Timing {
    /// Of a broker that waits this long. What is fresh stays so over several signs of life, also where the broker waits for
    /// less than a request may take.
    pub(crate) fn of(ack_wait: Duration) -> Self {
        let before_another = ack_wait.saturating_sub(LONGEST_REQUEST + MARGIN);
        Self {
            fresh_for: before_another.max(ack_wait * 7 / 15),
            sign_after: ack_wait / 4,
            look_every: ack_wait / 15,
            open_for: LONGEST_PULL.min(ack_wait / 5),
        }
    }
}

/// Requests to the broker at once.
const AT_ONCE: usize = 256;

const ACKNOWLEDGED: &str = "+ACK";
const WORKING: &str = "+WPI";
const GIVEN_BACK: &str = "-NAK";

/// Acknowledges every message of a lane that is settled.
///
/// # Errors
///
/// [`LogError::Unavailable`] when the broker does not confirm one of them: the next call tries that again.
pub(crate) async fn acknowledge(shared: &Shared, lane: &Lane) -> Result<(), LogError> {
    let begun = Begun {
        lane,
        settled: lane.hand().begin_acknowledging(),
    };
    let client = shared.context.client();
    let mut requests = Vec::with_capacity(begun.settled.len());
    for settled in begun.settled.clone() {
        let client = client.clone();
        requests.push(async move {
            let is_confirmed = confirmed(&client, settled.reply, ACKNOWLEDGED).await;
            lane.hand().end_acknowledging(settled.id, is_confirmed);
            is_confirmed
        });
    }
    let answers: Vec<bool> = stream::iter(requests)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    lane.room.notify_waiters();
    if answers.iter().all(|is_confirmed| *is_confirmed) {
        return Ok(());
    }
    Err(LogError::Unavailable {
        reason: "JetStream does not confirm that delivered events are removed".to_owned(),
    })
}

/// Messages of which an acknowledgement has begun: another task may try when this one is dropped on the way.
struct Begun<'a> {
    lane: &'a Lane,
    settled: Vec<crate::hand::Settled>,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let mut hand = self.lane.hand();
        for settled in &self.settled {
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

/// Gives a message back, to be given out again at once or later.
pub(crate) async fn give_back(client: &Client, reply: Subject, after: Option<Duration>) {
    // One that does not arrive is given out again when its time is over.
    let _ = client.publish(reply, given_back(after)).await;
}

/// Gives messages back, and waits until the broker has heard it.
pub(crate) async fn give_back_all(shared: &Shared, replies: Vec<Subject>) {
    let client = shared.context.client();
    let requests: Vec<_> = replies
        .into_iter()
        .map(|reply| confirmed(&client, reply, GIVEN_BACK))
        .collect();
    let requests = stream::iter(requests).buffer_unordered(AT_ONCE);
    requests.for_each(|_| async {}).await;
}

/// Acknowledges one message that is not in hand.
pub(crate) async fn acknowledge_one(shared: &Shared, reply: Subject) -> bool {
    confirmed(&shared.context.client(), reply, ACKNOWLEDGED).await
}

/// Tells the broker of the messages in hand that this node works on them, until the log is dropped.
pub(crate) async fn keep_in_hand(weak: Weak<Shared>) {
    let Some(ack_wait) = weak.upgrade().map(|shared| shared.options.ack_wait) else {
        return;
    };
    let timing = Timing::of(ack_wait);
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
                    if confirmed(&client, reply, WORKING).await {
                        lane.hand().confirm(id, sent_at, Instant::now(), ack_wait);
                    }
                });
            }
            let requests = stream::iter(requests).buffer_unordered(AT_ONCE);
            requests.for_each(|()| async {}).await;
        }
    }
}

/// Sends a word to where a message is acknowledged. Returns whether the broker has confirmed it.
async fn confirmed(client: &Client, reply: Subject, word: &'static str) -> bool {
    let request = Request::new()
        .payload(Bytes::from_static(word.as_bytes()))
        .timeout(Some(REQUEST_TIMEOUT));
    let answer = client.send_request(reply, request).await;
    answer.is_ok_and(|answer| answer.status.is_none())
}

fn given_back(after: Option<Duration>) -> Bytes {
    match after {
        None => Bytes::from_static(GIVEN_BACK.as_bytes()),
        Some(after) => format!(r#"{GIVEN_BACK} {{"delay": {}}}"#, after.as_nanos()).into(),
    }
}
